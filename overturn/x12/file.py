"""A whole file: bytes in, transactions out one at a time, with everything that is wrong as findings."""

import codecs
import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from overturn.domain.remittance import Remittance
from overturn.domain.submission import ClaimAcknowledgement, FunctionalAcknowledgement, SubmittedClaim
from overturn.x12.acknowledgement import read_claim_acknowledgements, read_functional_acknowledgements
from overturn.x12.claim import read_claims
from overturn.x12.delimiters import InterchangeStart, find_interchanges
from overturn.x12.envelope import Interchange, TransactionSet
from overturn.x12.findings import FindingList, Severity, quoted
from overturn.x12.remittance import read_remittance
from overturn.x12.values import Values, parse_day

MAX_BYTES: Final = 128 * 1024 * 1024

Content = (
    Remittance | list[SubmittedClaim] | list[ClaimAcknowledgement] | list[FunctionalAcknowledgement] | None
)

_READERS: Final[dict[str, Callable[[TransactionSet, Values], Content]]] = {
    "835": read_remittance,
    "837": read_claims,
    "277": read_claim_acknowledgements,
    "999": read_functional_acknowledgements,
    "997": read_functional_acknowledgements,
}

_BLANKS: Final = " \t\r\n\x1a\ufeff"
_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_CLAIM_GUIDES: Final = {"X223": "837I (institutional)", "X224": "837D (dental)"}


@dataclass(slots=True)
class Transaction:
    """One ST to SE. `content` is None for types we have no reader for and for sets too large to read."""

    type: str  # ST01: 835, 837, 277, 999, ...
    control_number: str  # ST02
    version: str | None  # ST03, else GS08
    content: Content
    findings: FindingList
    segment_index: int  # of the ST
    group_control_number: str | None = None  # GS06
    sent_on: date | None = None  # GS04

    @property
    def remittance(self) -> Remittance | None:
        return self.content if isinstance(self.content, Remittance) else None

    @property
    def postable(self) -> bool:
        """False where it has to be held back: broken off, too large, or with an unreadable payment."""
        return not self.findings.fatal


@dataclass(slots=True)
class X12File:
    """Everything in one file. `findings` are those about the file itself and its envelopes."""

    interchanges: int
    transactions: list[Transaction] = field(default_factory=list)
    findings: FindingList = field(default_factory=FindingList)

    @property
    def postable(self) -> bool:
        """True where nothing in the file has to be held back."""
        return not self.findings.fatal and all(t.postable for t in self.transactions)

    @property
    def all_findings(self) -> FindingList:
        """The file's findings and those of its transactions, in file order."""
        found = [*self.findings, *(f for t in self.transactions for f in t.findings)]
        return FindingList(sorted(found, key=lambda finding: finding.segment_index or 0))


class TransactionStream:
    """Iterate over it once. `interchanges` and `findings` are complete when the iteration is."""

    def __init__(self, data: bytes) -> None:
        self.interchanges = 0
        self.findings = FindingList()
        self._data = data
        self._values = Values()

    def __iter__(self) -> Iterator[Transaction]:
        text = self._text()
        segments = 0
        start: InterchangeStart | None = None
        for following in find_interchanges(text):
            if start is None:
                self._report_text_before(text[: following.position])
            else:
                segments = yield from self._interchange(
                    text[start.position : following.position], start, segments
                )
            start = following
        if start is not None:
            yield from self._interchange(text[start.position :], start, segments)
        elif not self.findings.fatal:
            self._report_no_interchange(text)

    def _interchange(
        self, text: str, start: InterchangeStart, segments: int
    ) -> Generator[Transaction, None, int]:
        """Yield the transactions from after `segments` segments; return how many have passed then."""
        self.interchanges += 1
        if start.delimiters is None:
            message = (
                f"The ISA after segment {segments} is cut off, or its delimiters cannot be told apart. "
                "Nothing of this interchange was read; ask the sender for a new file."
            )
            self._fatal("unreadable-isa", message, segments + 1, "ISA")
            return segments
        interchange = Interchange(text, start.delimiters, start.isa_width, segments, self.findings)
        for transaction_set in interchange.transaction_sets():
            yield _read(transaction_set, self._values)
            self._values.forget_if_many()
        return interchange.segment_index

    def _text(self) -> str:
        if len(self._data) > MAX_BYTES:
            message = f"The file has over {MAX_BYTES // 1024 // 1024} MB. Ask the sender to split it."
            self._fatal("too-large", message)
            return ""
        text = decode(self._data)
        if "\0" in text:
            text = text.replace("\0", "")
            message = "The file contains NUL bytes; they were taken out."
            self.findings.add("nul-bytes", Severity.ENVELOPE, message)
        return text

    def _report_no_interchange(self, text: str) -> None:
        if not text.strip(_BLANKS):
            self._fatal("empty", "The file is empty.")
        elif not self._report_lost_envelope(text):
            self._fatal("not-x12", "The file is not X12: it has no ISA segment. Nothing was read.")

    def _report_text_before(self, text: str) -> None:
        if text.strip(_BLANKS) and not self._report_lost_envelope(text):
            message = "There is other text before the first ISA segment; it was skipped."
            self.findings.add("text-before-isa", Severity.ENVELOPE, message)

    def _report_lost_envelope(self, text: str) -> bool:
        """Whether the text is X12 whose ISA is missing or damaged; said as a finding if so."""
        if not text.strip(_BLANKS).startswith(("ISA", "GS", "ST")):
            return False
        message = (
            "The file does not begin with a usable ISA segment, so its delimiters are unknown. "
            "What stands before the first ISA was not read; ask the sender for the file with its envelope."
        )
        self._fatal("no-isa", message)
        return True

    def _fatal(self, code: str, message: str, at: int | None = None, segment: str | None = None) -> None:
        self.findings.add(code, Severity.FATAL, message, at=at, segment=segment)


def read_transactions(data: bytes) -> TransactionStream:
    """Read X12 bytes one transaction set at a time; each may be dropped before the next is read."""
    return TransactionStream(data)


def read_file(data: bytes) -> X12File:
    """Read X12 bytes into memory as a whole."""
    stream = read_transactions(data)
    transactions = list(stream)
    return X12File(stream.interchanges, transactions, stream.findings)


def decode(data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, and otherwise Latin-1, which cannot fail."""
    encoding = "utf-16" if data.startswith(_UTF_16_MARKS) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read(transaction_set: TransactionSet, values: Values) -> Transaction:
    _, kind, control_number, version = transaction_set.header
    version = version or transaction_set.group_version or ""
    reader = _READERS.get(kind)
    if kind == "837":
        _refuse_other_claim_guides(transaction_set, version)
    content: Content = None
    if reader is not None and transaction_set.readable:
        with _collector_paused():
            content = reader(transaction_set, values)
        if content == []:
            index = transaction_set.segment_index
            message = f"The {quoted(kind)} at segment {index} holds nothing that could be read."
            transaction_set.findings.add("nothing-read", Severity.VALUE, message, at=index, segment="ST")
    return Transaction(
        kind,
        control_number,
        version or None,
        content,
        transaction_set.findings,
        transaction_set.segment_index,
        transaction_set.group_control_number,
        parse_day(transaction_set.group_date),
    )


def _refuse_other_claim_guides(transaction_set: TransactionSet, version: str) -> None:
    for guide, name in _OTHER_CLAIM_GUIDES.items():
        if guide in version:
            index = transaction_set.segment_index
            message = (
                f"The transaction set at segment {index} is an {name}; only professional claims are read."
            )
            transaction_set.findings.add("unsupported-guide", Severity.FATAL, message, at=index, segment="ST")
            transaction_set.readable = False


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Nothing we build is cyclic, and looking for cycles among it costs as much as building it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
