"""Keeps one part running: starts it, sees that it is ready, starts it again when it dies, ends it."""

import asyncio
import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from overturn.stack.part import Part, StackError
from overturn.stack.state import PartState

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
PROBE_PAUSE_SECONDS = 0.05
START_SECONDS = 180.0
FIRST_TRIES = 5
STOP_SECONDS = 15.0
LOG_BYTES = 20_000_000

log = structlog.get_logger()


def pause_before_restart(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 0.25, 0.5, 1 ... and never more than 30."""
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 10))


class Keeper:
    """One part over its life; `changed` is called whenever its process is another one."""

    def __init__(self, part: Part, log_path: Path, changed: Callable[[], None]) -> None:
        self.part = part
        self._log_path = log_path
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._started_at: datetime | None = None
        self._starts = 0
        self._came_up = False

    @property
    def state(self) -> PartState:
        """The part as `overturn status` shows it."""
        alive = self._process is not None and self._process.returncode is None
        return PartState(
            name=self.part.name,
            pid=self._process.pid if self._process and alive else None,
            host=self.part.host,
            port=self.part.port,
            health=self.part.health,
            started_at=self._started_at,
            restarts=max(0, self._starts - 1),
        )

    async def start(self) -> None:
        """Start the part and wait until it is ready; from then on it is started again whenever it ends."""
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.part.name}")
        ready = asyncio.create_task(self._ready.wait())
        try:
            done, _ = await asyncio.wait(
                {ready, self._task}, timeout=START_SECONDS, return_when="FIRST_COMPLETED"
            )
        finally:
            ready.cancel()
        if self._task in done:
            await self._task  # raises what a probe raised
        if not self._ready.is_set():
            last = "".join(_last_lines(self._log_path))
            raise StackError(f"{self.part.name} does not become ready; {self._log_path} ends with:\n{last}")

    async def restart(self) -> None:
        """Kill the process and wait until it is gone; the part is started again as after any other end."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """End the part for good: asked first, then killed with all it started."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, StackError):
            await self._task
        process = self._process
        if process is None:
            return
        self._signal(self.part.stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            process = self._process = await self._spawn()
            await self._until_ready(process)
            code = await process.wait()
            self._ready.clear()
            failures = 1 if time.monotonic() - began > STEADY_SECONDS else failures + 1
            if self._starts == FIRST_TRIES and not self._came_up:
                return  # whoever starts the stack should hear of it now
            pause = pause_before_restart(failures)
            log.warning("stack.part_ended", part=self.part.name, code=code, restart_in_seconds=pause)
            self._changed()
            await asyncio.sleep(pause)

    async def _spawn(self) -> asyncio.subprocess.Process:
        with _opened(self._log_path) as output:
            process = await asyncio.create_subprocess_exec(
                *self.part.arguments,
                env=dict(self.part.environment),
                cwd=self.part.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._starts += 1
        self._started_at = datetime.now(UTC)
        return process

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), self.part.settle_seconds)
        while process.returncode is None:
            if await asyncio.to_thread(self.part.ready):
                if self._starts > 1 and not await self._told(process):
                    return
                self._came_up = True
                self._ready.set()
                self._changed()
                return
            await asyncio.sleep(PROBE_PAUSE_SECONDS)

    async def _told(self, process: asyncio.subprocess.Process) -> bool:
        """Tell those who depend on this part of its restart; if that fails, the part is restarted again."""
        try:
            await self.part.after_restart()
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the cure is the next restart
            log.warning("stack.after_restart_failed", part=self.part.name, error=type(error).__name__)
            self._signal(self.part.stop_signal)
            return False
        return process.returncode is None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def _opened(path: Path) -> BinaryIO:
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _last_lines(path: Path, count: int = 5) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return list(deque(lines, count))
