"""Having claims settled again that were settled without knowing something."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.outbox import publish_after_commit
from overturn.db.tables import ClaimPayment
from overturn.domain import identifiers
from overturn.events import ClaimAdjudicated


async def settle_anew(session: AsyncSession, because: Mapping[UUID, UUID]) -> None:
    """Tell the classifier of these claims' adjudications again, as new events.

    `because` gives for each claim the submission that was not known when it was settled; the same reason
    is told once.
    """
    payments = await session.scalars(
        select(ClaimPayment).where(among(col(ClaimPayment.claim_id), because)).order_by(col(ClaimPayment.id))
    )
    events = [
        ClaimAdjudicated(
            event_id=identifiers.event_id(ClaimAdjudicated.topic, p.id, because[p.claim_id]),
            claim_id=p.claim_id,
            claim_payment_id=p.id,
            remittance_id=p.remittance_id,
        )
        for p in payments
    ]
    await publish_after_commit(session, events)
