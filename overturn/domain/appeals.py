"""Which letter a denial gets, and the facts a letter may state."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

MEDICARE: Final = "MEDICARE"
"""`payer_scope` of Medicare fee-for-service; every other payer passes another value."""

REOPENING_LEVEL: Final = 0
"""Reopenings stand outside the ladder of appeals (payer_rules.csv numbers them 0)."""

LETTER_ACTIONS: Final = frozenset({"appeal", "reopening", "send_records"})
"""The actions done by writing to the payer; every other action is a claim, a call, a bill or a write-off."""


class LetterChoice(NamedTuple):
    """One row of the table below; None matches anything. `letter` None says that no letter may go."""

    letter: str | None
    category: str | None = None
    cause: str | None = None
    action: str | None = None
    payer_scope: str | None = None
    level: int | None = None

    def matches(self, key: Sequence[object]) -> bool:
        return all(wanted is None or wanted == given for wanted, given in zip(self[1:], key, strict=True))


# The first row that matches wins.
LETTER_CHOICES: Final = (
    # CO-29 under Medicare is not an initial determination and carries no appeal (42 CFR 424.44, 405.926).
    LetterChoice(None, category="timely_filing", payer_scope=MEDICARE),
    LetterChoice("documentation", action="send_records"),
    # From the third level on (hearing, council, court) the whole record is argued, not one reason.
    *(LetterChoice("general", level=level) for level in (3, 4, 5)),
    # Clerical-error reopenings (42 CFR 405.980(a)(3)) exist in Medicare only.
    LetterChoice("kx_reopening", "modifier_kx", "missing_kx", "reopening", MEDICARE, REOPENING_LEVEL),
    LetterChoice("bundling", category="bundling"),
    LetterChoice("documentation", category="documentation", action="appeal"),
    LetterChoice("medical_necessity", category="medical_necessity", action="appeal"),
    LetterChoice("credentialing", category="credentialing_npi", action="appeal"),
    LetterChoice("authorization", category="authorization", action="appeal"),
    LetterChoice("timely_filing", category="timely_filing", action="appeal"),
    LetterChoice("general"),
)


def choose_letter(
    category: str, *, cause: str | None, action: str, payer_scope: str, level: int
) -> str | None:
    """The letter for a denial, or None where none may or need be written.

    `level` is the step of the appeal, 1 for the first, 0 for a reopening. Source: the rows above, which
    follow 42 CFR 405.926 and 405.980 where they shut a way and are our judgement elsewhere.
    """
    if action not in LETTER_ACTIONS:
        return None
    key = (category, cause, action, payer_scope, level)
    return next(choice.letter for choice in LETTER_CHOICES if choice.matches(key))


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DenialCode(_Facts):
    """A CARC with its group ("CO-50") or a RARC ("N115"), and our own label for it."""

    code: str
    label: str | None = None


class LetterLine(_Facts):
    """One denied service line. Amounts are US dollars."""

    procedure: str
    charge_amount: Decimal
    paid_amount: Decimal
    denied_amount: Decimal
    modifiers: tuple[str, ...] = ()
    units: Decimal | None = None
    service_on: date | None = None
    denial_codes: tuple[DenialCode, ...] = ()


class LetterFacts(_Facts):
    """Everything a letter may state. None or () means not known: a letter never fills it in by itself.

    `denial_codes` are those of the claim itself; a claim denied as a whole has no `lines`.
    Addresses are lines from top to bottom. `letter_on` is the date printed on the letter. `level_name`,
    `due_on` and `rule_source` come from the deadline rule: the step, its last day and the source of both.
    """

    letter_on: date
    payer_scope: str
    denied_amount: Decimal
    lines: tuple[LetterLine, ...]
    denial_codes: tuple[DenialCode, ...] = ()

    practice_name: str | None = None
    practice_npi: str | None = None
    practice_address: tuple[str, ...] = ()
    practice_phone: str | None = None
    signer_name: str | None = None
    signer_title: str | None = None
    payer_name: str | None = None
    payer_address: tuple[str, ...] = ()

    patient_name: str | None = None
    patient_born_on: date | None = None
    member_id: str | None = None
    diagnosis_codes: tuple[str, ...] = ()

    patient_control_number: str | None = None
    payer_claim_control_number: str | None = None
    service_from: date | None = None
    service_to: date | None = None
    remittance_on: date | None = None
    trace_number: str | None = None
    level_name: str | None = None
    due_on: date | None = None
    rule_source: str | None = None
    explanation: str | None = None
    evidence: tuple[str, ...] = ()

    rendering_name: str | None = None
    rendering_npi: str | None = None
    enrolment_effective_on: date | None = None
    enrolment_reference: str | None = None
    earlier_effect_reason: str | None = None

    plan_of_care_on: date | None = None
    plan_of_care_certified_on: date | None = None
    certifying_name: str | None = None
    skilled_need: str | None = None
    functional_progress: str | None = None
    separate_service_reason: str | None = None
    edit_finding: str | None = None

    authorization_number: str | None = None
    authorized_from: date | None = None
    authorized_to: date | None = None
    authorization_reason: str | None = None

    accepted_on: date | None = None
    acceptance_number: str | None = None

    @property
    def enrolled_at_service(self) -> bool | None:
        """Whether the rendering provider's enrollment was in effect on the first date of service."""
        if self.enrolment_effective_on is None or self.service_from is None:
            return None
        return self.enrolment_effective_on <= self.service_from
