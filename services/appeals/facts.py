"""What a letter may state about a case, from the record; what the record does not have stays unknown.

The classifier's explanation stays inside the house: why the payer is wrong is for the specialist to write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.letter_choice import letter_level
from overturn.db.remittances import full_name
from overturn.db.submissions import latest_submissions
from overturn.domain.appeals import REOPENING_LEVEL, DenialCode, LetterFacts, LetterLine
from overturn.domain.codes import PayerScope
from overturn.domain.payers import MEDICARE_FFS
from overturn.domain.submission import SubmittedClaim
from overturn.rulebook import Rulebook

TELEPHONE_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything the record holds about one case, as rows."""

    case: tables.DenialCase
    claim: tables.Claim
    payment: tables.ClaimPayment
    remittance: tables.Remittance
    denials: Sequence[tables.Denial]
    lines: dict[int, tables.ServiceLine]
    submitted: SubmittedClaim | None
    acceptance: tables.ClaimAcknowledgement | None


async def gather_facts(
    session: AsyncSession, case: tables.DenialCase, *, rulebook: Rulebook, letter_on: date
) -> LetterFacts:
    """The facts of the case's letter. Amounts are US dollars, `letter_on` the date printed on it."""
    return letter_facts(await _read(session, case), rulebook=rulebook, letter_on=letter_on)


def letter_facts(file: CaseFile, *, rulebook: Rulebook, letter_on: date) -> LetterFacts:
    case, claim, payment, remittance = file.case, file.claim, file.payment, file.remittance
    medicare = case.line_of_business == MEDICARE_FFS
    # A reopening stands outside the ladder of appeals: its case is watched by the appeal's window, but the
    # letter must not claim that step or its source.
    deadline = {} if letter_level(case) == REOPENING_LEVEL else case.deadline
    rendering_npi = payment.rendering_npi or next(
        (line.rendering_npi for line in file.lines.values() if line.rendering_npi), None
    )
    return LetterFacts(
        letter_on=letter_on,
        payer_scope=PayerScope.MEDICARE if medicare else PayerScope.ANY,
        denied_amount=case.denied_amount,
        lines=tuple(_line(d, line, rulebook) for d, line in _denied_lines(file)),
        denial_codes=tuple(
            code for d in file.denials if d.line_number is None for code in _codes(d, rulebook)
        ),
        practice_name=remittance.payee_name,
        practice_npi=remittance.payee_npi or claim.billing_npi,
        payer_name=remittance.payer_name or case.payer_name,
        patient_name=payment.patient_name or claim.patient_name,
        member_id=payment.member_identifier or claim.member_identifier,
        patient_control_number=claim.patient_control_number,
        payer_claim_control_number=payment.payer_claim_control_number,
        service_from=payment.service_from or claim.service_from,
        service_to=payment.service_to or claim.service_to,
        remittance_on=remittance.payment_on,
        trace_number=remittance.trace_number,
        level_name=deadline.get("level_name"),
        due_on=case.due_on if deadline else None,
        rule_source=deadline.get("rule", {}).get("source"),
        evidence=_evidence(file),
        rendering_npi=rendering_npi,
        accepted_on=file.acceptance.acknowledged_on if file.acceptance else None,
        acceptance_number=file.acceptance.payer_claim_control_number if file.acceptance else None,
        **_submitted_facts(file.submitted, rendering_npi),
    )


def _submitted_facts(submitted: SubmittedClaim | None, rendering_npi: str | None) -> dict[str, Any]:
    """What only our own 837P knows."""
    if submitted is None:
        return {}
    rendering = submitted.rendering_provider
    same = rendering is not None and rendering_npi in (None, rendering.identifier)
    return {
        "practice_address": submitted.billing_provider.address,
        "practice_phone": telephone(submitted.billing_provider.phone),
        "patient_born_on": submitted.patient_born_on,
        "diagnosis_codes": tuple(submitted.diagnoses),
        "authorization_number": submitted.prior_authorization,
        "rendering_name": full_name(rendering) if same else None,
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
        denied_amount=denial.denied_amount,
        denial_codes=_codes(denial, rulebook),
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
    )


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
