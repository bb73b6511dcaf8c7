"""A payer's answer to a claim, read and classified, as settlement takes it."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from overturn.domain.adjudication import sent_line
from overturn.domain.answers import (
    PREVIOUSLY_PAID_CARC,
    PRIOR_PAYER_CARC,
    Adjudication,
    LineAnswer,
    LineIdentity,
)
from overturn.domain.classification import ClaimDecision
from overturn.domain.remittance import ZERO, ClaimPayment, ServiceLine, sum_amounts
from overturn.domain.submission import SubmittedClaim


def answer_of(
    claim: ClaimPayment,
    decision: ClaimDecision,
    *,
    payment_id: UUID,
    payment_on: date | None,
    submitted: SubmittedClaim | None,
) -> Adjudication:
    """One CLP with its lines; each line is known by what was billed, as far as our own claim tells."""
    return Adjudication(
        payment_id=payment_id,
        payment_on=payment_on,
        status_code=claim.status_code,
        payer_claim_control_number=claim.payer_claim_control_number,
        charge_amount=claim.charge_amount,
        paid_amount=claim.paid_amount,
        contractual_amount=decision.contractual_amount,
        patient_amount=decision.patient_amount,
        denied_amount=decision.denied_amount,
        prior_payer_amount=sum_amounts(
            a.amount for a in claim.all_adjustments() if a.reason == PRIOR_PAYER_CARC
        ),
        lines=tuple(_line_answers(claim, decision, submitted)),
    )


def lines_sent(submitted: SubmittedClaim | None) -> tuple[LineIdentity, ...]:
    """The lines of our own claim, as far as it is known."""
    return tuple(
        LineIdentity(
            procedure=line.procedure,
            modifiers=frozenset(line.modifiers),
            service_on=line.service_on,
            charge_amount=line.charge_amount,
            control_number=line.control_number,
        )
        for line in (submitted.lines if submitted else ())
    )


def _line_answers(
    claim: ClaimPayment, decision: ClaimDecision, submitted: SubmittedClaim | None
) -> Iterator[LineAnswer]:
    unpriced = {denial.line: denial.unpriced_amount for denial in decision.denials}
    for line in claim.service_lines:
        split = decision.lines[line.line_number]
        yield LineAnswer(
            number=line.line_number,
            identity=_identity(line, claim, submitted),
            charge_amount=line.charge_amount,
            paid_amount=line.paid_amount,
            contractual_amount=split.contractual_amount,
            patient_amount=split.patient_amount,
            denied_amount=split.denied_amount,
            previously_paid_amount=sum_amounts(
                a.amount for a in line.adjustments if a.reason == PREVIOUSLY_PAID_CARC
            ),
            unpriced_amount=unpriced.get(line.line_number, ZERO),
        )


def _identity(line: ServiceLine, claim: ClaimPayment, submitted: SubmittedClaim | None) -> LineIdentity:
    sent = sent_line(line, claim, submitted)
    return LineIdentity(
        procedure=sent.procedure if sent else line.submitted_procedure or line.procedure,
        modifiers=frozenset(sent.modifiers if sent else line.submitted_modifiers or line.modifiers),
        service_on=line.service_on or claim.service_from,
        charge_amount=line.charge_amount,
        control_number=line.control_number,
    )
