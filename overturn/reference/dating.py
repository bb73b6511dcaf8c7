"""For which days of service a published file counts: as the person says, as its name, header or rows say."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from overturn.domain.business_days import DAY, add_months, end_of_month
from overturn.reference.header import Header, plain
from overturn.reference.layouts import Kind

MONTHS: Final = {"jan": 1, "apr": 4, "jul": 7, "oct": 10}
PTP_EPOCH: Final = 1994  # v302 is the third quarter of 2024, v320 the first of 2026
LAST_QUARTER: Final = 4

ASSUMED: Final = "assumed"
CURRENT_LISTS: Final = frozenset({Kind.CARC, Kind.RARC, Kind.PAYER_RULES})
"""Published without a date of their own: a list is what holds when it is fetched."""


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, and how they were found: given, name, header, rows, import or assumed."""

    first: date
    last: date
    found_by: str


def quarter_period(year: int, quarter: int, found_by: str) -> Period:
    first = date(year, 3 * quarter - 2, 1)
    return Period(first, end_of_month(add_months(first, 2)), found_by)


def given_period(text: str) -> Period:
    """`2026Q3`. Raises ValueError."""
    found = re.fullmatch(r"(20\d\d)\s*-?\s*[Qq]([1-4])", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no quarter such as 2026Q3")
    return quarter_period(int(found[1]), int(found[2]), "given")


def period_of(kind: Kind, *, name: str, header: Header, newest: date | None, today: date) -> Period:
    """The period of a file whose quarter nobody gave. `newest` is the newest day on which an edit begins or
    has just ended: in a whole file that is the first day of its quarter."""
    if kind is Kind.GPCI and (year := re.search(r"\b(20\d\d)\b", header.title("pe"))):
        return Period(date(int(year[1]), 1, 1), date(int(year[1]), 12, 31), "header")
    found = _by_name(kind, name) or _by_title(kind, header)
    if found is None and newest is not None:
        found = quarter_period(newest.year, (newest.month + 2) // 3, "rows")
    found_by = "import" if kind in CURRENT_LISTS else ASSUMED
    return found or quarter_period(today.year, (today.month + 2) // 3, found_by)


def _by_name(kind: Kind, name: str) -> Period | None:
    if kind is Kind.NCCI_PTP and (version := re.search(r"v(\d\d)(\d)r\d", name, re.IGNORECASE)):
        quarter = min(int(version[2]) + 1, LAST_QUARTER)
        return quarter_period(PTP_EPOCH + int(version[1]), quarter, "name")
    if day := re.search(r"(\d\d)-(\d\d)-(20\d\d)", name):
        return _quarter_with(int(day[3]), int(day[1]))
    if quarter_name := re.search(r"(20\d\d)q([1-4])", name, re.IGNORECASE):
        return quarter_period(int(quarter_name[1]), int(quarter_name[2]), "name")
    if kind is Kind.PPRRVU:
        release = re.search(r"rvu(?:20)?(\d\d)\D*?(jan|apr|jul|oct)", name, re.IGNORECASE)
        return _quarter_with(2000 + int(release[1]), MONTHS[release[2].lower()]) if release else None
    return None


def _by_title(kind: Kind, header: Header) -> Period | None:
    """`2026 National Physician Fee Schedule Relative Value File July Release`."""
    if kind is not Kind.PPRRVU:
        return None
    title = plain(" ".join(header.preamble))
    year = re.search(r"\b(20\d\d) national physician fee schedule", title)
    release = re.search(r"\b(jan|apr|jul|oct)[a-z]* release\b", title)
    if year is None or release is None:
        return None
    found = _quarter_with(int(year[1]), MONTHS[release[1]])
    return Period(found.first, found.last, "header") if found else None


def _quarter_with(year: int, month: int) -> Period | None:
    return quarter_period(year, (month + 2) // 3, "name") if 1 <= month <= 12 else None  # noqa: PLR2004


def day_of_change(effective_on: str, deleted_on: str) -> date | None:
    """The later of the day an edit began and the day after it ended; None for one that never was."""
    first = date.fromisoformat(effective_on) if effective_on else None
    last = date.fromisoformat(deleted_on) if deleted_on else None
    if last is None or first == last:
        return first
    return max(filter(None, (first, last + DAY)))
