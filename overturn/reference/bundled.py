"""The tables that come with Overturn, in `reference`: therapy codes, each table with quarter and source."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from overturn.domain.edit_pairs import PairEdit, ReferenceTable, TableSource, UnitLimit
from overturn.paths import REFERENCE
from overturn.rulebook.cells import Row, convert, read_rows

SOURCE_COLUMNS: Final = ("file", "owner", "effective_from", "effective_to", "source")
PAIR_COLUMNS: Final = (
    *("column1", "column2", "modifier_indicator", "effective_on", "deleted_on", "rationale"),
)
LIMIT_COLUMNS: Final = ("hcpcs", "units", "adjudication_indicator", "rationale")
ADD_ON_COLUMNS: Final = ("add_on", "primary", "edit_type")

Key = tuple[str, ...]
Entry = TypeVar("Entry")


@cache
def bundled_pairs(directory: Path = REFERENCE) -> ReferenceTable[PairEdit]:
    """PTP edits between therapy codes. Only a pair of codes that both stand in the tables is covered."""
    source = table_source("ncci_pairs.csv", directory)
    edits = convert(read_rows(directory / "ncci_pairs.csv", PAIR_COLUMNS), _pair)
    codes = {code for edit in edits for code in (edit.column1, edit.column2)}
    codes |= {limit.hcpcs for limit in _limits(directory)}
    return _table(source, edits, lambda edit: (edit.column1, edit.column2), codes)


@cache
def bundled_limits(directory: Path = REFERENCE) -> ReferenceTable[UnitLimit]:
    """Unit limits of therapy codes."""
    limits = _limits(directory)
    source = table_source("unit_limits.csv", directory)
    return _table(source, limits, lambda limit: (limit.hcpcs,), {limit.hcpcs for limit in limits})


@cache
def bundled_add_ons(directory: Path = REFERENCE) -> ReferenceTable[str]:
    """The primary procedures without which an add-on code is not paid, by add-on code."""
    rows = read_rows(directory / "add_on_codes.csv", ADD_ON_COLUMNS)
    found: defaultdict[Key, list[str]] = defaultdict(list)
    for row in rows:
        found[row.text("add_on"),].append(row.text("primary"))
    source = table_source("add_on_codes.csv", directory)
    return ReferenceTable(source, lambda key: found.get(key, ()), lambda _: False, dated=False)


def bundled_row_counts(directory: Path = REFERENCE) -> list[tuple[str, TableSource, int]]:
    """Kind, source and number of rows of each bundled edit table."""
    columns = {
        "ncci-ptp": ("ncci_pairs.csv", PAIR_COLUMNS),
        "mue": ("unit_limits.csv", LIMIT_COLUMNS),
        "add-on": ("add_on_codes.csv", ADD_ON_COLUMNS),
    }
    return [
        (kind, table_source(file, directory), len(read_rows(directory / file, names)))
        for kind, (file, names) in columns.items()
    ]


def table_source(file: str, directory: Path = REFERENCE) -> TableSource:
    """Quarter and origin of one bundled table."""
    return _sources(directory)[file]


@cache
def _sources(directory: Path) -> Mapping[str, TableSource]:
    rows = read_rows(directory / "tables.csv", SOURCE_COLUMNS)
    return {row.text("file"): _source(row) for row in rows}


def _source(row: Row) -> TableSource:
    name = f"{row.text('source')} (bundled: reference/{row.text('file')})"
    return TableSource(
        name, row.text("owner"), required_day(row, "effective_from"), required_day(row, "effective_to")
    )


def required_day(row: Row, column: str) -> date:
    """A date that must be there."""
    row.text(column)
    day = row.day(column)
    assert day is not None  # noqa: S101 - an empty cell was refused one line above
    return day


@cache
def _limits(directory: Path) -> tuple[UnitLimit, ...]:
    return convert(read_rows(directory / "unit_limits.csv", LIMIT_COLUMNS), _limit)


def _pair(row: Row) -> PairEdit:
    return PairEdit(
        column1=row.text("column1"),
        column2=row.text("column2"),
        modifier_indicator=row.text("modifier_indicator"),
        effective_on=row.day("effective_on"),
        deleted_on=row.day("deleted_on"),
        rationale=row.text("rationale"),
    )


def _limit(row: Row) -> UnitLimit:
    units, indicator = row.whole("units"), row.text("adjudication_indicator")
    return UnitLimit(row.text("hcpcs"), units, indicator, row.text("rationale"))


def _table(
    source: TableSource, entries: Iterable[Entry], key_of: Callable[[Entry], Key], codes: set[str]
) -> ReferenceTable[Entry]:
    by_key: defaultdict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_key[key_of(entry)].append(entry)
    found = dict(by_key)
    return ReferenceTable(source, lambda key: found.get(key, ()), codes.issuperset, dated=False)
