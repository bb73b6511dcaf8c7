"""The watched folder: files that clearinghouse syncs leave there are posted and put aside."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from services.ingest.intake import Intake
from services.ingest.receipts import Receipt
from services.ingest.spooling import Spooled, TooLargeError, spool, too_large

QUIET_LOOKS: Final = 2
"""A file is taken when its size and time stood still over this many looks: what is still written is left."""
LOOK_SECONDS: Final = 1.0
PARTIAL_SUFFIXES: Final = {".part", ".tmp", ".filepart", ".crdownload"}
POSTED: Final = "posted"
QUARANTINED: Final = "quarantined"
NAME_BYTES: Final = 200
"""So much of a file's name is kept when it is put aside; file systems end at 255."""
PATIENCE_SECONDS: Final = 30.0
"""A file that takes longer does not keep the others waiting."""

log = structlog.get_logger()
Look = tuple[int, int]


@dataclass(slots=True)
class DropFolder:
    """`<folder>/` is watched; `<folder>/posted` and `<folder>/quarantined` take what is done, the latter with
    the reason beside it. Sub-folders are left alone."""

    folder: Path
    intake: Intake
    _seen: dict[Path, tuple[Look, int]] = field(default_factory=dict)
    _taking: dict[Path, asyncio.Task[None]] = field(default_factory=dict)

    async def watch(self) -> None:
        """Look, post what is quiet, put it aside; for ever. Whatever fails, the next look tries again."""
        try:
            while True:
                try:
                    await self.look()
                except OSError as error:
                    log.warning("drop.unreadable", error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._taking.values():
                task.cancel()

    async def look(self) -> None:
        """Look once, and take the files that stood still since the looks before."""
        self._taking = {path: task for path, task in self._taking.items() if not task.done()}
        self._seen = await asyncio.to_thread(self._look)
        for path in sorted(p for p, (_, looks) in self._seen.items() if looks >= QUIET_LOOKS):
            del self._seen[path]
            self._taking[path] = asyncio.create_task(self._take(path))
            await asyncio.wait({self._taking[path]}, timeout=PATIENCE_SECONDS)

    def _look(self) -> dict[Path, tuple[Look, int]]:
        for name in (POSTED, QUARANTINED):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        now = {}
        for path in self.folder.iterdir():
            partial = path.suffix.lower() in PARTIAL_SUFFIXES or path.name.startswith(".")
            if partial or path in self._taking:
                continue
            with suppress(FileNotFoundError):  # taken away again meanwhile
                if path.is_file():
                    stat = path.stat()
                    look = (stat.st_size, stat.st_mtime_ns)
                    same, looks = self._seen.get(path, (look, 0))
                    now[path] = (look, looks + 1 if same == look else 1)
        return now

    async def _take(self, path: Path) -> None:
        """Post one file. An outage leaves it where it is for a later look."""
        try:
            content = await asyncio.to_thread(_content, path, self.intake.limit)
            receipt = await self.intake.take(
                file_name=path.name, content=content, source="drop", patience=None
            )
            kind, reason = (QUARANTINED, _reason(receipt)) if receipt.held_back else (POSTED, "")
            await asyncio.to_thread(_put_aside, path, self.folder / kind, content.sha256[:12], reason)
        except TooLargeError as error:
            await asyncio.to_thread(_put_aside, path, self.folder / QUARANTINED, "too-large", str(error))
        except Exception as error:  # noqa: BLE001 - the folder goes on; the file stays and is tried again
            log.warning("drop.postponed", error=type(error).__name__)


def _content(path: Path, limit: int) -> Spooled:
    """Raises TooLargeError where it is more than we take: then it is not even read."""
    if path.stat().st_size > limit:
        raise TooLargeError(too_large(limit))
    with path.open("rb") as file:
        return spool(file, limit)


def _reason(receipt: Receipt) -> str:
    """What was held back and why; of an archive, what happened to each file in it."""
    return "\n".join([receipt.message, *(f"{m['file_name']}: {m['message']}" for m in receipt.members)])


def _put_aside(path: Path, folder: Path, mark: str, reason: str) -> None:
    name = path.name.encode()[-NAME_BYTES:].decode(errors="ignore")
    target = folder / f"{mark}-{name}"
    if reason:
        target.with_name(target.name + ".reason.txt").write_text(reason + "\n", encoding="utf-8")
    path.replace(target)
