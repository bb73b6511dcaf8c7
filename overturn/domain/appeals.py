"""Which letter a denial gets, and the facts a letter may state."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

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
    payer: str | None = None  # key in rules/payers.csv
    line_of_business: str | None = None

    def matches(self, key: Sequence[object]) -> bool:
        return all(wanted is None or wanted == given for wanted, given in zip(self[1:], key, strict=True))


COMMERCIAL: Final = "Commercial"

# The first row that matches wins.
LETTER_CHOICES: Final = (
    # CO-29 under Medicare is not an initial determination and carries no appeal (42 CFR 424.44, 405.926).
    LetterChoice(None, category="timely_filing", payer_scope=MEDICARE),
    LetterChoice("documentation", action="send_records"),
    LetterChoice("recoupment", cause="recoupment"),
    # From the second level on the decision below is argued, whatever it was about.
    LetterChoice("reconsideration", payer_scope=MEDICARE, level=2),
    LetterChoice("second_level", level=2),
    LetterChoice("external_review", level=3, line_of_business=COMMERCIAL),
    *(LetterChoice("general", level=level) for level in (3, 4, 5)),
    # Clerical-error reopenings (42 CFR 405.980(a)(3)) exist in Medicare only.
    LetterChoice("kx_reopening", "modifier_kx", "missing_kx", "reopening", MEDICARE, REOPENING_LEVEL),
    LetterChoice("bundling", category="bundling"),
    LetterChoice("units", cause="mue_units"),
    LetterChoice("units", cause="units_not_supported"),
    LetterChoice("downcoded_evaluation", cause="downcoded_evaluation"),
    LetterChoice("documentation", category="documentation", action="appeal"),
    LetterChoice("medical_necessity", category="medical_necessity", action="appeal"),
    LetterChoice("credentialing", category="credentialing_npi", action="appeal"),
    LetterChoice("authorization", category="authorization", action="appeal"),
    LetterChoice("timely_filing", category="timely_filing", action="appeal"),
    LetterChoice("duplicate", category="duplicate"),
    LetterChoice("coordination_of_benefits", category="coordination_of_benefits"),
    LetterChoice("eligibility", category="eligibility_coverage"),
    LetterChoice("processing_error", cause="unexplained_denial"),
    LetterChoice("processing_error", cause="unknown_code"),
    LetterChoice("general"),
)


def choose_letter(
    category: str,
    *,
    cause: str | None,
    action: str,
    payer_scope: str,
    level: int,
    payer: str | None = None,
    line_of_business: str | None = None,
) -> str | None:
    """The letter for a denial, or None where none may or need be written.

    `level` is the step of the appeal, 1 for the first, 0 for a reopening; `payer` the key of a payer in
    `rules/payers.csv`. Source: the rows above, which follow 42 CFR 405.926, 405.964 and 405.980 and
    45 CFR 147.136 where they shut or open a way and are our judgement elsewhere.
    """
    if action not in LETTER_ACTIONS:
        return None
    key = (category, cause, action, payer_scope, level, payer, line_of_business)
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
    denied_amount: Decimal | None
    """None where the denial has no price."""
    modifiers: tuple[str, ...] = ()
    units: Decimal | None = None
    service_on: date | None = None
    denial_codes: tuple[DenialCode, ...] = ()
    paid_procedure: str | None = None
    """Set where the payer paid another code than was billed."""


GIVEN: Final = frozenset({"letter_on", "payer_scope", "sources", "lines", "denied_amount", "denial_codes"})
"""Facts without a source of their own: the frame of the letter, and the denied lines, which stand in the
remittance that the letter names and encloses."""


class LetterFacts(_Facts):
    """Everything a letter may state. None or () means not known: a letter never fills it in by itself.

    `denial_codes` are those of the claim itself; a claim denied as a whole has no `lines`.
    Addresses are lines from top to bottom. `letter_on` is the date printed on the letter. `level_name`,
    `due_on` and `rule_source` come from the deadline rule: the step, its last day and the source of both.

    `sources` says for each known fact where in the record it stands ("835 of 2026-10-05, segment 41"). A fact
    without a source cannot be made: what has no evidence must not reach a letter.
    """

    letter_on: date
    payer_scope: str
    denied_amount: Decimal | None
    lines: tuple[LetterLine, ...]
    denial_codes: tuple[DenialCode, ...] = ()
    sources: Mapping[str, str] = {}

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
    separate_service_lines: tuple[str, ...] = ()
    edit_finding: str | None = None
    unit_finding: str | None = None
    threshold_finding: str | None = None
    units_reason: str | None = None
    history_findings: str | None = None
    examination_findings: str | None = None
    presentation_findings: str | None = None

    authorization_number: str | None = None
    authorized_from: date | None = None
    authorized_to: date | None = None
    authorization_reason: str | None = None
    authorization_not_required: str | None = None

    accepted_on: date | None = None
    acceptance_number: str | None = None

    distinct_service_reason: str | None = None
    other_payer_name: str | None = None
    other_payer_decided_on: date | None = None
    other_payer_paid_amount: Decimal | None = None
    coverage_order_reason: str | None = None
    coverage_reason: str | None = None
    coverage_verified_on: date | None = None
    coverage_reference: str | None = None
    processing_error: str | None = None

    recoupment_amount: Decimal | None = None
    recoupment_reference: str | None = None
    recoupment_on: date | None = None
    recoupment_reason: str | None = None

    prior_decision_on: date | None = None
    prior_decision_number: str | None = None
    prior_decision_reason: str | None = None

    @model_validator(mode="after")
    def _every_fact_has_a_source(self) -> Self:
        known = {name for name in type(self).model_fields if getattr(self, name) not in (None, (), "")}
        bare = sorted(known - self.sources.keys() - GIVEN)
        if bare:
            raise ValueError(f"no source in the record is named for: {', '.join(bare)}")
        return self

    @property
    def enrolled_at_service(self) -> bool | None:
        """Whether the rendering provider's enrollment was in effect on the first date of service."""
        if self.enrolment_effective_on is None or self.service_from is None:
            return None
        return self.enrolment_effective_on <= self.service_from
