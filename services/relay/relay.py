"""Publishing the outbox: every committed row at least once, in the order of its claim."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

import structlog
from faststream.kafka import KafkaBroker
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.broker.admin import end_offsets
from overturn.db.session import Sessions
from overturn.db.tables import Inbox, Outbox, utc_now
from overturn.events.topics import CONSUMERS

ROWS: Final = 500

log = structlog.get_logger()


async def publish_batch(sessions: Sessions, broker: KafkaBroker) -> int:
    """Send unsent rows and mark them; returns how many.

    Rows are found by `sent_at IS NULL`, never by an id above the last one: ids are given out before they
    commit. A crash between sending and marking sends again, and the consumers' inboxes absorb it.
    """
    async with sessions.begin() as session:
        rows = (
            await session.scalars(
                select(Outbox)
                .where(col(Outbox.sent_at).is_(None))
                .order_by(col(Outbox.id))
                .limit(ROWS)
                .with_for_update(skip_locked=True)
            )
        ).all()
        if rows:
            await _send(broker, rows)
    return len(rows)


async def _send(broker: KafkaBroker, rows: Sequence[Outbox]) -> None:
    places = await asyncio.gather(*(_publish(broker, row) for row in rows))
    for row, place in zip(rows, places, strict=True):
        row.sent_at = utc_now()
        row.sent_partition, row.sent_offset = place.partition, place.offset


async def _publish(broker: KafkaBroker, row: Outbox) -> Any:
    return await broker.publish(json.dumps(row.payload).encode(), topic=row.topic, key=row.key.encode())


async def republish_lost(sessions: Sessions, bootstrap: str) -> int:
    """Mark as unsent what the broker lost before its consumer had it; returns how many rows.

    A memory-only broker that restarted is empty: its end offset lies at or below one we were given for a
    row that nobody has handled. Postgres still has the row. The supervisor stops the relay while such a
    broker is refilled with topics, so that no new message hides the loss.
    """
    ends = await asyncio.to_thread(end_offsets, bootstrap, list(CONSUMERS))
    lost = 0
    async with sessions.begin() as session:
        for topic, partition, highest in await _highest_unhandled(session):
            if highest >= ends.get((topic, partition), 0):
                lost += await _mark_unsent(session, topic, partition)
    if lost:
        log.warning("relay.republishes", rows=lost)
    return lost


def unhandled() -> ColumnElement[bool]:
    """Sent on a topic of which a consumer of ours has to know, and not in its inbox."""
    consumers = [
        (col(Outbox.topic) == topic) & (col(Inbox.consumer) == group) for topic, group in CONSUMERS.items()
    ]
    handled = exists().where(col(Inbox.event_id) == col(Outbox.event_id), or_(*consumers))
    return and_(col(Outbox.topic).in_(CONSUMERS), col(Outbox.sent_at).is_not(None), ~handled)


async def _highest_unhandled(session: AsyncSession) -> Sequence[Any]:
    found = await session.execute(
        select(col(Outbox.topic), col(Outbox.sent_partition), func.max(col(Outbox.sent_offset)))
        .where(unhandled())
        .group_by(col(Outbox.topic), col(Outbox.sent_partition))
    )
    return found.all()


async def _mark_unsent(session: AsyncSession, topic: str, partition: int) -> int:
    marked = await session.scalars(
        update(Outbox)
        .where(col(Outbox.topic) == topic, col(Outbox.sent_partition) == partition, unhandled())
        .values(sent_at=None, sent_partition=None, sent_offset=None)
        .returning(col(Outbox.id))
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())
