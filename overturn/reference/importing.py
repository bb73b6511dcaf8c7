"""An official file in; one table of the reference folder out, or every reason why not."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from overturn.reference.dating import day_of_change, given_period, period_of
from overturn.reference.header import Header, find_header
from overturn.reference.layouts import LAYOUTS, Kind, Layout
from overturn.reference.published import PublishedRow, UnreadableFileError, read_published
from overturn.reference.store import About, ReferenceFolder

MOST_PROBLEMS: Final = 20
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import; `added` is false where the file stood in the folder for that quarter."""

    about: About
    added: bool
    path: Path


@dataclass(slots=True)
class _Reading:
    """One pass over a file: rows that could be read, what could not, and what the dating needs."""

    path: Path
    layout: Layout
    header: Header | None = None
    rows: int = 0
    newest: date | None = None
    problems: list[str] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[str, ...]]:
        """Every data row in the order of the layout's columns."""
        for _, sheet in groupby(read_published(self.path), key=lambda row: row.sheet):
            try:
                header, rows = find_header(sheet, self.layout.columns, file=self.path.name)
            except UnreadableFileError as error:
                self.problems += error.problems
                continue
            self.header = self.header or header
            yield from self._sheet(header, rows)
            if len(self.problems) >= MOST_PROBLEMS:
                return
        if self.header is not None:  # a workbook may have sheets of notes beside that with the table
            self.problems = [problem for problem in self.problems if "no header" not in problem]

    def _sheet(self, header: Header, rows: Iterator[PublishedRow]) -> Iterator[tuple[str, ...]]:
        key_place = header.places[self.layout.columns[0].field]
        for row in rows:
            if not self._is_data(row, key_place, header):
                continue
            entry = self._entry(row, header)
            if entry is not None:
                self.rows += 1
                yield entry
            elif len(self.problems) >= MOST_PROBLEMS:
                return

    def _is_data(self, row: PublishedRow, key_place: int, header: Header) -> bool:
        """False for footnotes: they stand in one cell, or fill none that we read."""
        if self.layout.key.fullmatch(row.cell(key_place).upper()):
            return True
        return len([place for place in header.places.values() if row.cell(place)]) > 1

    def _entry(self, row: PublishedRow, header: Header) -> tuple[str, ...] | None:
        values: dict[str, str] = {}
        for name in self.layout.fields:
            place = header.places.get(name)
            cell = row.cell(place) if place is not None else ""
            try:
                values[name] = self.layout.parse[name](cell) if place is not None else ""
            except ValueError as error:
                self.problems.append(f"{self._where(row)}, column {header.title(name)!r}: {cell!r} {error}")
                return None
        if "deleted_on" in values:
            changed = day_of_change(values["effective_on"], values["deleted_on"])
            self.newest = max(filter(None, (self.newest, changed)), default=None)
        return tuple(values[name] for name in self.layout.fields)

    def _where(self, row: PublishedRow) -> str:
        sheet = f", sheet {row.sheet}" if row.sheet else ""
        return f"{self.path.name}{sheet}, row {row.number}"


def import_file(
    kind: Kind,
    path: Path,
    folder: ReferenceFolder,
    *,
    today: date,
    owner: str = "medicare",
    quarter: str | None = None,
) -> Imported:
    """Read an official file by its header and keep it under its content and quarter.

    Nothing is added when anything in it cannot be read: UnreadableFileError lists what and where, at most
    twenty problems. The file is read once, in flat memory.
    """
    sha256, given = _sha256(path), given_period(quarter) if quarter else None
    for known in folder.tables(kind):
        same_time = given is None or known.about.effective_from == given.first.isoformat()
        if (known.about.sha256, known.about.owner) == (sha256, owner) and same_time:
            return Imported(known.about, added=False, path=known.path)
    layout, reading = LAYOUTS[kind], _Reading(path, LAYOUTS[kind])

    def about() -> About:
        header = _checked(reading, kind)
        period = given or period_of(kind, name=path.name, header=header, newest=reading.newest, today=today)
        return About(
            kind=kind,
            owner=owner,
            file=path.name,
            sha256=sha256,
            effective_from=period.first.isoformat(),
            effective_to=period.last.isoformat(),
            dated_by=period.found_by,
            rows=reading.rows,
            imported_on=today.isoformat(),
            notice="\n".join(header.preamble),
            part=_part(path.name),
            sequence=1 + max((table.about.sequence for table in folder.tables()), default=0),
        )

    table = folder.add(layout.fields, layout.indexed, reading.entries(), about, sha256=sha256)
    return Imported(table.about, added=True, path=table.path)


def _checked(reading: _Reading, kind: Kind) -> Header:
    """The header of a file that was read to its end without a problem."""
    if reading.problems:
        more = ["... and perhaps more."] if len(reading.problems) >= MOST_PROBLEMS else []
        advice = f"Nothing was imported. Fetch the file anew, or name the kind it really is, not {kind}."
        raise UnreadableFileError(*reading.problems, *more, advice)
    if reading.header is None or reading.rows == 0:
        raise UnreadableFileError(f"{reading.path.name} has no rows of a {kind} file: nothing was imported.")
    return reading.header


def _part(name: str) -> str:
    """Which of a quarter's four PTP files: `ccipra-v322r0-f1` is the first."""
    found = re.search(r"-f(\d)", name, re.IGNORECASE)
    return found[1] if found else ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
