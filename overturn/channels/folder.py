"""Print and mail: packages as files in a folder that a person empties into envelopes."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from overturn.channels import Package, Receipt
from overturn.domain.channel_names import ChannelName

DONE: Final = "mailed"
"""Where the person who mailed a package puts it; looked through as well, so that it is not written again."""


class PrintFolder:
    """A package is a folder named by its key. It appears whole or not at all, and at most once."""

    name = ChannelName.MAIL
    label = "Print and mail"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def find(self, package: Package) -> Receipt | None:
        return await asyncio.to_thread(self._find, package)

    async def send(self, package: Package) -> Receipt:
        return await asyncio.to_thread(self._send, package)

    def _find(self, package: Package) -> Receipt | None:
        found = next((path for path in self._places(package.key) if path.is_dir()), None)
        return _receipt(package, found) if found else None

    def _places(self, key: UUID) -> tuple[Path, Path]:
        return self._folder / str(key), self._folder / DONE / str(key)

    def _send(self, package: Package) -> Receipt:
        """Written aside and renamed: whoever looks sees no half package, whoever sends again finds it."""
        (self._folder / DONE).mkdir(parents=True, exist_ok=True)
        if (sent := self._find(package)) is not None:
            return sent
        aside, there = self._folder / f".{package.key}", self._places(package.key)[0]
        aside.mkdir(exist_ok=True)
        for file in package.files:
            _write(aside / file.name, file.content)
        aside.rename(there)
        _sync(self._folder)
        return _receipt(package, there)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _receipt(package: Package, folder: Path) -> Receipt:
    """Dated by what lies in the folder: the same each time it is looked at."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    written_at = min((path.stat().st_mtime for path in files), default=folder.stat().st_mtime)
    return package.receipt(
        folder.name[:8].upper(),
        answer="laid out to be printed and mailed",
        sent_at=datetime.fromtimestamp(written_at, UTC),
    )
