"""What goes to a payer with an appeal: cover, letter, forms and exhibits, and how much a channel takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One X12 segment as it stood in its file; `marked` is what the denial rests on."""

    number: int
    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """An exhibit made from the record: labels and values, a table with some rows marked, raw segments."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    marked: tuple[int, ...] = ()
    note: str = ""
    segments: tuple[SegmentLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An exhibit that somebody supplied, as a checked PDF."""

    title: str
    pdf: bytes
    pages: int


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a payer's form; an empty value is a blank for the person who signs."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class FormSection:
    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A payer's form with its fields in the form's own order."""

    title: str
    sections: tuple[FormSection, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    """The first sheet: who sends what to whom. `sender` and `recipient` are lines from top to bottom."""

    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    subject: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AppealPackage:
    """Everything of one appeal. `letter` is Markdown; the forms stand before the numbered exhibits."""

    claim: str
    title: str
    dated_on: date
    cover: Cover
    letter: str
    exhibits: tuple[Sheet | Document, ...] = ()
    forms: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelLimits:
    """What one channel takes at most: files of one appeal, bytes and pages of a file."""

    max_files: int
    max_bytes: int
    max_pages: int


@dataclass(frozen=True, slots=True)
class PackageRecord:
    """A package with what its forms are filled from (facts as they are printed), its payer and level."""

    package: AppealPackage
    facts: Mapping[str, str]
    line_of_business: str | None
    level: int
    payer_key: str | None
