"""Cells of a rule table as typed values; what is wrong is said by file, row and column, with the way out."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from overturn.domain.rule_cells import WORDS, CodeCell, FigureCell
from overturn.rulebook.saved_csv import UnreadableTableError, read_records

COMPUTED: Final = re.compile(r"(?!-?\d+(\.\d+)?$)[=+\-@\t\r]")
"""What a spreadsheet takes for the start of a formula: no cell of a pack may, so none can do harm there."""

SERIAL_DAY: Final = re.compile(r"[3-6]\d{4}")
DAY_ZERO: Final = date(1899, 12, 30)
"""What spreadsheets count days from."""

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


class RulebookError(Exception):
    """The rules cannot be used; each problem names file, row, column and what to do."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `number` counts lines of the file as an editor shows them."""

    file: str
    number: int
    cells: dict[str, str]

    def fail(self, column: str, problem: str) -> RulebookError:
        return RulebookError([f"{self.place}, column {column}: {problem}"])

    def text(self, column: str) -> str:
        """The cell, which must not be empty."""
        return self.cells[column] or self._missing(column)

    def optional(self, column: str) -> str | None:
        return self.cells[column] or None

    def choice(self, column: str, choices: type[Choice]) -> Choice:
        try:
            return choices(self.text(column))
        except ValueError:
            known = ", ".join(choices)
            raise self.fail(column, f"{self.cells[column]!r} is none of {known}: correct the cell") from None

    def optional_choice(self, column: str, choices: type[Choice]) -> Choice | None:
        return self.choice(column, choices) if self.cells[column] else None

    def flag(self, column: str) -> bool:
        """In capitals, too: a spreadsheet may have filled the cell in."""
        written = self.cells[column].lower()
        if written not in {"yes", "no"}:
            raise self.fail(column, f"{self.cells[column]!r} is neither yes nor no: correct the cell")
        return written == "yes"

    def whole(self, column: str) -> int:
        return self._parse(column, int, "write a whole number")

    def decimal(self, column: str) -> Decimal:
        return self._parse(column, Decimal, "write a number such as 40.00")

    def day(self, column: str) -> date | None:
        if not self.cells[column]:
            return None
        return self._parse(column, date.fromisoformat, f"write YYYY-MM-DD{_meant_day(self.cells[column])}")

    def period(self, start: str, end: str) -> tuple[date | None, date | None]:
        """Two dates that may be open, in order."""
        first, last = self.day(start), self.day(end)
        if first and last and first > last:
            raise self.fail(end, f"{last} lies before {first}: correct one of them")
        return first, last

    def codes(self, column: str, *, parted_by: str = WORDS) -> CodeCell:
        return self._cell(column, lambda text: CodeCell.parse(text, parted_by=parted_by))

    def figures(self, column: str) -> FigureCell:
        return self._cell(column, FigureCell.parse)

    def known(self, column: str, names: Iterable[str], *, table: str) -> str:
        """The cell, which must be listed in another table."""
        value = self.text(column)
        if value not in names:
            raise self.fail(column, f"{value!r} is not in {table}: add it there or correct the cell")
        return value

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"

    def _cell(self, column: str, parse: Callable[[str], Value]) -> Value:
        try:
            return parse(self.cells[column])
        except ValueError as error:
            raise self.fail(column, str(error)) from None

    def _parse(self, column: str, parse: Callable[[str], Value], advice: str) -> Value:
        try:
            return parse(self.text(column))
        except (ValueError, InvalidOperation):
            raise self.fail(column, f"{self.cells[column]!r} cannot be read: {advice}") from None

    def _missing(self, column: str) -> str:
        raise self.fail(column, "is empty: fill it in")


def read_rows(path: Path, columns: tuple[str, ...], *, name: str = "") -> list[Row]:
    """The rows of one table, each with all of `columns`; other columns are refused, they would do nothing.

    `name` is what the table is called in messages, where the file's own name would not say which it is.
    """
    name = name or path.name
    if not path.is_file():
        raise RulebookError([f"{name} is missing from {path.parent}: restore it, or name another folder"])
    return parse_rows(path.read_bytes(), columns, name=name)


def parse_rows(content: bytes, columns: tuple[str, ...], *, name: str) -> list[Row]:
    """The same of a file's content, however it came."""
    try:
        records = list(read_records(content))
    except UnreadableTableError as error:
        raise RulebookError([f"{name} is no readable CSV in UTF-8: {error}"]) from None
    _, first = records[0] if records else (1, [])
    header = tuple(first)
    _check_header(name, header, columns)
    return [_row(name, number, header, cells) for number, cells in records[1:]]


def convert(rows: Iterable[Row], build: Callable[[Row], Value]) -> tuple[Value, ...]:
    """Every row through `build`; all problems of the table are reported together."""
    values: list[Value] = []
    problems: list[str] = []
    for row in rows:
        try:
            values.append(build(row))
        except RulebookError as error:
            problems += error.problems
    if problems:
        raise RulebookError(problems)
    return tuple(values)


def check_unique(rows: Iterable[Row], *columns: str) -> None:
    """Refuse a second row with the same key."""
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.cells[column] for column in columns)
        if key in seen:
            repeated = " ".join(filter(None, key)) or "(blank)"
            raise row.fail("+".join(columns), f"{repeated} stands in row {seen[key]} too: remove one of them")
        seen[key] = row.number


def check_no_formula(rows: Iterable[Row]) -> None:
    """Refuse a cell that a spreadsheet would compute, in tables that people open with one."""
    for row in rows:
        for column, cell in row.cells.items():
            if COMPUTED.match(cell):
                raise row.fail(column, f"{cell!r} would be computed by a spreadsheet: begin it otherwise")


def _meant_day(written: str) -> str:
    """The date behind a spreadsheet's count of days, as a hint."""
    if not SERIAL_DAY.fullmatch(written):
        return ""
    return f"; a spreadsheet counts days so, and this one may be {DAY_ZERO + timedelta(days=int(written))}"


def _check_header(file: str, header: tuple[str, ...], columns: tuple[str, ...]) -> None:
    missing, extra = [c for c in columns if c not in header], [c for c in header if c not in columns]
    if missing or extra or len(set(header)) != len(header):
        found = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(extra) or 'none'}"
        wanted = ", ".join(columns)
        raise RulebookError([f"{file}, row 1: the columns must be {wanted} ({found}): correct the header"])


def _row(file: str, number: int, header: tuple[str, ...], cells: list[str]) -> Row:
    if len(cells) != len(header):
        counted = f"{len(cells)} cells instead of {len(header)}"
        raise RulebookError([f"{file}, row {number}: {counted}: quote cells that hold a comma"])
    return Row(file, number, dict(zip(header, cells, strict=True)))
