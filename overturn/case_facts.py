"""What a letter may state about a case, from the record; what the record does not have stays unknown.

The classifier's explanation stays inside the house: why the payer is wrong is for the specialist to write.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import letter_addresses
from overturn.db.authorizations import authorizations_of
from overturn.db.letter_choice import letter_level
from overturn.db.remittances import full_name
from overturn.db.submissions import latest_submissions
from overturn.domain.appeals import REOPENING_LEVEL, DenialCode, LetterFacts, LetterLine
from overturn.domain.authorizations import AuthorizationUse
from overturn.domain.codes import Confidence, PayerScope
from overturn.domain.payers import MEDICARE_FFS
from overturn.domain.submission import SubmittedClaim
from overturn.rulebook import Rulebook

TELEPHONE_DIGITS: Final = 10
SEPARATE_SERVICE: Final = frozenset({"59", "XE", "XS", "XP", "XU"})
"""Modifiers that say a service was separate (NCCI policy manual, chapter I)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A value of the record, or None, and where it stands."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything the record holds about one case, as rows. `other_payer` is what another payer decided."""

    case: tables.DenialCase
    claim: tables.Claim
    payment: tables.ClaimPayment
    remittance: tables.Remittance
    denials: Sequence[tables.Denial]
    lines: dict[int, tables.ServiceLine]
    submitted: SubmittedClaim | None
    acceptance: tables.ClaimAcknowledgement | None
    other_payer: tuple[tables.ClaimPayment, tables.Remittance] | None = None
    authorizations: Sequence[AuthorizationUse] = ()
    addresses: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)


async def gather_facts(
    session: AsyncSession, case: tables.DenialCase, *, rulebook: Rulebook, letter_on: date
) -> LetterFacts:
    """The facts of the case's letter. Amounts are US dollars, `letter_on` the date printed on it."""
    return letter_facts(await _read(session, case), rulebook=rulebook, letter_on=letter_on)


def letter_facts(file: CaseFile, *, rulebook: Rulebook, letter_on: date) -> LetterFacts:
    medicare = file.case.line_of_business == MEDICARE_FFS
    found = {
        **_payment_facts(file),
        **_deadline_facts(file.case),
        **_submitted_facts(file),
        **_acceptance_facts(file.acceptance),
        **_proof_facts(file),
        **_enrolment_facts(file, rulebook),
        **_authorization_facts(file),
        "evidence": Known(_evidence(file), "837P and 277CA of the claim"),
        **_other_payer_facts(file),
        **_address_facts(file),  # what the practice says of itself counts before what a claim once carried
    }
    known = {name: fact for name, fact in found.items() if fact.value not in (None, (), "")}
    return LetterFacts(
        letter_on=letter_on,
        payer_scope=PayerScope.MEDICARE if medicare else PayerScope.ANY,
        denied_amount=None if file.case.unpriced_amount else file.case.denied_amount,
        lines=tuple(_line(d, line, rulebook) for d, line in _denied_lines(file)),
        denial_codes=tuple(
            code for d in file.denials if d.line_number is None for code in _codes(d, rulebook)
        ),
        sources={name: fact.source for name, fact in known.items()},
        **{name: fact.value for name, fact in known.items()},
    )


def _payment_facts(file: CaseFile) -> dict[str, Known]:
    """What the remittance says, and our own entry of the claim where it is silent."""
    claim, payment, remittance = file.claim, file.payment, file.remittance
    payer = _remittance_words(remittance, remittance.segment_index)
    paid = _remittance_words(remittance, payment.segment_index)
    ours = "our entry of the claim"
    return {
        "practice_name": Known(remittance.payee_name, payer),
        "practice_npi": _first(Known(remittance.payee_npi, payer), Known(claim.billing_npi, ours)),
        "payer_name": _first(Known(remittance.payer_name, payer), Known(file.case.payer_name, ours)),
        "patient_name": _first(Known(payment.patient_name, paid), Known(claim.patient_name, ours)),
        "member_id": _first(Known(payment.member_identifier, paid), Known(claim.member_identifier, ours)),
        "patient_control_number": Known(claim.patient_control_number, ours),
        "payer_claim_control_number": Known(payment.payer_claim_control_number, paid),
        "service_from": _first(Known(payment.service_from, paid), Known(claim.service_from, ours)),
        "service_to": _first(Known(payment.service_to, paid), Known(claim.service_to, ours)),
        "remittance_on": Known(remittance.payment_on, payer),
        "trace_number": Known(remittance.trace_number, payer),
        "rendering_npi": Known(_rendering_npi(file), paid),
    }


def _first(one: Known, other: Known) -> Known:
    return one if one.value else other


def _remittance_words(remittance: tables.Remittance, segment_index: int) -> str:
    return f"835 of {remittance.payment_on or 'no date'}, segment {segment_index}"


ADDRESSES: Final = frozenset({"practice_address", "payer_address"})


def _address_facts(file: CaseFile) -> dict[str, Known]:
    """Who writes and to whom, as it was entered; what is empty there leaves what the claim says."""
    return {
        name: Known(lines if name in ADDRESSES else lines[0], source)
        for name, (lines, source) in file.addresses.items()
    }


def _rendering_npi(file: CaseFile) -> str | None:
    on_lines = (line.rendering_npi for line in file.lines.values() if line.rendering_npi)
    return file.payment.rendering_npi or next(on_lines, None)


def _deadline_facts(case: tables.DenialCase) -> dict[str, Known]:
    """The step and its last day. A reopening stands outside the ladder of appeals: its case is watched by the
    appeal's window, but the letter must not claim that step or its source."""
    if letter_level(case) == REOPENING_LEVEL or not case.deadline:
        return {}
    rule = case.deadline.get("rule", {})
    source = f"filing_windows.csv, row {rule.get('id', 'unknown')}"
    return {
        "level_name": Known(case.deadline.get("level_name"), source),
        "due_on": Known(case.due_on, source),
        "rule_source": Known(rule.get("source"), source),
    }


def _submitted_facts(file: CaseFile) -> dict[str, Known]:
    """What only our own 837P knows."""
    submitted = file.submitted
    if submitted is None:
        return {}
    source = f"837P of {submitted.submitted_on or 'no date'}, segment {submitted.segment_index}"
    rendering, npi = submitted.rendering_provider, _rendering_npi(file)
    same = rendering is not None and npi in (None, rendering.identifier)
    values = {
        "practice_address": submitted.billing_provider.address,
        "practice_phone": telephone(submitted.billing_provider.phone),
        "patient_born_on": submitted.patient_born_on,
        "diagnosis_codes": tuple(submitted.diagnoses),
        "authorization_number": submitted.prior_authorization,
        "rendering_name": full_name(rendering) if same else None,
        "separate_service_lines": _separate_lines(file, submitted),
    }
    return {name: Known(value, source) for name, value in values.items()}


def _separate_lines(file: CaseFile, submitted: SubmittedClaim) -> tuple[str, ...]:
    denied = {d.line_number for d in file.denials}
    return tuple(
        f"line {line.line_number}, {line.procedure}, with modifier {' and '.join(said)}"
        for line in submitted.lines
        if line.line_number in denied and (said := [m for m in line.modifiers if m in SEPARATE_SERVICE])
    )


def _acceptance_facts(acceptance: tables.ClaimAcknowledgement | None) -> dict[str, Known]:
    if acceptance is None:
        return {}
    source = f"277CA of {acceptance.acknowledged_on or 'no date'}, segment {acceptance.segment_index}"
    return {
        "accepted_on": Known(acceptance.acknowledged_on, source),
        "acceptance_number": Known(acceptance.payer_claim_control_number, source),
    }


PROOFS: Final = {
    "ncci_no_edit": "edit_finding",
    "mue_within_limit": "unit_finding",
    "missing_kx": "threshold_finding",
}
"""The proofs that carry an argument, by cause, and the fact each of them is in a letter."""


def _proof_facts(file: CaseFile) -> dict[str, Known]:
    """What the classifier proved for sure, of the first line that has it. What rests on a table that is over
    or another's is for the specialist to check: a letter does not say it."""
    found: dict[str, Known] = {}
    for denial in file.denials:
        proof = (denial.reasoning or {}).get("proof") or {}
        fact = PROOFS.get(proof.get("cause", ""))
        if fact and proof["confidence"] == Confidence.HIGH:
            tables = "; ".join(f"{table['name']}, {table['quarter']}" for table in proof["tables"])
            quarters = " and ".join(table["quarter"] for table in proof["tables"])
            said = f"{proof['finding'].rstrip('.')}{f' (CMS table of {quarters})' if quarters else ''}."
            found.setdefault(fact, Known(said, tables or "835 of the member's earlier claims"))
    return found


def _enrolment_facts(file: CaseFile, rulebook: Rulebook) -> dict[str, Known]:
    """When the payer's own letter lists the rendering provider."""
    npi, day = _rendering_npi(file), file.payment.service_from
    for row in rulebook.enrolments:
        if (row.npi, row.payer_key) == (npi, file.case.payer_key) and day and row.in_force(day):
            source = "rules/enrolments.csv"
            effective = Known(row.effective_from, source)
            return {"enrolment_effective_on": effective, "enrolment_reference": Known(row.reference, source)}
    return {}


def _authorization_facts(file: CaseFile) -> dict[str, Known]:
    """What the practice holds for the day: an authorization with room, or the payer's word that none is
    required. It counts before what a claim carried."""
    day, source = file.payment.service_from or file.claim.service_from, "the practice's authorizations"
    held = [use for use in file.authorizations if use.authorization.payer_key == file.case.payer_key]
    for use in held:
        known = use.authorization
        if day is None or not known.in_force(day) or not use.has_room(day, Decimal(0)):
            continue
        if not known.required:
            said = f"You told us that no authorization is required for this service ({known.reference})."
            return {"authorization_not_required": Known(said, source)}
        used = use.used_before(day)
        within = f"The visit of {day} falls within it: {used} were used before that day." if used else None
        return {
            "authorization_number": Known(known.number, source),
            "authorized_from": Known(known.effective_from, source),
            "authorized_to": Known(known.effective_to, source),
            "authorization_reason": Known(within, source),
        }
    return {}


def _other_payer_facts(file: CaseFile) -> dict[str, Known]:
    """What another payer decided on the same claim."""
    if file.other_payer is None:
        return {}
    payment, remittance = file.other_payer
    source = _remittance_words(remittance, payment.segment_index)
    return {
        "other_payer_name": Known(remittance.payer_name, source),
        "other_payer_decided_on": Known(remittance.payment_on, source),
        "other_payer_paid_amount": Known(payment.paid_amount, source),
    }


def telephone(digits: str | None) -> str | None:
    """Ten digits as people write them; anything else as it came."""
    if digits and len(digits) == TELEPHONE_DIGITS and digits.isdigit():
        return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return digits


def _denied_lines(file: CaseFile) -> list[tuple[tables.Denial, tables.ServiceLine]]:
    """Each denial of a line with the line as the case's own remittance has it; one that a later remittance
    added may stand on a line that is not there, and is then left to the person who writes."""
    found = ((d, file.lines.get(d.line_number or 0)) for d in file.denials)
    return [(denial, line) for denial, line in found if line is not None]


def _line(denial: tables.Denial, line: tables.ServiceLine, rulebook: Rulebook) -> LetterLine:
    return LetterLine(
        procedure=line.submitted_procedure or line.procedure or "",
        modifiers=tuple(line.submitted_modifiers or line.modifiers),
        units=line.units,
        service_on=line.service_on,
        charge_amount=line.charge_amount,
        paid_amount=line.paid_amount,
        denied_amount=None if denial.unpriced_amount else denial.denied_amount,
        denial_codes=_codes(denial, rulebook),
        paid_procedure=line.procedure
        if line.procedure != (line.submitted_procedure or line.procedure)
        else None,
    )


def _codes(denial: tables.Denial, rulebook: Rulebook) -> tuple[DenialCode, ...]:
    """The reason with its group, then the remarks; a line that was cut without a reason may have neither."""
    reasons, remarks = rulebook.denials.reasons, rulebook.denials.remarks
    labelled = [(code, remarks[code].label if code in remarks else None) for code in denial.rarcs]
    if denial.carc:
        reason = reasons.get(denial.carc)
        labelled.insert(0, (f"{denial.group_code}-{denial.carc}", reason.label if reason else None))
    return tuple(DenialCode(code=code, label=label or None) for code, label in labelled)


def _evidence(file: CaseFile) -> tuple[str, ...]:
    """Sentences that our claim and its acknowledgement prove, for the denied lines."""
    denied = {d.line_number for d in file.denials}
    said = []
    if file.submitted and file.submitted.submitted_on:
        said = [
            f"Our claim of {file.submitted.submitted_on} carries {line.procedure} with the modifiers "
            f"{', '.join(line.modifiers)} (line {line.line_number})."
            for line in file.submitted.lines
            if line.line_number in denied and line.modifiers
        ]
    if file.acceptance and file.acceptance.acknowledged_on:
        said.append(f"The claim was accepted into adjudication on {file.acceptance.acknowledged_on} (277CA).")
    return tuple(said)


async def _read(session: AsyncSession, case: tables.DenialCase) -> CaseFile:
    payment = await session.get_one(tables.ClaimPayment, case.claim_payment_id)
    denials = await session.scalars(
        select(tables.Denial)
        .where(col(tables.Denial.case_id) == case.id)
        .order_by(col(tables.Denial.line_number).nulls_first())
    )
    lines = await session.scalars(
        select(tables.ServiceLine).where(col(tables.ServiceLine.claim_payment_id) == payment.id)
    )
    return CaseFile(
        case=case,
        claim=await session.get_one(tables.Claim, case.claim_id),
        payment=payment,
        remittance=await session.get_one(tables.Remittance, payment.remittance_id),
        denials=denials.all(),
        lines={line.line_number: line for line in lines},
        submitted=(await latest_submissions(session, [case.claim_id])).get(case.claim_id),
        acceptance=await _first_acceptance(session, case),
        other_payer=await _other_payer(session, case),
        authorizations=(await authorizations_of(session, [case.claim_id])).get(case.claim_id, ()),
        addresses=await letter_addresses(session, case, level=letter_level(case)),
    )


async def _other_payer(
    session: AsyncSession, case: tables.DenialCase
) -> tuple[tables.ClaimPayment, tables.Remittance] | None:
    """The latest decision of a payer other than the case's on the same claim."""
    found = await session.execute(
        select(tables.ClaimPayment, tables.Remittance)
        .join(tables.Remittance, col(tables.Remittance.id) == col(tables.ClaimPayment.remittance_id))
        .where(
            col(tables.ClaimPayment.claim_id) == case.claim_id,
            col(tables.Remittance.payer_name) != case.payer_name,
        )
        .order_by(col(tables.Remittance.payment_on).desc().nulls_last())
        .limit(1)
    )
    row = found.first()
    return (row.ClaimPayment, row.Remittance) if row else None


async def _first_acceptance(
    session: AsyncSession, case: tables.DenialCase
) -> tables.ClaimAcknowledgement | None:
    """The proof of timely filing is the first time the payer took the claim in."""
    found: tables.ClaimAcknowledgement | None = await session.scalar(
        select(tables.ClaimAcknowledgement)
        .where(
            col(tables.ClaimAcknowledgement.claim_id) == case.claim_id,
            col(tables.ClaimAcknowledgement.accepted),
        )
        .order_by(col(tables.ClaimAcknowledgement.acknowledged_on).nulls_last())
        .limit(1)
    )
    return found
