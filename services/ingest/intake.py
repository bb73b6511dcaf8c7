"""What all doors share: each file is a task of its own, and whoever brought it need not wait for its end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from functools import partial
from typing import Final

import structlog

from overturn.db.received_files import unfinished
from overturn.db.session import Sessions
from overturn.db.tables import ReceivedFile
from services.ingest.receipts import Receipt, receipt
from services.ingest.receiving import go_on, receive_file
from services.ingest.spooling import Spooled

PATIENCE_SECONDS: Final = 20.0
"""A file that takes longer is answered for as it stands."""

LOOK_SECONDS: Final = 15.0
MAX_TRIES: Final = 5

log = structlog.get_logger()


class Intake:
    """Posts files, and goes on with those that were left in the middle. `limit` is in bytes."""

    def __init__(self, sessions: Sessions, limit: int) -> None:
        self.limit = limit
        self._sessions = sessions
        self._running: dict[str, asyncio.Task[Receipt]] = {}
        self._tries: Counter[str] = Counter()

    async def take(
        self,
        *,
        file_name: str,
        content: Spooled,
        source: str,
        patience: float | None = PATIENCE_SECONDS,
    ) -> Receipt:
        """Post a file. After some seconds of patience the answer is how far it is, once it is stored: from
        then on it is posted to its end, whoever waits and whatever dies."""
        while earlier := self._running.get(content.sha256):
            if now := await self._unfinished(earlier, content.sha256, patience):
                content.file.close()
                return now
        work = receive_file(self._sessions, file_name=file_name, content=content, source=source)
        task = self._start(content.sha256, work)
        return await self._unfinished(task, content.sha256, patience) or task.result()

    async def _unfinished(
        self, task: "asyncio.Task[Receipt]", sha256: str, patience: float | None
    ) -> Receipt | None:
        """None when the task has ended; how far it is when patience has."""
        while True:
            await asyncio.wait({task}, timeout=patience)
            if task.done():
                return None
            if now := await self.receipt(sha256):
                return now

    async def receipt(self, sha256: str) -> Receipt | None:
        """What has become of a file so far; None where it is not stored."""
        async with self._sessions() as session:
            file = await session.get(ReceivedFile, sha256)
        return receipt(file, file.file_name) if file else None

    async def watch(self) -> None:
        """Go on with what was left in the middle, by an earlier process or an outage; for ever."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - the database is away; the next look may find it
                log.warning("intake.waits", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once. While a file is posted nothing can be told to be left."""
        if self._running:
            return
        async with self._sessions() as session:
            left = await unfinished(session)
        for sha256 in left:
            if self._tries[sha256] < MAX_TRIES:
                self._tries[sha256] += 1
                await asyncio.wait({self._start(sha256, go_on(self._sessions, sha256, self.limit))})

    async def close(self) -> None:
        """End all tasks; each file goes on after its last block at the next start."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, sha256: str, work: Awaitable[Receipt]) -> asyncio.Task[Receipt]:
        task = asyncio.ensure_future(work)
        self._running[sha256] = task
        task.add_done_callback(partial(self._ended, sha256))
        return task

    def _ended(self, sha256: str, task: "asyncio.Task[Receipt]") -> None:
        del self._running[sha256]
        if not task.cancelled() and (error := task.exception()):
            log.warning("intake.postponed", sha256=sha256, error=type(error).__name__)
