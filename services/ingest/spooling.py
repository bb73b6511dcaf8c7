"""Bytes on their way in: counted, hashed and put on disk as they come; no size has to fit in memory."""

from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, Self, cast

IN_MEMORY: Final = 4 * 1024 * 1024
"""Bytes up to which no disk is used."""

PIECE: Final = 1024 * 1024


class TooLargeError(Exception):
    """More bytes came than are taken; the message says how many may."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole file, at its beginning. It is gone when it is closed, or with the process: it has no name."""

    file: BinaryIO
    sha256: str
    size: int
    limit: int  # bytes it was allowed; what an archive unpacks to is held to the same

    def head(self, size: int) -> bytes:
        """The first bytes; the file is at its beginning again."""
        self.file.seek(0)
        found = self.file.read(size)
        self.file.seek(0)
        return found


class Spool:
    """Takes pieces of a file until it is `done`; what is left without that is closed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._done = False
        self._digest = sha256()
        self._file = cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - its taker closes it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._done:
            self._file.close()

    def add(self, piece: bytes) -> None:
        """Raises TooLargeError as soon as there is more than the limit."""
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLargeError(too_large(self._limit))
        self._digest.update(piece)
        self._file.write(piece)

    def done(self) -> Spooled:
        """The whole file, which its taker closes."""
        self._done = True
        self._file.seek(0)
        return Spooled(self._file, self._digest.hexdigest(), self._size, self._limit)


def spool(source: BinaryIO, limit: int) -> Spooled:
    """A copy of a file that others may go on changing.

    Raises:
        TooLargeError: it has more bytes than the limit.
        OSError: it cannot be read, or the disk is full.
    """
    with Spool(limit) as taken:
        while piece := source.read(PIECE):
            taken.add(piece)
        return taken.done()


def too_large(limit: int) -> str:
    return (
        f"A file may have {limit // 2**20} MB at most (OVERTURN_MAX_FILE_MEGABYTES); "
        "split it, or have the limit raised."
    )
