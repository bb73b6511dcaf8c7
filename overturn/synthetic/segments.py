"""X12 text from segments: delimiters, envelopes and the counts in their trailers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

Composite = tuple[str, ...]
Segment = tuple[str | Composite, ...]

BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The delimiters a sender writes with, and what else it does to the text."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"
    line_end: str = ""
    byte_order_mark: bool = False

    def render(self, segment: Segment) -> str:
        """One segment with its terminator; empty elements at the end are left out."""
        elements = [e if isinstance(e, str) else self.component.join(e) for e in segment]
        return self.element.join(elements).rstrip(self.element) + self.terminator + self.line_end


PLAIN: Final = Dialect()
ONE_SEGMENT_A_LINE: Final = Dialect(line_end="\n")
WINDOWS_LINES: Final = Dialect(line_end="\r\n")
WITH_BYTE_ORDER_MARK: Final = Dialect(byte_order_mark=True)
NOTHING_HOSTILE_TEXT_HOLDS: Final = Dialect(element="|", component="\\", repetition="`")
ODD_DELIMITERS: Final = Dialect(element="|", component=">", repetition="!", terminator="\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, when, and under which control number (used for ISA and GS alike)."""

    functional_identifier: str  # HC, HN or HP
    version: str  # GS08
    sender: str
    receiver: str
    control_number: int
    sent_on: date
    sent_at: str  # HHMM

    def header(self, dialect: Dialect) -> tuple[Segment, Segment]:
        blank, number = " " * 10, f"{self.control_number:09d}"
        interchange = (
            "ISA", "00", blank, "00", blank, "ZZ", f"{self.sender:15}", "ZZ", f"{self.receiver:15}",
            f"{self.sent_on:%y%m%d}", self.sent_at, dialect.repetition, "00501", number, "0", "P",
            dialect.component,
        )  # fmt: skip
        group = (
            "GS", self.functional_identifier, self.sender, self.receiver, compact(self.sent_on), self.sent_at,
            str(self.control_number), "X", self.version,
        )  # fmt: skip
        return interchange, group

    def trailer(self, transactions: int) -> tuple[Segment, Segment]:
        group = ("GE", str(transactions), str(self.control_number))
        return group, ("IEA", "1", f"{self.control_number:09d}")


def compact(day: date) -> str:
    return f"{day:%Y%m%d}"


def money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def transaction_set(
    kind: str, number: int, body: Iterable[Segment], *, version: str | None = None
) -> Iterator[Segment]:
    """ST, the body, and SE with the true count; an 835 carries no version in its ST."""
    control_number = f"{number:04d}"
    yield ("ST", kind, control_number, *((version,) if version else ()))
    count = 2
    for segment in body:
        count += 1
        yield segment
    yield ("SE", str(count), control_number)


def interchange(
    envelope: Envelope, transactions: Iterable[Iterable[Segment]], dialect: Dialect = PLAIN
) -> Iterator[str]:
    """The text of one file, segment by segment."""
    if dialect.byte_order_mark:
        yield BYTE_ORDER_MARK
    yield from map(dialect.render, envelope.header(dialect))
    count = 0
    for transaction in transactions:
        count += 1
        yield from map(dialect.render, transaction)
    yield from map(dialect.render, envelope.trailer(count))
