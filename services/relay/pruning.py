"""What outbox and inbox no longer need, deleted once a day; dead letters stay for good."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import ColumnElement, delete, exists, select, tuple_
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import Inbox, Outbox, utc_now
from overturn.settings import Settings
from services.relay.relay import unhandled

ROWS: Final = 5_000
"""Deleted in one transaction, so that nobody waits long for a lock."""

DAY_SECONDS: Final = 86_400.0
OUTAGE_SECONDS: Final = 600.0

log = structlog.get_logger()


class Pruned(NamedTuple):
    """How many rows were deleted."""

    outbox: int
    inbox: int


async def prune_daily(sessions: Sessions, settings: Settings) -> None:
    """Prune now and every 24 hours, until cancelled; a database that is away is asked again later."""
    while True:
        pause = DAY_SECONDS
        try:
            pruned = await prune(sessions, settings, now=utc_now())
            log.info("relay.pruned", outbox=pruned.outbox, inbox=pruned.inbox)
        except (SQLAlchemyError, OSError) as outage:
            log.warning("relay.prunes_later", error=type(outage).__name__)
            pause = OUTAGE_SECONDS
        await asyncio.sleep(pause)


async def prune(sessions: Sessions, settings: Settings, *, now: datetime) -> Pruned:
    """Delete outbox rows that were sent, and handled where a consumer of ours has to, before `outbox_days`;
    then inbox rows older than `inbox_days`.

    An inbox row outlives its outbox row: `republish_lost` would take the event for one nobody handled.
    """
    return Pruned(
        outbox=await _delete(
            sessions,
            Outbox,
            (col(Outbox.id),),
            (col(Outbox.sent_at) < now - timedelta(days=settings.outbox_days)) & ~unhandled(),
        ),
        inbox=await _delete(
            sessions,
            Inbox,
            (col(Inbox.consumer), col(Inbox.event_id)),
            (col(Inbox.handled_at) < now - timedelta(days=settings.inbox_days))
            & ~exists().where(col(Outbox.event_id) == col(Inbox.event_id)),
        ),
    )


async def _delete(
    sessions: Sessions, table: type[Any], key: tuple[Any, ...], old: ColumnElement[bool]
) -> int:
    """Delete in pieces until none is left; a row that somebody holds is left for tomorrow."""
    deleted = 0
    while True:
        async with sessions.begin() as session:
            some = select(*key).where(old).limit(ROWS).with_for_update(skip_locked=True, of=table)
            done: CursorResult[Any] = await session.execute(  # type: ignore[assignment]  # a delete's result
                delete(table).where(tuple_(*key).in_(some)).execution_options(synchronize_session=False)
            )
        deleted += done.rowcount
        if done.rowcount < ROWS:
            return deleted
