"""Imported tables as the domain asks for them: a quarter's PTP files as one, MUE, add-on codes, fees."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from overturn.domain.edit_pairs import PairEdit, ReferenceTable, UnitLimit
from overturn.domain.fee_schedule import RelativeValues
from overturn.reference.fees import CodeValues, Locality, Release
from overturn.reference.layouts import LAYOUTS, Kind
from overturn.reference.store import ReferenceFolder, StoredTable

PARTS_OF_A_QUARTER: Final = frozenset("1234")
REMEMBERED: Final = 4096  # looked-up pairs or codes by table

Key = tuple[str, ...]


def imported_pairs(folder: ReferenceFolder) -> list[ReferenceTable[PairEdit]]:
    """One table for each owner and quarter, over the files it was published in."""
    quarters: defaultdict[tuple[str, str], list[StoredTable]] = defaultdict(list)
    for table in folder.tables(Kind.NCCI_PTP):
        same = quarters[table.about.owner, table.about.effective_from]
        if not table.about.part or table.about.part not in {known.about.part for known in same}:
            same.append(table)  # a part that was published again is listed first
    return [_pair_table(tables) for tables in quarters.values()]


def imported_limits(folder: ReferenceFolder) -> list[ReferenceTable[UnitLimit]]:
    """Unit limits by quarter."""
    return [_limit_table(table) for table in folder.tables(Kind.MUE)]


def imported_add_ons(folder: ReferenceFolder) -> list[ReferenceTable[str]]:
    """Primary procedures by add-on code; edits that ended are left out."""
    return [_add_on_table(table) for table in folder.tables(Kind.ADD_ON)]


def imported_releases(folder: ReferenceFolder) -> list[Release]:
    """PPRRVU releases. Of 2026 on CMS publishes a second file for qualifying APM participants, whose
    conversion factor is not everybody's."""
    return [_release(table) for table in folder.tables(Kind.PPRRVU)]


def imported_localities(folder: ReferenceFolder) -> Iterator[Locality]:
    """Every locality of every imported year."""
    for table in folder.tables(Kind.GPCI):
        for row in table.select("SELECT * FROM entry"):
            yield _locality(row, table)


def _pair_table(tables: Sequence[StoredTable]) -> ReferenceTable[PairEdit]:
    whole = {table.about.part for table in tables} >= PARTS_OF_A_QUARTER
    ranges = [] if whole else [_column1_range(table) for table in tables]

    def covers(codes: Key) -> bool:
        return whole or all(any(first <= code <= last for first, last in ranges) for code in codes)

    @lru_cache(REMEMBERED)
    def find(codes: Key) -> tuple[PairEdit, ...]:
        indexed = LAYOUTS[Kind.NCCI_PTP].indexed
        return tuple(_pair(row) for table in tables for row in table.find(indexed, codes))

    return ReferenceTable(tables[0].source, find, covers)


def _column1_range(table: StoredTable) -> tuple[str, str]:
    (row,) = table.select("SELECT min(column1) AS first, max(column1) AS last FROM entry")
    return row["first"], row["last"]


def _pair(row: Mapping[str, str]) -> PairEdit:
    return PairEdit(
        row["column1"],
        row["column2"],
        row["modifier_indicator"],
        _day(row["effective_on"]),
        _day(row["deleted_on"]),
        row["rationale"],
    )


def _limit_table(table: StoredTable) -> ReferenceTable[UnitLimit]:
    @lru_cache(REMEMBERED)
    def find(codes: Key) -> tuple[UnitLimit, ...]:
        rows = table.find(("hcpcs",), codes)
        return tuple(
            UnitLimit(r["hcpcs"], int(r["units"]), r["adjudication_indicator"], r["rationale"]) for r in rows
        )

    return ReferenceTable(table.source, find, lambda _: True, dated=False)


def _add_on_table(table: StoredTable) -> ReferenceTable[str]:
    @lru_cache(REMEMBERED)
    def find(codes: Key) -> tuple[str, ...]:
        return tuple(row["primary_code"] for row in table.find(("add_on",), codes) if not row["deleted_on"])

    return ReferenceTable(table.source, find, lambda _: True, dated=False)


class _Codes(Mapping[str, CodeValues]):
    """The codes of a release without a modifier, read one at a time."""

    def __init__(self, table: StoredTable) -> None:
        self._table = table

    def __getitem__(self, hcpcs: str) -> CodeValues:
        rows = self._table.find(("hcpcs", "modifier"), (hcpcs, ""))
        if not rows:
            raise KeyError(hcpcs)
        row = rows[0]
        values = RelativeValues(Decimal(row["work"]), Decimal(row["non_facility_pe"]), Decimal(row["mp"]))
        return CodeValues(hcpcs, row["status"], values, row["multiple_procedure"])

    def __iter__(self) -> Iterator[str]:
        rows = self._table.select("SELECT hcpcs FROM entry WHERE modifier = ''")
        return (row["hcpcs"] for row in rows)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _release(table: StoredTable) -> Release:
    source = table.source
    name = table.about.file.lower()
    factor = None
    if "qpp" not in name or "nonqpp" in name:
        rows = table.select(
            "SELECT conversion_factor FROM entry WHERE CAST(conversion_factor AS REAL) > 0 LIMIT 1"
        )
        factor = Decimal(rows[0]["conversion_factor"]) if rows else None
    return Release(_named(table), source.effective_from, source.effective_to, _Codes(table), factor)


def _locality(row: Mapping[str, str], table: StoredTable) -> Locality:
    source = table.source
    return Locality(
        row["contractor"],
        row["locality"],
        row["state"],
        row["name"],
        source.effective_from,
        source.effective_to,
        RelativeValues(Decimal(row["work"]), Decimal(row["pe"]), Decimal(row["mp"])),
        _named(table),
    )


def _named(table: StoredTable) -> str:
    caveat = f". {table.source.caveat}" if table.source.caveat else ""
    return f"{table.source.name}{caveat}"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
