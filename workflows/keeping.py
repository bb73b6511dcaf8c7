"""Work that the case worker does again and again beside its task queue, for as long as it runs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

log = structlog.get_logger()


async def keep_looking(look: Callable[[], Awaitable[object]], *, every: float, waits: str) -> None:
    """Look every so many seconds, until cancelled; a part that is away is waited for, and `waits` logged."""
    while True:
        try:
            await look()
        except (SQLAlchemyError, RPCError) as outage:
            log.warning(waits, error=type(outage).__name__)
        await asyncio.sleep(every)
