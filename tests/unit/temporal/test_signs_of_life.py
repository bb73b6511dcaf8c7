"""A long activity is heard of while it works, and no longer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from overturn.temporal import signs_of_life
from overturn.temporal.signs_of_life import SignsOfLife
from tests.waiting import until_so


class Working(ActivityInboundInterceptor):
    """An activity that works until it is told."""

    def __init__(self, until_done: Callable[[], Awaitable[object]]) -> None:
        """It is the innermost: nothing comes after it."""
        self._until_done = until_done

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ARG002 - the library's
        await self._until_done()
        return "done"


class Heard:
    """A worker's heartbeats while it does one activity that has this timeout."""

    def __init__(self, within: timedelta | None) -> None:
        self.beats = 0
        self._environment = ActivityEnvironment()
        self._environment.on_heartbeat = self._hear
        self._environment.info = replace(self._environment.info, heartbeat_timeout=within)

    def _hear(self, *_: Any) -> None:
        self.beats += 1

    async def while_working(self, until_done: Callable[[], Awaitable[object]]) -> None:
        order = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})

        @activity.defn
        async def work() -> None:
            inbound = SignsOfLife().intercept_activity(Working(until_done))
            assert await inbound.execute_activity(order) == "done"

        await self._environment.run(work)


@pytest.mark.asyncio
async def test_it_beats_again_and_again_and_ends_with_the_work() -> None:
    heard = Heard(timedelta(seconds=0.3))
    await heard.while_working(lambda: until_so(lambda: heard.beats >= 3))
    before = heard.beats
    await asyncio.sleep(0.3)
    assert heard.beats == before


@pytest.mark.asyncio
async def test_it_may_miss_a_beat_within_its_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[timedelta] = []

    async def noted(pause: timedelta) -> None:
        pauses.append(pause)

    monkeypatch.setattr(signs_of_life, "_beat", noted)
    await Heard(timedelta(seconds=30)).while_working(lambda: until_so(lambda: bool(pauses)))
    assert pauses == [timedelta(seconds=10)]


@pytest.mark.asyncio
@pytest.mark.parametrize("none", [None, timedelta(0)])
async def test_without_a_timeout_nobody_listens(none: timedelta | None) -> None:
    heard = Heard(none)
    await heard.while_working(lambda: asyncio.sleep(0.1))
    assert heard.beats == 0
