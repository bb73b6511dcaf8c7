"""Every adjudication of some claims, read from the record and classified."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.remittances import load_claim_payments
from overturn.db.submissions import latest_submissions
from overturn.domain.classification import ClaimDecision, classify
from overturn.domain.payers import PayerContext, PayerDirectory
from overturn.domain.remittance import ClaimPayment, sum_amounts
from overturn.domain.rule_table import DenialTable
from overturn.domain.settlement import PRIOR_PAYER_CARC, Adjudication


@dataclass(frozen=True, slots=True)
class Decided:
    """One CLP with its payer and what the rules say of it."""

    adjudication: Adjudication
    payer: PayerContext
    decision: ClaimDecision


async def decide_all(
    session: AsyncSession, claim_ids: Collection[UUID], *, payers: PayerDirectory, denials: DenialTable
) -> dict[UUID, list[Decided]]:
    """Each claim's adjudications, decided by the rules given, in no particular order."""
    found = (
        await session.execute(
            select(tables.ClaimPayment, tables.Remittance)
            .join(tables.Remittance, col(tables.Remittance.id) == col(tables.ClaimPayment.remittance_id))
            .where(col(tables.ClaimPayment.claim_id).in_(claim_ids))
        )
    ).all()
    payments = await load_claim_payments(session, [row.id for row, _ in found])
    submitted = await latest_submissions(session, claim_ids)
    decided: dict[UUID, list[Decided]] = defaultdict(list)
    for row, remittance in found:
        payer = payers.resolve(
            name=remittance.payer_name,
            identifier=remittance.payer_identifier,
            filing_indicator=row.filing_indicator,
        )
        claim = payments[row.id]
        sent = submitted.get(row.claim_id)
        decision = classify(claim, table=denials, payer=payer, submitted=sent, paid_on=row.payment_on)
        decided[row.claim_id].append(Decided(_adjudication(row, claim, decision), payer, decision))
    return decided


def _adjudication(row: tables.ClaimPayment, claim: ClaimPayment, decision: ClaimDecision) -> Adjudication:
    return Adjudication(
        payment_id=row.id,
        payment_on=row.payment_on,
        status_code=row.status_code,
        payer_claim_control_number=row.payer_claim_control_number,
        charge_amount=row.charge_amount,
        paid_amount=row.paid_amount,
        contractual_amount=decision.contractual_amount,
        patient_amount=decision.patient_amount,
        denied_amount=decision.denied_amount,
        prior_payer_amount=sum_amounts(
            a.amount for a in claim.all_adjustments() if a.reason == PRIOR_PAYER_CARC
        ),
    )
