"""An activity that takes its time says that its worker lives: one that died is noticed long before the time
an activity may take is over."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

BEATS: Final = 3
"""So many heartbeats within the timeout, so that one may come late."""


class SignsOfLife(Interceptor):
    """Every activity of a worker that has it heartbeats, where its workflow set a `heartbeat_timeout`."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the library's name
        return _Beating(next)


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the library's name
        timeout = activity.info().heartbeat_timeout
        if not timeout:
            return await super().execute_activity(input)
        beating = asyncio.create_task(_beat(timeout / BEATS))
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()


async def _beat(pause: timedelta) -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(pause.total_seconds())
