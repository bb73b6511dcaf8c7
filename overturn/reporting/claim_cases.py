"""The case of a claim number, as a person types it."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Claim, ClaimPayment, DenialCase


async def latest_case(session: AsyncSession, claim_number: str) -> DenialCase | None:
    """The claim's latest case; the number is ours or the payer's. None where there is no such case."""
    found: DenialCase | None = await session.scalar(
        select(DenialCase)
        .join(Claim, col(Claim.id) == col(DenialCase.claim_id))
        .join(ClaimPayment, col(ClaimPayment.id) == col(DenialCase.claim_payment_id))
        .where(
            or_(
                col(Claim.patient_control_number) == claim_number,
                col(ClaimPayment.payer_claim_control_number) == claim_number,
            )
        )
        .order_by(col(DenialCase.opened_at).desc(), col(DenialCase.round_number).desc())
        .limit(1)
    )
    return found
