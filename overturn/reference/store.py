"""The reference folder: each imported file as one indexed SQLite file, never changed once it is made.

See docs/adr/0015-reference-folder.md for why these tables are no tables of PostgreSQL.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from overturn.domain.edit_pairs import TableSource
from overturn.reference.dating import ASSUMED
from overturn.reference.layouts import Kind

SUFFIX: Final = ".sqlite"
SHORT_HASH: Final = 12


class ReferenceFolderError(Exception):
    """A table of the folder cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class About:
    """What an imported table is. `notice` is all that stood before the header, copyright notices with it;
    `part` is which of a quarter's four PTP files this is, empty where its name does not say; `sequence`
    tells which of two imports of one day came later."""

    kind: str
    owner: str
    file: str
    sha256: str
    effective_from: str
    effective_to: str
    dated_by: str
    rows: int
    imported_on: str
    notice: str
    part: str = ""
    sequence: int = 0  # grows with each import into a folder

    @property
    def file_name(self) -> str:
        return f"{self.kind}-{self.owner}-{self.effective_from}-{self.sha256[:SHORT_HASH]}{SUFFIX}"


@dataclass(frozen=True)
class StoredTable:
    """One table of the folder; look-ups open the file, read the index and close it."""

    path: Path
    about: About

    @cached_property
    def source(self) -> TableSource:
        about = self.about
        caveat = ""
        if about.dated_by == ASSUMED:
            caveat = (
                f"Nobody said for which quarter {about.file} was published; it is taken for that of its "
                "import: import it with --quarter to be sure."
            )
        return TableSource(
            f"{about.file} (imported {about.imported_on}, sha256 {about.sha256[:SHORT_HASH]})",
            about.owner,
            date.fromisoformat(about.effective_from),
            date.fromisoformat(about.effective_to),
            caveat,
        )

    def find(self, indexed: Sequence[str], values: Sequence[str]) -> list[dict[str, str]]:
        """Every row whose indexed fields have these values."""
        where = " AND ".join(f"{field} = ?" for field in indexed)
        return self.select(f"SELECT * FROM entry WHERE {where}", values)  # noqa: S608 - fields are our own names

    def select(self, statement: str, values: Sequence[str] = ()) -> list[dict[str, str]]:
        """The rows of a query on `entry`, as they stand in the table."""
        with _opened(self.path) as connection:
            cursor = connection.execute(statement, tuple(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]


class ReferenceFolder:
    """All imported tables of a folder, which need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def tables(self, kind: Kind | None = None) -> list[StoredTable]:
        """The tables of a kind, or all, by owner and time; of the same time the latest imported first."""
        found = [_table(path) for path in sorted(self.path.glob(f"{kind or ''}*{SUFFIX}"))]
        wanted = [table for table in found if kind is None or table.about.kind == kind]
        wanted.sort(key=lambda table: (table.about.imported_on, table.about.sequence), reverse=True)
        return sorted(wanted, key=lambda t: (t.about.kind, t.about.owner, t.about.effective_from))

    def add(
        self,
        columns: Sequence[str],
        indexed: Sequence[str],
        rows: Iterable[Sequence[str]],
        about: Callable[[], About],
        *,
        sha256: str,
    ) -> StoredTable:
        """Write a table as a whole or not at all: it appears under its name when it is complete. `about` is
        asked when the rows are all read; what it or they raise leaves nothing behind."""
        self.path.mkdir(parents=True, exist_ok=True)
        partial = self.path / f"{sha256[:SHORT_HASH]}.partial"
        partial.unlink(missing_ok=True)  # of an import that was killed
        try:
            with closing(sqlite3.connect(partial)) as connection:
                described = _write(connection, columns, indexed, rows, about)
            target = self.path / described.file_name
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return StoredTable(target, described)


def _write(
    connection: sqlite3.Connection,
    columns: Sequence[str],
    indexed: Sequence[str],
    rows: Iterable[Sequence[str]],
    about: Callable[[], About],
) -> About:
    marks = ", ".join("?" * len(columns))
    connection.execute("PRAGMA journal_mode = OFF")  # a broken-off file is thrown away as a whole
    connection.execute(f"CREATE TABLE entry ({', '.join(f'{column} TEXT' for column in columns)})")
    connection.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
    connection.executemany(f"INSERT INTO entry VALUES ({marks})", rows)  # noqa: S608 - marks are question marks
    described = about()
    connection.execute(f"CREATE INDEX entry_key ON entry ({', '.join(indexed)})")
    connection.executemany("INSERT INTO about VALUES (?, ?)", asdict(described).items())
    connection.commit()
    return described


def _table(path: Path) -> StoredTable:
    with _opened(path) as connection:
        stored = dict(connection.execute("SELECT name, value FROM about"))
    known = {field.name: stored.get(field.name, "") for field in fields(About)}
    figures = {name: int(known[name] or 0) for name in ("rows", "sequence")}
    return StoredTable(path, About(**{**known, **figures}))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise ReferenceFolderError(
            f"{path} is damaged ({error}): remove it and import its file again"
        ) from None
