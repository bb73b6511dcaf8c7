"""The whole record out into one file and in again, exact to the cent: PostgreSQL writes and reads every row.

The file is a ZIP: `manifest.json` says of which migration it is and how many rows each table has, with
their SHA-256; `<table>.jsonl` has a row a line, as PostgreSQL's `row_to_json` writes it. Who is signed in is
left out.
"""

import hashlib
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import metadata

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LEFT_OUT: Final = frozenset({"user_session"})
BATCH_BYTES: Final = 4 * 2**20
BATCH_ROWS: Final = 1_000

Progress = Callable[[str, int], None]
"""Told a table's name and how many rows it has, when it is done."""


class WorkStateError(Exception):
    """The file cannot be taken in; the message says why and what to do. Nothing was changed."""


class TableState(BaseModel):
    """How many rows a table has, and the SHA-256 of its lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    sha256: str


class Manifest(BaseModel):
    """What a file of work state holds. `revision` is the newest migration of the database it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    revision: str
    tables: dict[str, TableState]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


class _Lines:
    """Rows that passed by, counted and hashed."""

    def __init__(self) -> None:
        self.rows = 0
        self.digest = hashlib.sha256()

    def add(self, line: bytes) -> bytes:
        self.rows += 1
        self.digest.update(line)
        return line

    @property
    def state(self) -> TableState:
        return TableState(rows=self.rows, sha256=self.digest.hexdigest())


async def export_work_state(session: AsyncSession, out: IO[bytes], *, progress: Progress) -> Manifest:
    """Write every row of one moment; what others write meanwhile waits for nothing and is not in it."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    states: dict[str, TableState] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in _tables():
            lines = _Lines()
            with archive.open(_member(table.name), "w", force_zip64=True) as member:
                async for line in _rows(session, table):
                    member.write(lines.add(line))
            states[table.name] = lines.state
            progress(table.name, lines.rows)
        manifest = Manifest(format=FORMAT, revision=await _revision(session), tables=states)
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


async def import_work_state(session: AsyncSession, path: Path, *, progress: Progress) -> Manifest:
    """Take a file in, all of it or, on WorkStateError, nothing once the transaction is rolled back.

    The database must be at the file's migration and hold nothing yet.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = Manifest.model_validate_json(archive.read(MANIFEST))
            await _refuse_misfit(session, manifest)
            for table in _tables():
                with archive.open(_member(table.name)) as member:
                    await _take_in(session, table, member, manifest.tables[table.name])
                progress(table.name, manifest.tables[table.name].rows)
    except (zipfile.BadZipFile, ValidationError, KeyError, EOFError) as error:
        raise WorkStateError(f"{path.name} is no file of work state, or damaged; export it anew.") from error
    return manifest


def _tables() -> list[Table]:
    """Those referred to before those that refer to them."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def _member(table: str) -> str:
    return f"{table}.jsonl"


async def _rows(session: AsyncSession, table: Table) -> AsyncIterator[bytes]:
    keys = ", ".join(column.name for column in table.primary_key)
    found = await session.stream_scalars(
        text(f"SELECT row_to_json(t)::text FROM {table.name} t ORDER BY {keys}")  # noqa: S608 - our own tables
    )
    async for row in found:
        yield f"{row}\n".encode()


async def _revision(session: AsyncSession) -> str:
    return str(await session.scalar(text("SELECT version_num FROM alembic_version")))


async def _refuse_misfit(session: AsyncSession, manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise WorkStateError(f"The file has format {manifest.format}; this release reads {FORMAT}.")
    if (ours := await _revision(session)) != manifest.revision:
        raise WorkStateError(
            f"The file is of a database at {manifest.revision}, this one is at {ours}: "
            "take it in with the release that wrote it, then upgrade."
        )
    for table in _tables():
        if await session.scalar(text(f"SELECT EXISTS (SELECT FROM {table.name})")):  # noqa: S608
            raise WorkStateError(
                f"This database is in use: {table.name} has rows. Work state goes into an empty one."
            )


async def _take_in(session: AsyncSession, table: Table, member: IO[bytes], told: TableState) -> None:
    lines = _Lines()
    insert = text(
        f"INSERT INTO {table.name} "  # noqa: S608 - a name of our own
        f"SELECT * FROM json_populate_recordset(NULL::{table.name}, CAST(:rows AS json))"
    )
    for batch in _batches(member, lines):
        await session.execute(insert, {"rows": f"[{','.join(batch)}]"})
    if lines.state != told:
        raise WorkStateError(f"The rows of {table.name} are not those that were exported; export it anew.")
    await _go_on_counting(session, table)


def _batches(member: IO[bytes], lines: _Lines) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for line in member:
        batch.append(lines.add(line).decode())
        size += len(line)
        if size >= BATCH_BYTES or len(batch) >= BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _go_on_counting(session: AsyncSession, table: Table) -> None:
    """Numbers that the database gives go on after the highest that came in."""
    for column in table.columns:
        if column.identity is not None:
            await session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608
                    f"coalesce(max({column.name}), 1), max({column.name}) IS NOT NULL) FROM {table.name}"
                )
            )
