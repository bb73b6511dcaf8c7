"""What is to be published, written in the transaction that made it true."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.bulk import insert_rows
from overturn.db.tables import Outbox
from overturn.events import Event


async def publish_after_commit(session: AsyncSession, events: Iterable[Event]) -> None:
    """Put events in the outbox; one that is there already (same event id) is left alone."""
    rows = [
        {
            "event_id": event.event_id,
            "topic": event.topic,
            "key": event.key,
            "payload": event.model_dump(mode="json"),
        }
        for event in events
    ]
    await insert_rows(session, Outbox, rows, unless_there=True)
