"""A long activity is heard of while it works, and no longer."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from overturn.temporal.signs_of_life import SignsOfLife


class Working(ActivityInboundInterceptor):
    """An activity that takes as long as it is told."""

    def __init__(self) -> None:
        """It is the innermost: nothing comes after it."""

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the library's name
        await asyncio.sleep(input.args[0])
        return "done"


async def heartbeats(seconds: float, *, within: timedelta | None) -> int:
    environment, heard = ActivityEnvironment(), 0

    def hear(*_: Any) -> None:
        nonlocal heard
        heard += 1

    environment.on_heartbeat = hear
    environment.info = replace(environment.info, heartbeat_timeout=within)
    order = ExecuteActivityInput(fn=lambda: None, args=[seconds], executor=None, headers={})

    @activity.defn
    async def work() -> None:
        inbound = SignsOfLife().intercept_activity(Working())
        assert await inbound.execute_activity(order) == "done"

    await environment.run(work)
    before = heard
    await asyncio.sleep(0.1)
    assert heard == before
    return heard


@pytest.mark.asyncio
async def test_it_beats_three_times_within_its_timeout() -> None:
    assert await heartbeats(0.5, within=timedelta(seconds=0.3)) >= 3


@pytest.mark.asyncio
@pytest.mark.parametrize("none", [None, timedelta(0)])
async def test_without_a_timeout_nobody_listens(none: timedelta | None) -> None:
    assert await heartbeats(0.1, within=none) == 0
