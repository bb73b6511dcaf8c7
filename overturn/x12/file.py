"""A whole file in memory: bytes in, transactions out one at a time, what is wrong as findings."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from overturn.domain.remittance import ClaimPayment
from overturn.x12.envelope import MAX_SEGMENTS, report_too_large
from overturn.x12.findings import FindingList, Severity
from overturn.x12.stream import (
    REMITTANCE,
    Part,
    RemittanceEnd,
    RemittanceStart,
    RemittanceStream,
    Transaction,
)
from overturn.x12.text import decode

__all__ = ["MAX_BYTES", "TransactionStream", "X12File", "decode", "read_file", "read_transactions"]

MAX_BYTES: Final = 128 * 1024 * 1024


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
        self._too_large = len(data) > MAX_BYTES
        self._parts = RemittanceStream(BytesIO(b"" if self._too_large else data))

    @property
    def interchanges(self) -> int:
        return self._parts.interchanges

    @property
    def findings(self) -> FindingList:
        return self._parts.findings

    def __iter__(self) -> Iterator[Transaction]:
        if self._too_large:
            message = f"The file has over {MAX_BYTES // 1024 // 1024} MB. Ask the sender to split it."
            self.findings.add("too-large", Severity.FATAL, message)
            return
        parts = iter(self._parts)
        for part in parts:
            if isinstance(part, RemittanceStart):
                yield _gathered(part, parts)
            elif isinstance(part, Transaction):
                yield part


def read_transactions(data: bytes) -> TransactionStream:
    """Read X12 bytes one transaction set at a time; each may be dropped before the next is read."""
    return TransactionStream(data)


def read_file(data: bytes) -> X12File:
    """Read X12 bytes into memory as a whole."""
    stream = read_transactions(data)
    transactions = list(stream)
    return X12File(stream.interchanges, transactions, stream.findings)


def _gathered(start: RemittanceStart, parts: Iterator[Part]) -> Transaction:
    """The remittance with its claims, as far as they may be held in memory."""
    remittance = start.remittance
    first = remittance.segment_index
    transaction = Transaction(
        REMITTANCE, remittance.control_number, start.version, remittance, FindingList(), first
    )
    for part in parts:
        if isinstance(part, RemittanceEnd):
            transaction.findings = part.findings
            if part.segments > MAX_SEGMENTS and not part.too_large:
                report_too_large(part.findings, first)
            if part.segments > MAX_SEGMENTS or part.too_large:
                transaction.content = None
            break
        if isinstance(part, ClaimPayment) and part.segment_index - first < MAX_SEGMENTS:
            remittance.claims.append(part)
    return transaction
