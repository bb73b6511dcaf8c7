"""The folder that the clearinghouse's program fetches claims from: a file appears whole, and once."""

import os
from pathlib import Path


class ClaimsFolder:
    """What lies aside has a name that begins with a dot and is nobody's yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def lay_aside(self, name: str, content: bytes) -> None:
        """Write it where nobody fetches it; what lay there under its name is overwritten."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._aside(name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._sync()

    def let_go(self, name: str) -> None:
        """Give it its name; where nothing lies aside it has gone before, and may have been fetched."""
        aside = self._aside(name)
        if aside.exists():
            aside.rename(self._folder / name)
        self._sync()

    def _aside(self, name: str) -> Path:
        return self._folder / f".{name}"

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
