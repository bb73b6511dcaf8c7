"""Dead letters for those who look after them: the list without values, and one with all it holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all, fetch_one

FOREIGN_KEY: Final = "not an id"
"""Shown for a key that is none of ours: it may be anything, a member's number too."""


@dataclass(frozen=True, slots=True)
class ListedLetter:
    """A dead letter without its message. `state`: waiting, retried, discarded."""

    id: UUID
    state: str
    topic: str
    consumer: str
    key: str | None
    reason: str
    tries: int
    died_at: datetime


@dataclass(frozen=True, slots=True)
class LetterStep:
    """One line of its history; `by` is empty for what no person did."""

    happened_at: datetime
    what: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class LetterContent:
    """Where the message stood, and its bytes."""

    partition: int
    kafka_offset: int
    value: bytes


_LIST: Final = text(r"""
    SELECT id, state, topic, consumer, reason, tries, died_at,
           CASE WHEN key ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' OR key IS NULL THEN key
                ELSE :foreign END AS key
      FROM dead_letter
     WHERE (id = :letter_id OR CAST(:letter_id AS uuid) IS NULL) AND (:every OR state = 'waiting')
     ORDER BY died_at, id
""")

_CONTENT: Final = text("SELECT partition, kafka_offset, value FROM dead_letter WHERE id = :letter_id")

_STEPS: Final = text("""
    SELECT e.happened_at, e.what, e.reason, coalesce(u.display_name, '') AS by
      FROM dead_letter_event e LEFT JOIN user_account u ON u.id = e.actor_id
     WHERE e.dead_letter_id = :letter_id ORDER BY e.happened_at, e.id
""")


async def dead_letters(session: AsyncSession, *, every: bool = False) -> list[ListedLetter]:
    """Those that wait, the oldest first; `every`: the decided ones, too."""
    return await fetch_all(session, ListedLetter, _LIST, letter_id=None, every=every, foreign=FOREIGN_KEY)


async def dead_letter(session: AsyncSession, letter_id: UUID) -> ListedLetter | None:
    return await fetch_one(session, ListedLetter, _LIST, letter_id=letter_id, every=True, foreign=FOREIGN_KEY)


async def letter_content(session: AsyncSession, letter_id: UUID) -> LetterContent:
    """What it holds, which may name a patient: for a person's eyes, never for a log."""
    found = await fetch_one(session, LetterContent, _CONTENT, letter_id=letter_id)
    if found is None:
        raise LookupError(letter_id)
    return found


async def letter_steps(session: AsyncSession, letter_id: UUID) -> list[LetterStep]:
    """Its history, the oldest first."""
    return await fetch_all(session, LetterStep, _STEPS, letter_id=letter_id)


def printable(value: bytes) -> str:
    """The message as text that a terminal shows and does not obey."""
    text = value.decode(errors="backslashreplace")
    return "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in text)
