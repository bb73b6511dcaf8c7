"""Claims in; what our other claims hold for the same patient, practice and days out.

Found through the member's number, for claims with an adjustment that nearly every paid line has not.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.remittances import load_claim_payments
from overturn.db.submissions import latest_submissions
from overturn.domain.causes.same_day import DayLine, OurClaim, lines_beside, same_person
from overturn.domain.remittance import ClaimPayment

_BESIDE: Final = text("""
    SELECT c.id AS claim_id, c.patient_name, other.id AS other_id, other.patient_name AS other_name
      FROM claim c
      JOIN claim other ON other.member_identifier = c.member_identifier AND other.id <> c.id
                      AND other.service_from <= coalesce(c.service_to, c.service_from)
                      AND coalesce(other.service_to, other.service_from) >= c.service_from
                      AND coalesce(other.billing_npi = c.billing_npi, true)
                      AND (other.acknowledgement IS DISTINCT FROM 'rejected'
                           OR EXISTS (SELECT FROM claim_payment q WHERE q.claim_id = other.id))
     WHERE c.id = ANY(:claims)
       AND EXISTS (SELECT FROM claim_payment p JOIN adjustment a ON a.claim_payment_id = p.id
                    WHERE p.claim_id = c.id AND a.group_code <> 'PR'
                      AND a.reason NOT IN ('45', '59', '253'))
""")


async def lines_of_the_day(
    session: AsyncSession, claim_ids: Collection[UUID]
) -> dict[UUID, tuple[DayLine, ...]]:
    """Of each claim that has any, the lines of our other claims that stand beside it."""
    beside: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await session.execute(_BESIDE, {"claims": list(claim_ids)}):
        if same_person(row.patient_name, row.other_name):
            beside[row.claim_id].append(row.other_id)
    if not beside:
        return {}
    known = await _claims(session, {*beside, *(other for others in beside.values() for other in others)})
    return {
        claim_id: lines_beside(known[claim_id], [known[other] for other in others])
        for claim_id, others in beside.items()
    }


async def _claims(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, OurClaim]:
    claims = await session.scalars(select(tables.Claim).where(col(tables.Claim.id).in_(claim_ids)))
    sent = await latest_submissions(session, claim_ids)
    answers = await _answers(session, claim_ids)
    return {
        claim.id: OurClaim(
            claim.patient_control_number, claim.charge_amount, sent.get(claim.id), answers[claim.id]
        )
        for claim in claims
    }


async def _answers(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, Sequence[ClaimPayment]]:
    """Each claim's answers, oldest first."""
    payment = tables.ClaimPayment
    rows: Sequence[Any] = (
        await session.execute(
            select(col(payment.id), col(payment.claim_id), col(payment.payment_on)).where(
                col(payment.claim_id).in_(claim_ids)
            )
        )
    ).all()
    loaded = await load_claim_payments(session, [row.id for row in rows])
    answers: dict[UUID, Sequence[ClaimPayment]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.payment_on or date.min, str(row.id))):
        answers[row.claim_id] = [*answers[row.claim_id], loaded[row.id]]
    return answers
