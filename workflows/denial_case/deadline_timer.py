"""A timer whose instant may move."""

import asyncio
from datetime import datetime

from temporalio import workflow


class DeadlineTimer:
    """Rings at one instant. Setting it to where it stands already costs no history."""

    def __init__(self) -> None:
        self.rang = False
        self._at: datetime | None = None
        self._waiting: asyncio.Task[None] | None = None

    def set(self, at: datetime | None) -> None:
        """Ring at `at`, which lies ahead, and no longer at any other instant; None: never."""
        if at == self._at and not self.rang:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._at, self.rang = at, False
        self._waiting = asyncio.create_task(self._ring(at)) if at is not None else None

    async def _ring(self, at: datetime) -> None:
        await workflow.sleep(at - workflow.now())
        self.rang = True
