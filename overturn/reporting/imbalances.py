"""The imbalances on record, in words: where a payer's own figures do not add up, and by how much."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.balancing import Level
from overturn.domain.codes import format_dollars
from overturn.reporting.rows import fetch_all

SEGMENTS: Final = {Level.LINE: "SVC", Level.CLAIM: "CLP", Level.REMITTANCE: "ST"}


@dataclass(frozen=True, slots=True)
class ImbalanceFacts:
    """One imbalance with its place; `amount` as in `overturn.domain.balancing.Imbalance`, US dollars."""

    level: str
    amount: Decimal
    segment_index: int
    line_number: int | None
    claim_number: str | None
    trace_number: str | None
    payment_on: date | None
    file_name: str
    file_sha256: str

    @property
    def words(self) -> str:
        """Segment 17 (SVC), line 2 of claim P1: $10.00 of the charge are neither paid nor adjusted."""
        level = Level(self.level)
        place = f"Segment {self.segment_index} ({SEGMENTS[level]})"
        return f"{place}, {self._subject(level)}: {self._gap(level)}."

    def _subject(self, level: Level) -> str:
        claim = f"claim {self.claim_number or 'without a number'}"
        if level is Level.LINE:
            return f"line {self.line_number} of {claim}"
        if level is Level.CLAIM:
            return f"{claim} beyond what its lines lack"
        return f"payment with trace number {self.trace_number or '(none)'}"

    def _gap(self, level: Level) -> str:
        amount = format_dollars(abs(self.amount))
        if level is Level.REMITTANCE:
            more = "more" if self.amount > 0 else "less"
            return f"{amount} {more} than its claims and provider adjustments come to"
        if self.amount > 0:
            return f"{amount} of the charge are neither paid nor adjusted"
        return f"{amount} more are paid and adjusted than were charged"


_FACTS: Final = """
    SELECT i.level, i.amount, i.segment_index, i.line_number, p.patient_control_number AS claim_number,
           r.trace_number, r.payment_on, f.file_name, f.sha256 AS file_sha256
      FROM imbalance i
      JOIN remittance r ON r.id = i.remittance_id
      JOIN received_file f ON f.sha256 = r.file_sha256
      LEFT JOIN claim_payment p ON p.id = i.claim_payment_id
"""

_OF_CLAIM: Final = text(f"""
    {_FACTS}
     WHERE p.claim_id = :claim_id
        OR (i.claim_payment_id IS NULL
            AND i.remittance_id IN (SELECT remittance_id FROM claim_payment WHERE claim_id = :claim_id))
     ORDER BY r.payment_on NULLS FIRST, f.sha256, i.segment_index
""")  # noqa: S608 - constants only

_OF_FILES: Final = text(f"{_FACTS} WHERE f.sha256 = ANY(:files) ORDER BY i.segment_index")


_ALL: Final = text(f"{_FACTS} ORDER BY f.file_name, f.sha256, i.segment_index")


async def all_imbalances(session: AsyncSession) -> list[ImbalanceFacts]:
    """Every one on record, by file."""
    return await fetch_all(session, ImbalanceFacts, _ALL)


async def imbalances_of_claim(session: AsyncSession, claim_id: UUID) -> list[ImbalanceFacts]:
    """Those of the claim and its lines, and of the payments that answered it."""
    return await fetch_all(session, ImbalanceFacts, _OF_CLAIM, claim_id=claim_id)


async def imbalances_of_files(session: AsyncSession, files: Iterable[str]) -> dict[str, list[ImbalanceFacts]]:
    """By the file's SHA-256, in the order of the file; a file that adds up is not in it."""
    found = defaultdict(list)
    for imbalance in await fetch_all(session, ImbalanceFacts, _OF_FILES, files=list(files)):
        found[imbalance.file_sha256].append(imbalance)
    return found
