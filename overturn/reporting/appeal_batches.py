"""Appeal batches as people see them: each case with what became of it, told by its own sending."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.remittance import ZERO
from overturn.reporting.rows import fetch_all, fetch_one

ON_ITS_WAY: Final = ("asked", "begun")
LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """What a batch's cases have in common, and what was ordered last. `state`: idle, at_work or stopped."""

    id: UUID
    payer: str
    payer_name: str | None
    line_of_business: str
    category: str
    cause: str
    letter: str
    level: int
    state: str
    ordered: str | None
    problem: str
    version: int
    creator: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One case of a batch. `standing`: chosen, apart, approved; once it is to go out asked, begun, sent or
    not_sent. `why` says what kept it. `moved` where it changed after it was taken in."""

    case_id: UUID
    claim_number: str
    patient_name: str | None
    denied_amount: Decimal
    due_on: date | None
    standing: str
    why: str
    moved: bool
    confirmation: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch with its cases, in the order of the list."""

    batch: BatchFacts
    members: Sequence[MemberRow]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many stand where; 0 for the rest."""
        return Counter(member.standing for member in self.members)

    @property
    def is_under_way(self) -> bool:
        """Whether it changes by itself."""
        return self.batch.state == "at_work" or any(self.counts[state] for state in ON_ITS_WAY)

    @property
    def amount(self) -> Decimal:
        """US dollars denied."""
        return sum((member.denied_amount for member in self.members), ZERO)

    def standing(self, *states: str) -> list[MemberRow]:
        return [member for member in self.members if member.standing in states]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch in the list of them. Money is US dollars."""

    id: UUID
    payer: str
    payer_name: str | None
    letter: str
    cause: str
    level: int
    state: str
    creator: str
    created_at: datetime
    cases: int
    sent: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReviewedLetter:
    """The text of one letter that can be approved."""

    case_id: UUID
    claim_number: str
    markdown: str


_BATCH: Final = text("""
    SELECT b.id, b.payer, b.payer_name, b.line_of_business, b.category, b.cause, b.letter, b.level, b.state,
           b.ordered, b.problem, b.version, u.display_name AS creator, b.created_at
      FROM appeal_batch b JOIN user_account u ON u.id = b.created_by
     WHERE b.id = :batch_id
""")

_MEMBERS: Final = text("""
    SELECT m.case_id, claim.patient_control_number AS claim_number, claim.patient_name, c.denied_amount,
           c.due_on,
           CASE WHEN m.state = 'sending' THEN s.state ELSE m.state END AS standing,
           CASE WHEN m.state = 'sending' THEN s.problem ELSE m.words END AS why,
           m.state IN ('chosen', 'approved')
             AND (c.version <> m.case_version OR l.version IS DISTINCT FROM m.letter_version) AS moved,
           s.confirmation, s.sent_at
      FROM appeal_batch_member m
      JOIN appeal_batch b ON b.id = m.batch_id
      JOIN denial_case c ON c.id = m.case_id
      JOIN claim ON claim.id = c.claim_id
      LEFT JOIN letter l ON l.case_id = c.id AND l.level = b.level
      LEFT JOIN sending s ON s.id = m.send_id
     WHERE m.batch_id = :batch_id
     ORDER BY m.position
""")

_LETTERS: Final = text("""
    SELECT m.case_id, claim.patient_control_number AS claim_number, l.markdown
      FROM appeal_batch_member m
      JOIN appeal_batch b ON b.id = m.batch_id
      JOIN denial_case c ON c.id = m.case_id
      JOIN claim ON claim.id = c.claim_id
      JOIN letter l ON l.case_id = c.id AND l.level = b.level
     WHERE m.batch_id = :batch_id AND m.state = 'chosen'
       AND c.version = m.case_version AND l.version = m.letter_version
     ORDER BY m.position
""")

_BATCHES: Final = text("""
    SELECT b.id, b.payer, b.payer_name, b.letter, b.cause, b.level, b.state, u.display_name AS creator,
           b.created_at, count(*) AS cases, count(*) FILTER (WHERE s.state = 'sent') AS sent,
           sum(c.denied_amount) AS amount
      FROM appeal_batch b
      JOIN user_account u ON u.id = b.created_by
      JOIN appeal_batch_member m ON m.batch_id = b.id
      JOIN denial_case c ON c.id = m.case_id
      LEFT JOIN sending s ON s.id = m.send_id
     GROUP BY b.id, u.display_name
     ORDER BY b.created_at DESC, b.id
     LIMIT :most
""")


async def batch_record(session: AsyncSession, batch_id: UUID) -> BatchRecord | None:
    """One batch whole, or None where there is none."""
    wanted: dict[str, Any] = {"batch_id": batch_id}
    batch = await fetch_one(session, BatchFacts, _BATCH, **wanted)
    if batch is None:
        return None
    return BatchRecord(batch, await fetch_all(session, MemberRow, _MEMBERS, **wanted))


async def letters_to_review(session: AsyncSession, batch_id: UUID) -> list[ReviewedLetter]:
    """The letters that an approval would be about, as they are now; none that changed meanwhile."""
    return await fetch_all(session, ReviewedLetter, _LETTERS, batch_id=batch_id)


async def latest_batches(session: AsyncSession) -> list[BatchRow]:
    """The newest first."""
    return await fetch_all(session, BatchRow, _BATCHES, most=LISTED)
