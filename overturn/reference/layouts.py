"""What each kind of official file looks like, and what we keep of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Final

from overturn.reference.header import Column

Parse = Callable[[str], str]

_CODE = re.compile(r"[0-9A-Z]{5}")
_ANY = re.compile(r".+")
_DATE_FORMATS: Final = ("%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S")
_JULIAN = re.compile(r"((?:19|20)\d\d)(\d{3})")
_NO_DATE: Final = frozenset({"", "*", "9999999", "99999999"})


class Kind(StrEnum):
    """The files that can be imported."""

    NCCI_PTP = "ncci-ptp"
    MUE = "mue"
    ADD_ON = "add-on"
    PPRRVU = "pprrvu"
    GPCI = "gpci"
    CARC = "carc"
    RARC = "rarc"
    PAYER_RULES = "payer-rules"


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns by name with how each is read; the first is the key that every data row has. `indexed` are the
    fields by which rows are looked up."""

    columns: tuple[Column, ...]
    key: re.Pattern[str]
    parse: Mapping[str, Parse]
    indexed: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(column.field for column in self.columns)


def code(text: str) -> str:
    """A procedure code; spreadsheets drop leading zeros."""
    found = text.upper().zfill(5) if text.isdigit() else text.upper()
    if not _CODE.fullmatch(found):
        raise ValueError("is no five-character code")
    return found


@lru_cache(1 << 14)
def day(text: str) -> str:
    """YYYYMMDD and what spreadsheets make of it, or YYYYDDD; `*` and empty are no date. ISO comes out."""
    if text in _NO_DATE:
        return ""
    if julian := _JULIAN.fullmatch(text):
        year, number = map(int, julian.groups())
        return (date(year, 1, 1) + timedelta(days=number - 1)).isoformat()
    for shape in _DATE_FORMATS:
        try:
            return datetime.strptime(text, shape).date().isoformat()  # noqa: DTZ007 - a calendar day
        except ValueError:
            continue
    raise ValueError("is no date such as 20260701")


def number(text: str) -> str:
    """A figure that is not negative."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError("is no number") from None
    if not value.is_finite() or value < 0:
        raise ValueError("is no number from 0 up")
    return f"{value:f}"


def number_if_any(text: str) -> str:
    return number(text) if text else ""


def whole(text: str) -> str:
    if not text.isascii() or not text.isdigit():
        raise ValueError("is no whole number")
    return str(int(text))


def indicator(text: str) -> str:
    """0: no modifier helps, 1: one does, 9: not applicable."""
    if text not in {"0", "1", "9"}:
        raise ValueError("is none of 0, 1 and 9")
    return text


def adjudication_indicator(text: str) -> str:
    """The figure that `2 Date of Service Edit: Policy` begins with."""
    if text[:1] not in {"1", "2", "3"}:
        raise ValueError("does not begin with 1, 2 or 3")
    return text[0]


def multiple(text: str) -> str:
    return text or "0"


def locality(text: str) -> str:
    return whole(text).zfill(2)


def contractor(text: str) -> str:
    return whole(text).zfill(5)


def unstarred(text: str) -> str:
    return text.rstrip("* ")


def text(value: str) -> str:
    return " ".join(value.split())


def _columns(*columns: tuple[str, tuple[str, ...], bool]) -> tuple[Column, ...]:
    return tuple(Column(field, names, required) for field, names, required in columns)


_CODE_LIST: Final = Layout(
    _columns(
        ("code", (r"code", r"(carc|rarc|reason|remark|adjustment reason)( code)?"), True),
        ("description", (r"(code )?(description|text|definition|value)",), False),
        ("start_date", (r"(start|effective)( date)?",), False),
        ("last_modified", (r"(last )?modified( date)?",), False),
        ("stop_date", (r"(stop|end|deactivation|deactivated)( date)?( vista)?",), False),
    ),
    re.compile(r"[A-Z]{0,2}[0-9]{1,4}"),
    {"code": text, "description": text, "start_date": day, "last_modified": day, "stop_date": day},
    ("code",),
)

LAYOUTS: Final[Mapping[Kind, Layout]] = {
    Kind.NCCI_PTP: Layout(
        _columns(
            ("column1", (r"column 1",), True),
            ("column2", (r"column 2",), True),
            ("effective_on", (r"effective date.*",), True),
            ("deleted_on", (r"deletion date.*",), True),
            ("modifier_indicator", (r"modifier.*",), True),
            ("rationale", (r"ptp edit rationale",), False),
        ),
        _CODE,
        {
            "column1": code,
            "column2": code,
            "effective_on": day,
            "deleted_on": day,
            "modifier_indicator": indicator,
            "rationale": text,
        },
        ("column1", "column2"),
    ),
    Kind.MUE: Layout(
        _columns(
            ("hcpcs", (r"hcpcs cpt code",), True),
            ("units", (r"practitioner services mue values?",), True),
            ("adjudication_indicator", (r"mue adjudication indicator",), True),
            ("rationale", (r"mue rationale",), False),
        ),
        _CODE,
        {"hcpcs": code, "units": whole, "adjudication_indicator": adjudication_indicator, "rationale": text},
        ("hcpcs",),
    ),
    Kind.ADD_ON: Layout(
        _columns(
            ("add_on", (r"add on code",), True),
            ("primary_code", (r"primary code",), True),
            ("edit_type", (r"aoc edit type",), True),
            ("effective_on", (r"aoc edit eff ?(dt|date)",), False),
            ("deleted_on", (r"aoc edit del ?(dt|date)",), False),
        ),
        _CODE,
        {"add_on": code, "primary_code": code, "edit_type": text, "effective_on": day, "deleted_on": day},
        ("add_on",),
    ),
    Kind.PPRRVU: Layout(
        _columns(
            ("hcpcs", (r"hcpcs( code)?",), True),
            ("modifier", (r"mod(ifier)?",), True),
            ("status", (r"status( code)?",), True),
            ("work", (r"(physician )?work rvu",), True),
            ("non_facility_pe", (r"(fully implemented )?non fac(ility)? pe rvu",), True),
            ("mp", (r"(mp|malpractice) rvu",), True),
            ("multiple_procedure", (r"mult(iple)? proc(edure)?( ind(icator)?)?",), True),
            ("conversion_factor", (r"conv(ersion)? factor",), False),
        ),
        _CODE,
        {
            "hcpcs": code,
            "modifier": text,
            "status": text,
            "work": number,
            "non_facility_pe": number,
            "mp": number,
            "multiple_procedure": multiple,
            "conversion_factor": number_if_any,
        },
        ("hcpcs", "modifier"),
    ),
    Kind.GPCI: Layout(
        _columns(
            ("contractor", (r"medicare administrative contractor.*", r"mac|contractor( number)?"), True),
            ("state", (r"state",), True),
            ("locality", (r"locality number",), True),
            ("name", (r"locality name",), True),
            ("work", (r"(20\d\d )?(pw|work) gpci with 1 0 floor", r"(20\d\d )?(pw|work) gpci"), True),
            ("pe", (r"(20\d\d )?pe gpci",), True),
            ("mp", (r"(20\d\d )?mp gpci",), True),
        ),
        re.compile(r"\d{4,5}"),
        {
            "contractor": contractor,
            "state": text,
            "locality": locality,
            "name": unstarred,
            "work": number,
            "pe": number,
            "mp": number,
        },
        ("contractor", "locality"),
    ),
    Kind.CARC: _CODE_LIST,
    Kind.RARC: _CODE_LIST,
    Kind.PAYER_RULES: Layout(
        _columns(
            ("payer", (r"payer( name)?",), True),
            ("line_of_business", (r"line of business|lob",), True),
            ("state", (r"state",), False),
            ("claim_timely_filing_days", (r"(claim )?timely filing days",), True),
            ("corrected_claim_days", (r"corrected claim days",), False),
            ("appeal_order", (r"appeal order",), False),
            ("appeal_level", (r"appeal level",), True),
            ("window_days", (r"(appeal )?window days",), True),
            ("counted_from", (r"counted from",), True),
            ("source", (r"source",), False),
            ("confidence", (r"confidence",), False),
        ),
        _ANY,
        dict.fromkeys(
            (
                *("payer", "line_of_business", "state", "claim_timely_filing_days", "corrected_claim_days"),
                *("appeal_order", "appeal_level", "window_days", "counted_from", "source", "confidence"),
            ),
            text,
        ),
        ("payer",),
    ),
}
