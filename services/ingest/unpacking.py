"""A ZIP or gzip file into its members. Limits are held against the bytes that come out, never a header.

An archive is unpacked twice: to see what comes out, and then file by file to be posted. So one that is too
large is refused before anything of it is taken, and only one member at a time has to lie on the disk.
"""

import gzip
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import IO, Final

from services.ingest.spooling import Spool, Spooled

ZIP_MARKS: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the second is that of an archive of nothing
GZIP_MARK: Final = b"\x1f\x8b"
DIRECTORY_ENTRY: Final = b"PK\x01\x02"
TAR_MARK: Final = (257, b"ustar")

MAX_MEMBERS: Final = 1000
MAX_RATIO: Final = 100
"""Of what comes out to what came in. X12 shrinks ten- to thirtyfold; deflate can do a thousand."""
HARMLESS: Final = 1024 * 1024
"""Below this the ratio says nothing: a short file of one segment over and over shrinks as much."""
CHUNK: Final = 256 * 1024
METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others can ask for gigabytes of memory in their headers, and no clearinghouse uses them."""
ENCRYPTED: Final = 0x1
NAME_CHARACTERS: Final = 200

Unreadable = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""All that the standard library raises over a broken archive."""


class ArchiveRefusedError(Exception):
    """Nothing of the archive is taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive, named `archive.zip/member.835`; `refused` says why it has no content."""

    name: str
    content: Spooled | None = None
    refused: str = ""


@dataclass(slots=True)
class _Allowance:
    """How much may still come out of one archive."""

    packed: int
    limit: int
    unpacked: int = 0

    def take(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limit:
            raise ArchiveRefusedError(
                f"Unpacked, this archive has over {self.limit // 2**20} MB; send it in parts."
            )
        if self.unpacked > max(HARMLESS, MAX_RATIO * self.packed):
            raise ArchiveRefusedError(
                f"This archive unpacks to over {MAX_RATIO} times its size, which X12 files never do; "
                "send the files themselves."
            )


def is_packed(content: Spooled) -> bool:
    return content.head(4).startswith((*ZIP_MARKS, GZIP_MARK))


def unpack(file_name: str, content: Spooled) -> Generator[Member]:
    """The members of a packed file, in its order; hidden ones are left out, as in a folder.

    A member that cannot be taken says so in `refused` and leaves the others alone. A member's content is
    closed when the next one is asked for, or the generator is.

    Raises:
        ArchiveRefusedError: before the first member; the archive holds nothing, too much or too many, or
            cannot be opened at all.
    """
    members = _gunzipped if content.head(2) == GZIP_MARK else _unzipped
    if not sum(1 for _ in _one_at_a_time(members(file_name, content))):
        raise ArchiveRefusedError("This archive holds no file.")
    return _one_at_a_time(members(file_name, content))


def _one_at_a_time(members: Iterator[Member]) -> Generator[Member]:
    for member in members:
        with member.content.file if member.content else nullcontext():
            yield member


def _gunzipped(file_name: str, content: Spooled) -> Iterator[Member]:
    """The name inside a gzip file is ignored: its sender gave the file the name that people know."""
    inner = file_name[:-3] if file_name.lower().endswith(".gz") else file_name
    content.file.seek(0)
    try:
        with gzip.GzipFile(fileobj=content.file, mode="rb") as packed:
            yield _member(f"{file_name}/{inner}", packed, _allowance(content))
    except Unreadable:
        raise ArchiveRefusedError("This gzip file is damaged; ask the sender for it again.") from None


def _unzipped(file_name: str, content: Spooled) -> Iterator[Member]:
    # Counted in the bytes before the library reads them all into memory: each entry begins with this mark.
    if _entries(content) > MAX_MEMBERS:
        raise ArchiveRefusedError(f"This archive has over {MAX_MEMBERS} files; send it in parts.")
    try:
        archive = zipfile.ZipFile(content.file)
    except Unreadable:
        raise ArchiveRefusedError("This ZIP archive is damaged; ask the sender for it again.") from None
    allowance = _allowance(content)
    with archive:
        for entry in archive.infolist():
            last = entry.filename.replace("\\", "/").rsplit("/", 1)[-1]
            if last and not last.startswith("."):  # no folder, and not hidden
                yield _unzip(archive, entry, f"{file_name}/{_shown(entry.filename)}", allowance)


def _entries(content: Spooled) -> int:
    """How often the mark of an entry occurs; it is found across the pieces, too."""
    content.file.seek(0)
    count, before = 0, b""
    while piece := content.file.read(CHUNK):
        count += (before + piece).count(DIRECTORY_ENTRY)
        before = piece[1 - len(DIRECTORY_ENTRY) :]
    return count


def _unzip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, allowance: _Allowance) -> Member:
    if refused := _refusal(entry):
        return Member(name, refused=refused)
    try:
        with archive.open(entry) as packed:
            return _member(name, packed, allowance)
    except Unreadable:
        return Member(name, refused="It is damaged in the archive; ask the sender for it again.")


def _refusal(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not even unpacked; empty where it may be."""
    parts = entry.filename.replace("\\", "/").split("/")
    if entry.flag_bits & ENCRYPTED:
        return "It is encrypted; send it without a password."
    if not parts[0] or parts[0].endswith(":") or ".." in parts:
        return "Its name leads out of the archive (absolute, or with '..'); pack it with a plain name."
    if entry.compress_type not in METHODS:
        return f"It is packed by method {entry.compress_type}, which is not read; pack it as ordinary ZIP."
    return ""


def _allowance(content: Spooled) -> _Allowance:
    return _Allowance(content.size, content.limit)


def _member(name: str, packed: IO[bytes] | gzip.GzipFile, allowance: _Allowance) -> Member:
    with Spool(allowance.limit) as taken:
        while chunk := packed.read(CHUNK):
            allowance.take(len(chunk))
            taken.add(chunk)
        content = taken.done()
    at, mark = TAR_MARK
    if is_packed(content) or content.head(at + len(mark)).startswith(mark, at):
        content.file.close()
        return Member(name, refused="It is an archive within the archive; send it by itself, unpacked.")
    return Member(name, content)


def _shown(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[-NAME_CHARACTERS:]
