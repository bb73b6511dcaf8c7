"""Waiting for what another task, process or server does; who waits in vain is told what was seen last."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import pytest

Seen = TypeVar("Seen")

PATIENCE_SECONDS: Final = 120.0
"""Far longer than anything takes: it only ends a test that has failed, however busy the machine is."""


async def until(
    look: Callable[[], Awaitable[Seen]], seconds: float = PATIENCE_SECONDS, *, pause: float = 0.05
) -> Seen:
    """The first answer of `look` that counts as true."""
    seen: list[Seen] = []
    try:
        async with asyncio.timeout(seconds) as patience:
            while True:
                seen[:] = [await look()]
                if seen[0]:
                    return seen[0]
                await asyncio.sleep(pause)
    except TimeoutError:
        if not patience.expired():
            raise
    last = f"the last look gave {seen[0]!r}" if seen else "no look came to an end"
    pytest.fail(f"waited {seconds:g} seconds in vain: {last}")


async def until_so(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """As `until`, for what can be seen at once."""

    async def look() -> bool:
        return is_so()

    await until(look, seconds)
