"""Old rows of outbox and inbox go; what is unsent, unhandled or dead stays whatever its age."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.db.tables import Inbox, Outbox, utc_now
from overturn.events import CaseOpened, ClaimAdjudicated
from overturn.events.topics import CONSUMERS
from overturn.settings import Settings
from services.relay import pruning
from services.relay.pruning import Pruned, prune
from tests.dead_letter_factories import died
from tests.waiting import PATIENCE_SECONDS

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SETTINGS = Settings.model_construct(outbox_days=90, inbox_days=180)
CONSUMED = ClaimAdjudicated.topic
FOR_OTHERS = CaseOpened.topic


def sent(days_ago: int | None, topic: str = FOR_OTHERS, event_id: UUID | None = None) -> Outbox:
    at = None if days_ago is None else utc_now() - timedelta(days=days_ago)
    written = utc_now() - timedelta(days=1000)
    return Outbox(
        event_id=event_id or uuid4(), topic=topic, key="k", payload={}, created_at=written, sent_at=at
    )


def handled(days_ago: int, event_id: UUID | None = None) -> Inbox:
    at = utc_now() - timedelta(days=days_ago)
    return Inbox(consumer=CONSUMERS[CONSUMED], event_id=event_id or uuid4(), handled_at=at)


async def pruned(sessions: Sessions, rows: Iterable[Outbox | Inbox]) -> Pruned:
    async with sessions.begin() as session:
        session.add_all(list(rows))
    return await prune(sessions, SETTINGS, now=utc_now())


async def left(sessions: Sessions, table: type[Outbox] | type[Inbox]) -> set[UUID]:
    async with sessions() as session:
        return set(await session.scalars(select(col(table.event_id))))


async def test_what_was_sent_long_ago_goes_and_the_rest_stays(sessions: Sessions) -> None:
    young, unsent, old = sent(89), sent(None), sent(91)
    stay = {young.event_id, unsent.event_id}
    assert await pruned(sessions, [young, unsent, old]) == Pruned(outbox=1, inbox=0)
    assert await left(sessions, Outbox) == stay


async def test_what_no_consumer_of_ours_handled_stays_however_old(sessions: Sessions) -> None:
    waiting, done = sent(500, CONSUMED), sent(500, CONSUMED)
    stays, goes = waiting.event_id, done.event_id
    assert (await pruned(sessions, [waiting, done, handled(100, goes)])).outbox == 1
    assert await left(sessions, Outbox) == {stays}
    assert await left(sessions, Inbox) == {goes}


async def test_an_inbox_row_outlives_its_outbox_row(sessions: Sessions) -> None:
    ids = [uuid4(), uuid4()]
    rows: list[Outbox | Inbox] = [
        handled(181),
        handled(179, ids[0]),
        handled(400, ids[1]),
        sent(10, CONSUMED, ids[1]),
    ]
    assert await pruned(sessions, rows) == Pruned(outbox=0, inbox=1)
    assert await left(sessions, Inbox) == set(ids)


async def test_more_than_a_piece_goes_in_pieces(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "ROWS", 3)
    rows: list[Outbox | Inbox] = [*(sent(200) for _ in range(7)), *(handled(200) for _ in range(6))]
    assert await pruned(sessions, rows) == Pruned(outbox=7, inbox=6)
    assert await pruned(sessions, []) == Pruned(outbox=0, inbox=0)


async def test_a_row_that_somebody_holds_is_left_for_tomorrow(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        session.add(sent(200))
    async with sessions.begin() as holder:
        await holder.execute(select(Outbox).with_for_update())
        assert await asyncio.wait_for(pruned(sessions, []), PATIENCE_SECONDS) == Pruned(0, 0)
    assert await pruned(sessions, []) == Pruned(1, 0)


async def test_dead_letters_are_never_deleted(sessions: Sessions) -> None:
    letter_id = await died(sessions, b"{}")
    async with sessions.begin() as session:
        letter = await session.get_one(tables.DeadLetter, letter_id)
        letter.died_at = utc_now() - timedelta(days=5000)
    await prune(sessions, SETTINGS, now=utc_now() + timedelta(days=5000))
    async with sessions() as session:
        assert await session.get(tables.DeadLetter, letter_id)
