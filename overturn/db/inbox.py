"""What a consumer has already done, remembered in the transaction that did it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Inbox


async def claim_events(session: AsyncSession, consumer: str, event_ids: Collection[UUID]) -> set[UUID]:
    """Enter these events in the consumer's inbox and return those that are new to it.

    Two consumers that hold the same event wait for each other here, and the second finds it done.
    """
    if not event_ids:
        return set()
    rows = [{"consumer": consumer, "event_id": event_id} for event_id in sorted(set(event_ids))]
    claimed = await session.scalars(
        insert(Inbox).values(rows).on_conflict_do_nothing().returning(col(Inbox.event_id))
    )
    return set(claimed)
