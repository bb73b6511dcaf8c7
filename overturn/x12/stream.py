"""X12 of any size: a binary file in; remittances as start, claims and end, other transaction sets whole."""

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

from overturn.domain.remittance import Balance, ClaimPayment, Remittance
from overturn.domain.submission import ClaimAcknowledgement, FunctionalAcknowledgement, SubmittedClaim
from overturn.x12.acknowledgement import read_claim_acknowledgements, read_functional_acknowledgements
from overturn.x12.claim import read_claims
from overturn.x12.envelope import Interchange, TransactionSet
from overturn.x12.findings import FindingList, Severity, quoted
from overturn.x12.interchanges import InterchangeCutter, InterchangeText
from overturn.x12.remittance import RemittanceReader
from overturn.x12.text import text_blocks
from overturn.x12.values import Values, parse_day

Content = (
    Remittance | list[SubmittedClaim] | list[ClaimAcknowledgement] | list[FunctionalAcknowledgement] | None
)
_HeldReader = Callable[
    [TransactionSet, Values],
    list[SubmittedClaim] | list[ClaimAcknowledgement] | list[FunctionalAcknowledgement],
]

REMITTANCE: Final = "835"
_HELD_READERS: Final[dict[str, _HeldReader]] = {
    "837": read_claims,
    "277": read_claim_acknowledgements,
    "999": read_functional_acknowledgements,
    "997": read_functional_acknowledgements,
}
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
class RemittanceStart:
    """An 835 begins. `remittance` has what stands before the first claim; its `claims` stay empty."""

    remittance: Remittance
    version: str | None


@dataclass(slots=True)
class RemittanceEnd:
    """An 835 is read. `remittance` is that of the start, now with its provider adjustments. What was made
    of the claims in between counts only if this is `postable`: the file may break off in the middle."""

    remittance: Remittance
    claims: int
    segments: int
    balance: Balance
    findings: FindingList
    too_large: bool  # something in it had no place in memory and was not read

    @property
    def postable(self) -> bool:
        return not self.findings.fatal


Part = RemittanceStart | ClaimPayment | RemittanceEnd | Transaction


class RemittanceStream:
    """Iterate over it once. `interchanges` and `findings` are complete when the iteration is.

    Memory holds a block of the file and its claims, and one transaction set where it is not an 835."""

    def __init__(self, source: BinaryIO) -> None:
        self.interchanges = 0
        self.findings = FindingList()
        self._source = source
        self._values = Values()

    def __iter__(self) -> Iterator[Part]:
        interchanges = InterchangeCutter(text_blocks(self._source, self.findings))
        segments = 0
        for number, interchange in enumerate(interchanges):
            if number == 0:
                self._report_text_before(interchanges.before)
            segments = yield from self._interchange(interchange, segments)
        if not self.interchanges:
            self._report_no_interchange(interchanges.before)

    def _interchange(self, found: InterchangeText, segments: int) -> Generator[Part, None, int]:
        """Yield what the interchange after `segments` segments holds; return how many have passed then."""
        self.interchanges += 1
        if found.start.delimiters is None:
            message = (
                f"The ISA after segment {segments} is cut off, or its delimiters cannot be told apart. "
                "Nothing of this interchange was read; ask the sender for a new file."
            )
            self._fatal("unreadable-isa", message, segments + 1, "ISA")
            return segments
        interchange = Interchange(found.start, found.start.delimiters, found.pieces, segments, self.findings)
        for transaction_set in interchange.transaction_sets():
            if transaction_set.header[1] == REMITTANCE:
                yield from _remittance(transaction_set, self._values)
            else:
                yield _held(transaction_set, self._values)
            self._values.forget_if_many()
        return interchange.segment_index

    def _report_no_interchange(self, before: str) -> None:
        if not before:
            self._fatal("empty", "The file is empty.")
        elif not self._report_lost_envelope(before):
            self._fatal("not-x12", "The file is not X12: it has no ISA segment. Nothing was read.")

    def _report_text_before(self, before: str) -> None:
        if before and not self._report_lost_envelope(before):
            message = "There is other text before the first ISA segment; it was skipped."
            self.findings.add("text-before-isa", Severity.ENVELOPE, message)

    def _report_lost_envelope(self, before: str) -> bool:
        """Whether the text is X12 whose ISA is missing or damaged; said as a finding if so."""
        if not before.upper().startswith(("ISA", "GS", "ST")):
            return False
        message = (
            "The file does not begin with a usable ISA segment, so its delimiters are unknown. "
            "What stands before the first ISA was not read; ask the sender for the file with its envelope."
        )
        self._fatal("no-isa", message)
        return True

    def _fatal(self, code: str, message: str, at: int | None = None, segment: str | None = None) -> None:
        self.findings.add(code, Severity.FATAL, message, at=at, segment=segment)


def read_remittances(source: BinaryIO) -> RemittanceStream:
    """Read X12 from a binary file without holding it: a gigabyte takes no more memory than a megabyte."""
    return RemittanceStream(source)


def _remittance(transaction_set: TransactionSet, values: Values) -> Iterator[Part]:
    reader = RemittanceReader(transaction_set, values)
    blocks, started = reader.claim_blocks(), False
    while not reader.finished:
        with collector_paused():
            claims = next(blocks)
            if not started and (claims or reader.finished):
                started = True
                yield RemittanceStart(reader.remittance, _version(transaction_set))
            yield from claims
            del claims  # before the collector looks: what the taker has dropped is free by now
    yield RemittanceEnd(
        reader.remittance,
        reader.claims,
        reader.segments,
        reader.balance,
        transaction_set.findings,
        too_large=not transaction_set.readable,
    )


def _held(transaction_set: TransactionSet, values: Values) -> Transaction:
    _, kind, control_number, _ = transaction_set.header
    if kind == "837":
        _refuse_other_claim_guides(transaction_set)
    reader = _HELD_READERS.get(kind)
    content: Content = None
    if reader is None:
        transaction_set.skip()
    elif transaction_set.hold():
        with collector_paused():
            content = reader(transaction_set, values)
        if not content:
            index = transaction_set.segment_index
            message = f"The {quoted(kind)} at segment {index} holds nothing that could be read."
            transaction_set.findings.add("nothing-read", Severity.VALUE, message, at=index, segment="ST")
    return Transaction(
        kind,
        control_number,
        _version(transaction_set),
        content,
        transaction_set.findings,
        transaction_set.segment_index,
        transaction_set.group_control_number,
        parse_day(transaction_set.group_date),
    )


def _version(transaction_set: TransactionSet) -> str | None:
    return transaction_set.header[3] or transaction_set.group_version


def _refuse_other_claim_guides(transaction_set: TransactionSet) -> None:
    for guide, name in _OTHER_CLAIM_GUIDES.items():
        if guide in (_version(transaction_set) or ""):
            index = transaction_set.segment_index
            message = (
                f"The transaction set at segment {index} is an {name}; only professional claims are read."
            )
            transaction_set.findings.add("unsupported-guide", Severity.FATAL, message, at=index, segment="ST")
            transaction_set.readable = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """Nothing we build is cyclic, and looking for cycles among it costs as much as building it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
