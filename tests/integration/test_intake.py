"""The intake answers before a large file is done, goes on with what was left, and posts nothing twice."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.settings import MOST_BYTES
from services.ingest import intake as module
from services.ingest import posting
from services.ingest.intake import MAX_TRIES, Intake
from services.ingest.receipts import Receipt
from services.ingest.spooling import Spooled, spool
from tests.archives import zipped
from tests.integration.records import count, only, post, rows
from tests.waiting import until
from tests.x12_files import denied_claim, remittance

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

CONTENT = remittance(denied_claim("P1"))


@pytest.fixture
def intake(sessions: Sessions) -> Intake:
    return Intake(sessions, MOST_BYTES)


def spooled(content: bytes = CONTENT) -> Spooled:
    from io import BytesIO

    return spool(BytesIO(content), MOST_BYTES)


async def take(intake: Intake, patience: float | None = 0.01) -> Receipt:
    return await intake.take(file_name="a.835", content=spooled(), source="drop", patience=patience)


class Held:
    """Posting waits before its block commits, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._publish: Callable[..., Any] = posting.publish_after_commit  # type: ignore[attr-defined]
        self.go = asyncio.Event()
        monkeypatch.setattr(posting, "publish_after_commit", self)

    async def __call__(self, *arguments: Any) -> None:
        await self.go.wait()
        await self._publish(*arguments)


async def test_a_file_that_takes_long_is_answered_for_when_it_is_stored(
    intake: Intake, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    now = await take(intake)
    assert (now.state, now.held_back, now.claims) == ("posting", False, 0)
    assert now.message.startswith("reading 0 %")
    assert await count(sessions, tables.ReceivedFile) == 1
    again = await take(intake)
    assert again.state == "posting"
    held.go.set()
    assert (await take(intake, patience=None)).state == "known"
    done = await intake.receipt(now.sha256)
    assert done is not None
    assert (done.state, done.claims, done.message) == ("posted", 1, "1 claim posted.")


async def test_a_file_that_never_came_has_no_receipt(intake: Intake) -> None:
    assert await intake.receipt("0" * 64) is None


async def left_in_the_middle(sessions: Sessions, content: bytes = CONTENT) -> None:
    async def crash(*_: object) -> None:
        raise ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posting, "publish_after_commit", crash)
        with pytest.raises(ConnectionError):
            await post(sessions, content)


@pytest.mark.parametrize("content", [CONTENT, zipped(("a.835", CONTENT))], ids=["file", "archive"])
async def test_what_was_left_in_the_middle_is_gone_on_with(
    intake: Intake, sessions: Sessions, content: bytes
) -> None:
    await left_in_the_middle(sessions, content)
    await intake.look()
    assert {f.state for f in await rows(sessions, tables.ReceivedFile)} == {"posted"}
    assert await count(sessions, tables.ClaimPayment) == 1


async def test_while_a_file_is_posted_nothing_counts_as_left(
    intake: Intake, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    await take(intake)
    await intake.look()  # would wait for ever
    held.go.set()
    assert (await take(intake, patience=None)).state == "known"


async def test_what_cannot_be_gone_on_with_is_tried_some_times_and_keeps_nothing_else_waiting(
    intake: Intake, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_in_the_middle(sessions)
    tries = 0

    async def refuse(*_: object) -> Receipt:
        nonlocal tries
        tries += 1
        raise ConnectionError

    monkeypatch.setattr(module, "go_on", refuse)
    for _ in range(MAX_TRIES + 3):
        await intake.look()
    assert tries == MAX_TRIES
    assert (await only(sessions, tables.ReceivedFile)).state == "posting"


async def test_watching_goes_on_while_the_database_is_away(
    intake: Intake, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_in_the_middle(sessions)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)
    look, looks = intake.look, 0

    async def away_at_first() -> None:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise ConnectionError
        await look()

    monkeypatch.setattr(intake, "look", away_at_first)
    watching = asyncio.create_task(intake.watch())
    await until(lambda: count(sessions, tables.ClaimPayment))
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def test_closing_leaves_a_file_to_the_next_start(
    intake: Intake, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        Held(patch)
        await take(intake)
        await intake.close()
    assert await count(sessions, tables.ClaimPayment) == 0
    await Intake(sessions, MOST_BYTES).look()
    assert await count(sessions, tables.ClaimPayment) == 1
