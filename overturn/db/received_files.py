"""Files as they came, in pieces, and how far each is posted."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, BinaryIO, Final, Protocol

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import ReceivedFile, ReceivedPiece

PIECE_BYTES: Final = 1024 * 1024
POSTING: Final = "posting"


class Posted(Protocol):
    """How far a file is posted."""

    @property
    def size_bytes(self) -> int: ...
    @property
    def bytes_checked(self) -> int: ...
    @property
    def parts(self) -> int | None: ...
    @property
    def parts_posted(self) -> int: ...
    @property
    def claims(self) -> int: ...


def percent(file: Posted) -> int:
    """Of the step at hand: a file is first read to its end, and then posted."""
    if file.parts is None:
        return 100 * file.bytes_checked // max(file.size_bytes, 1)
    return 100 * file.parts_posted // max(file.parts, 1)


def progress(file: Posted) -> str:
    """How far a file is, in words."""
    if file.parts is None:
        return f"reading {percent(file)} %"
    return f"posting {percent(file)} %, {file.claims:,} claims so far"


async def store_file(session: AsyncSession, row: Mapping[str, Any], content: BinaryIO) -> bool:
    """Store a file with its content, to be posted; False, and nothing stored, where it is there already.

    A second bringer of the same bytes waits here until the first has committed.
    """
    stored = await session.scalar(
        insert(ReceivedFile)
        .values(state=POSTING, **row)
        .on_conflict_do_nothing()
        .returning(col(ReceivedFile.sha256))
    )
    if stored is None:
        return False
    number = 0
    while piece := content.read(PIECE_BYTES):
        place = {"file_sha256": row["sha256"], "number": number}
        await session.execute(insert(ReceivedPiece).values(content=piece, **place))
        number += 1
    return True


async def stored_content(session: AsyncSession, sha256: str) -> AsyncIterator[bytes]:
    """The file's bytes, a piece at a time."""
    wanted = select(col(ReceivedPiece.content)).where(col(ReceivedPiece.file_sha256) == sha256)
    number = 0
    while (piece := await session.scalar(wanted.where(col(ReceivedPiece.number) == number))) is not None:
        yield piece
        number += 1


async def unfinished(session: AsyncSession) -> list[str]:
    """The SHA-256 of every file that is stored and not posted to its end, the oldest first."""
    found = await session.scalars(
        select(col(ReceivedFile.sha256))
        .where(col(ReceivedFile.state) == POSTING)
        .order_by(col(ReceivedFile.received_at))
    )
    return list(found)


async def change(session: AsyncSession, sha256: str, **values: Any) -> None:
    await session.execute(update(ReceivedFile).where(col(ReceivedFile.sha256) == sha256).values(**values))
