"""The watched folder: files that clearinghouse syncs leave there are posted and put aside."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from overturn.db.session import Sessions
from services.ingest.posting import QUARANTINED, Receipt, post_file

QUIET_LOOKS: Final = 2
"""A file is taken when its size and time stood still over this many looks: what is still written is left."""
LOOK_SECONDS: Final = 1.0
PARTIAL_SUFFIXES: Final = {".part", ".tmp", ".filepart", ".crdownload"}

log = structlog.get_logger()
Look = tuple[int, int]


@dataclass(slots=True)
class DropFolder:
    """`<folder>/` is watched; `<folder>/posted` and `<folder>/quarantined` take what is done."""

    folder: Path
    sessions: Sessions

    async def watch(self) -> None:
        """Look, post what is quiet, put it aside; for ever."""
        for name in ("posted", "quarantined"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        seen: dict[Path, tuple[Look, int]] = {}
        while True:
            seen = await asyncio.to_thread(self._look, seen)
            for path in sorted(p for p, (_, looks) in seen.items() if looks >= QUIET_LOOKS):
                await self._take(path)
                del seen[path]
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self, before: dict[Path, tuple[Look, int]]) -> dict[Path, tuple[Look, int]]:
        now = {}
        for path in self.folder.iterdir():
            if path.is_file() and path.suffix not in PARTIAL_SUFFIXES and not path.name.startswith("."):
                stat = path.stat()
                look = (stat.st_size, stat.st_mtime_ns)
                same, looks = before.get(path, (look, 0))
                now[path] = (look, looks + 1 if same == look else 1)
        return now

    async def _take(self, path: Path) -> None:
        """Post one file. An outage leaves it where it is for the next look."""
        try:
            content = await asyncio.to_thread(path.read_bytes)
            receipt = await post_file(self.sessions, file_name=path.name, content=content, source="drop")
        except Exception as error:  # noqa: BLE001 - the folder goes on; the file stays and is tried again
            log.warning("drop.postponed", error=type(error).__name__)
            return
        await asyncio.to_thread(self._put_aside, path, receipt)

    def _put_aside(self, path: Path, receipt: Receipt) -> None:
        kind = "quarantined" if receipt.state == QUARANTINED else "posted"
        target = self.folder / kind / f"{receipt.sha256[:12]}-{path.name}"
        shutil.move(path, target)
        if kind == "quarantined":
            target.with_name(target.name + ".reason.txt").write_text(receipt.message + "\n", encoding="utf-8")
