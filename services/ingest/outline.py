"""The first look at a file: what of it can be posted, under which identities, and what is wrong with it."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Final
from uuid import UUID

from overturn.domain.identifiers import ClaimsDigest, remittance_id
from overturn.domain.remittance import ClaimPayment
from overturn.x12 import (
    Finding,
    Part,
    RemittanceEnd,
    RemittanceStart,
    RemittanceStream,
    Severity,
    Transaction,
)
from overturn.x12.findings import MAX_FINDINGS

REMITTANCE: Final = "835"
POSTED_TYPES: Final = (REMITTANCE, "837", "277", "999", "997")
PARTS_KEPT: Final = 2_000
"""A file of no more parts is not read again to be posted."""

_NO_ID: Final = bytes(16)


class Outline:
    """Filled by `look`, a step at a time; complete when that says so.

    Of each remittance it keeps 16 bytes, so that a file of a million of them needs no more memory than one
    of a million claims.
    """

    def __init__(self, stream: RemittanceStream) -> None:
        self.types: list[str] = []
        self.parts = 0
        self.kept: list[Part] | None = []
        self._stream = stream
        self._source = iter(stream)
        self._claims = ClaimsDigest()
        self._ids = bytearray()
        self._findings: list[Finding] = []
        self._held_back = self._postable = False

    def look(self, parts: int) -> bool:
        """Look at so many more parts; whether the file goes on after them."""
        seen = 0
        for part in islice(self._source, parts):
            seen += 1
            self._add(part)
        return seen == parts

    @property
    def nothing_postable(self) -> bool:
        return not self._postable

    @property
    def whole(self) -> bool:
        """Whether nothing has to be held back."""
        return not (self._held_back or self._stream.findings.fatal)

    @property
    def findings(self) -> list[Finding]:
        """In the order of the file; the last may say that there were more."""
        found = sorted([*self._stream.findings, *self._findings], key=lambda f: f.segment_index or 0)
        return [*found, *self._of_no_use(), *self._not_listed()]

    @property
    def digest(self) -> str:
        """Differs where posting would do something else than it did after an earlier look at the file."""
        return sha256(b"%d:" % self.parts + self._ids).hexdigest()

    def remittance_ids(self) -> Iterator[UUID | None]:
        """Of each remittance in the order of the file; None for one that is held back."""
        for at in range(0, len(self._ids), len(_NO_ID)):
            found = bytes(self._ids[at : at + len(_NO_ID)])
            yield None if found == _NO_ID else UUID(bytes=found)

    def _add(self, part: Part) -> None:
        self.parts += 1
        if self.kept is not None:
            self.kept.append(part)
            if self.parts > PARTS_KEPT:
                self.kept = None
        match part:
            case RemittanceStart():
                self._claims = ClaimsDigest()
            case ClaimPayment():
                self._claims.add(part)
            case RemittanceEnd():
                identity = remittance_id(part.remittance, self._claims).bytes if part.postable else _NO_ID
                self._ids += identity
                self._judge(REMITTANCE, part.findings, postable=part.postable)
            case Transaction():
                self._judge(part.type, part.findings, postable=postable(part))

    def _judge(self, kind: str, findings: Sequence[Finding], *, postable: bool) -> None:
        self.types.append(kind)
        self._findings += findings[: MAX_FINDINGS + 1 - len(self._findings)]
        if postable:
            self._postable = True
        else:
            self._held_back = True

    def _of_no_use(self) -> Iterator[Finding]:
        """A finding for what X12 files hold that we have no place for."""
        if others := sorted(set(self.types) - set(POSTED_TYPES)):
            message = f"Only {', '.join(POSTED_TYPES)} are posted; this file also has {', '.join(others)}."
            yield Finding("not-posted", message, None, "ST", 1, Severity.ENVELOPE)

    def _not_listed(self) -> Iterator[Finding]:
        if len(self._findings) > MAX_FINDINGS:
            message = f"The file has more than {MAX_FINDINGS:,} problems; the rest of them is not listed."
            yield Finding("not-all-listed", message, None, None, None, Severity.ENVELOPE)


def postable(transaction: Transaction) -> bool:
    """Of a transaction set that is not a remittance."""
    return transaction.postable and transaction.type in POSTED_TYPES
