"""The fee tables that come with Overturn: RVUs of therapy codes, GPCIs, constants."""

from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from overturn.domain.fee_schedule import RelativeValues
from overturn.paths import REFERENCE
from overturn.reference.bundled import required_day
from overturn.reference.fees import CodeValues, Constant, Locality, Release
from overturn.rulebook.cells import Row, convert, read_rows

RELEASE_COLUMNS: Final = ("release", "effective_from", "effective_to", "source")
VALUE_COLUMNS: Final = (
    *("release", "hcpcs", "status", "work", "non_facility_pe", "mp", "multiple_procedure"),
)
LOCALITY_COLUMNS: Final = (
    *("contractor", "locality", "state", "name", "effective_from", "effective_to", "work", "pe", "mp"),
    "source",
)
CONSTANT_COLUMNS: Final = ("name", "effective_from", "effective_to", "value", "note", "source")


@cache
def bundled_releases(directory: Path = REFERENCE) -> tuple[Release, ...]:
    """PPRRVU releases, therapy codes only."""
    codes: defaultdict[str, dict[str, CodeValues]] = defaultdict(dict)
    for row in read_rows(directory / "relative_values.csv", VALUE_COLUMNS):
        codes[row.text("release")][row.text("hcpcs")] = _code(row)
    rows = read_rows(directory / "relative_value_releases.csv", RELEASE_COLUMNS)
    return convert(rows, lambda row: _release(row, codes[row.text("release")]))


@cache
def bundled_localities(directory: Path = REFERENCE) -> tuple[Locality, ...]:
    """Geographic indices by year."""
    return convert(read_rows(directory / "localities.csv", LOCALITY_COLUMNS), _locality)


@cache
def bundled_constants(directory: Path = REFERENCE) -> tuple[Constant, ...]:
    """Conversion factors, rates and thresholds with the time each was in force."""
    return convert(read_rows(directory / "payment_constants.csv", CONSTANT_COLUMNS), _constant)


def _code(row: Row) -> CodeValues:
    values = RelativeValues(row.decimal("work"), row.decimal("non_facility_pe"), row.decimal("mp"))
    return CodeValues(row.text("hcpcs"), row.text("status"), values, row.text("multiple_procedure"))


def _release(row: Row, codes: dict[str, CodeValues]) -> Release:
    name = f"{row.text('source')}, {row.text('release')} (bundled: reference/relative_values.csv)"
    return Release(name, *_period(row), codes)


def _locality(row: Row) -> Locality:
    return Locality(
        row.text("contractor"),
        row.text("locality"),
        row.text("state"),
        row.text("name"),
        *_period(row),
        RelativeValues(row.decimal("work"), row.decimal("pe"), row.decimal("mp")),
        f"{row.text('source')} (bundled: reference/localities.csv)",
    )


def _constant(row: Row) -> Constant:
    note = f", {row.text('note')}" if row.optional("note") else ""
    return Constant(
        row.text("name"),
        required_day(row, "effective_from"),
        row.day("effective_to"),
        row.decimal("value"),
        f"{row.text('source')}{note} (bundled: reference/payment_constants.csv)",
    )


def _period(row: Row) -> tuple[date, date]:
    return required_day(row, "effective_from"), required_day(row, "effective_to")
