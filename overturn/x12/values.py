"""Amounts, quantities and dates: each distinct text is read once, and what cannot be read is reported."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from overturn.domain.remittance import ZERO
from overturn.x12.findings import FindingList, Severity, place, quoted

MAX_DIGITS: Final = 18
"""Digits of an X12 amount (data element 782), sign and point not counted."""

MAX_REMEMBERED: Final = 50_000
"""Distinct amounts, quantities or dates kept from one transaction set for the next."""

_NUMERIC: Final = "0123456789.-"
_CENTS: Final = len(".00")
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FIRST_YEAR, _LAST_YEAR = 1901, 2099  # 1900 and 9999 are what systems write when they do not know
_DATE_WIDTH: Final = 8


class Kind(StrEnum):
    AMOUNT = "amount"
    QUANTITY = "quantity"
    DATE = "date"


_ELEMENTS: Final[dict[Kind, dict[str, Sequence[int]]]] = {
    Kind.AMOUNT: {
        "AMT": (2,), "BPR": (2,), "CAS": range(3, 1_000, 3), "CLM": (2,), "CLP": (3, 4, 5),
        "MIA": range(2, 25), "MOA": range(2, 10), "PLB": range(4, 1_000, 2), "STC": (4, 5), "SV1": (2,),
        "SVC": (2, 3), "SVD": (2,), "TS2": range(1, 20), "TS3": range(5, 25),
    },
    Kind.QUANTITY: {
        "CAS": range(4, 1_000, 3), "CLP": (12, 13), "MIA": (1, 3, 15), "MOA": (1,), "QTY": (2,), "SV1": (4,),
        "SVC": (5, 7), "SVD": (5,), "TS2": range(1, 20), "TS3": (4, 23),
    },
    Kind.DATE: {
        "BHT": (4,), "BPR": (16,), "DMG": (2,), "DTM": (2, 6), "DTP": (3,), "PLB": (2,), "STC": (2,),
        "TS3": (3,),
    },
}  # fmt: skip
"""Where the readers look for each kind, so that an unreadable text can be given its element number."""

_PAYMENT_SEGMENTS: Final = frozenset({"BPR", "CLP"})
_OUTSIDE_BALANCE: Final = frozenset({"AMT", "MIA", "MOA", "SVD", "TS2", "TS3"})
"""Their amounts tell more about money that other segments move; nothing is posted by them."""


Period = tuple[date | None, date | None]
_Unread = list[tuple[Kind, str]]


class Amounts(dict[str, Decimal]):
    """Text to dollars. An absent or unreadable amount counts as zero and is noted as unread."""

    def __init__(self, unread: _Unread) -> None:
        super().__init__()
        self._unread = unread

    def __missing__(self, text: str) -> Decimal:
        # Nine of ten distinct amounts come through here once a file: hence string methods, not a pattern.
        point = text.find(".")
        if (
            not text.strip(_NUMERIC)
            and len(text) <= MAX_DIGITS
            and (point < 0 or len(text) - point <= _CENTS)
        ):
            try:
                amount = Decimal(text) or ZERO  # "or" turns -0 into 0
            except InvalidOperation:
                pass
            else:
                self[text] = amount
                return amount
        return self._unusual(text)

    def _unusual(self, text: str) -> Decimal:
        amount = _number(text)
        if amount is None or amount != round(amount, 2):
            self._unread.append((Kind.AMOUNT, text))
        return amount or ZERO


class Quantities(dict[str, Decimal | None]):
    """Text to units, days or visits; None where unreadable."""

    def __init__(self, unread: _Unread) -> None:
        super().__init__()
        self._unread = unread

    def __missing__(self, text: str) -> Decimal | None:
        quantity = _number(text)
        if quantity is None:
            self._unread.append((Kind.QUANTITY, text))
        else:
            self[text] = quantity
        return quantity


class Periods(dict[str, Period]):
    """CCYYMMDD, or CCYYMMDD-CCYYMMDD (format RD8), to its first and last day; None for a day that does
    not exist, and for both where the last is before the first. The empty text is two Nones."""

    def __init__(self, unread: _Unread) -> None:
        super().__init__()
        self._unread = unread
        self[""] = (None, None)

    def __missing__(self, text: str) -> Period:
        first, hyphen, last = text.partition("-")
        start = self._day(first)
        period = (start, self._day(last) if hyphen else start)
        if period[0] and period[1] and period[1] < period[0]:
            self._unread.append((Kind.DATE, text))
            return None, None
        if None not in period:  # otherwise the next one is reported too
            self[text] = period
        return period

    def _day(self, text: str) -> date | None:
        day = parse_day(text)
        if day is None:
            self._unread.append((Kind.DATE, text))
        return day


class Values:
    """The three readers of a file, and the report of what they could not read."""

    __slots__ = ("amounts", "periods", "quantities", "unread")

    def __init__(self) -> None:
        self.unread: _Unread = []
        self.amounts = Amounts(self.unread)
        self.quantities = Quantities(self.unread)
        self.periods = Periods(self.unread)

    def day(self, text: str) -> date | None:
        return self.periods[text][0]

    def forget_if_many(self) -> None:
        """Bound the memory between two transaction sets."""
        for known in (self.amounts, self.quantities, self.periods):
            if len(known) > MAX_REMEMBERED:
                known.clear()
        self.periods[""] = (None, None)

    def report(self, findings: FindingList, elements: list[str], index: int, whose: str = "") -> None:
        """Turn what was left unread in this segment into findings, each with its element."""
        taken: set[tuple[Kind, int]] = set()
        for kind, text in self.unread:
            element = _element_of(kind, text, elements, taken)
            taken.add((kind, element))
            findings.add(
                *_described(kind, text, elements[0], place(elements[0], element, index, whose)),
                at=index,
                segment=elements[0],
                element=element,
            )
        self.unread.clear()


def _described(kind: Kind, text: str, segment: str, where: str) -> tuple[str, Severity, str]:
    """Code, severity and message of one text that could not be read."""
    if kind is Kind.DATE and "-" in text:
        return (
            "invalid-date",
            Severity.VALUE,
            f"{where} is {quoted(text)}, a period that ends before it begins.",
        )
    if kind is not Kind.AMOUNT:
        return f"invalid-{kind}", Severity.VALUE, f"{where} is {quoted(text)}, not a {kind}."
    if segment in _OUTSIDE_BALANCE and _number(text) is None:
        return (
            f"{'invalid' if text else 'missing'}-amount",
            Severity.VALUE,
            (
                f"{where} is {quoted(text)}, not an amount; nothing is posted by it."
                if text
                else f"{where} is missing; nothing is posted by it."
            ),
        )
    if not text:
        severity = Severity.FATAL if segment in _PAYMENT_SEGMENTS else Severity.MONEY
        return "missing-amount", severity, f"{where} is missing; it counts as 0.00 here."
    if _number(text) is not None:
        message = f"{where} is {quoted(text)}, an amount with fractions of a cent."
        return "fractional-cents", Severity.VALUE, message
    return "invalid-amount", Severity.FATAL, f"{where} is {quoted(text)}, not an amount."


def _number(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text) or sum(map(str.isdigit, text)) > MAX_DIGITS:
        return None
    return Decimal(text) or ZERO


def parse_day(text: str) -> date | None:
    """CCYYMMDD as a date; None for what is none."""
    if len(text) != _DATE_WIDTH or not (text.isascii() and text.isdigit()):
        return None
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _element_of(kind: Kind, text: str, elements: list[str], taken: set[tuple[Kind, int]]) -> int:
    """The first place of this kind that holds the text and is not reported yet."""
    candidates = [n for n in _ELEMENTS[kind][elements[0]] if (kind, n) not in taken and n <= len(elements)]
    for number in candidates:
        value = elements[number] if number < len(elements) else ""
        if value == text or (kind is Kind.DATE and text in value.split("-")):
            return number
    return candidates[0] if candidates else _ELEMENTS[kind][elements[0]][0]
