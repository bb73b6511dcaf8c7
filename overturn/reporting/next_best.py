"""The cases a person could take next, best first; taking one is a step of its workflow, which decides."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case nobody else has. `version` is what a claim on it is made from: of two claims one is refused."""

    case_id: UUID
    version: int
    is_mine: bool


_NEXT: Final = text("""
    SELECT c.id AS case_id, c.version, c.assigned_to IS NOT NULL AS is_mine
      FROM work_item w
      JOIN denial_case c ON c.id = w.case_id
     WHERE w.done_at IS NULL
       AND c.status IN ('needs_work', 'approved')
       AND (c.assigned_to IS NULL OR c.assigned_to = :person)
       AND (c.pended_until IS NULL OR c.pended_until <= :today)
       AND (CAST(:queues AS text[]) IS NULL OR w.queue = ANY(:queues))
     ORDER BY (c.due_on IS NULL AND c.deadline ->> 'unknown' IS NOT NULL) DESC, w.priority DESC, c.id
     LIMIT 20
""")


async def next_best(
    session: AsyncSession, *, person: UUID, today: date, queues: Collection[str] | None
) -> list[Candidate]:
    """In the order of the queue page, of these queues or of all."""
    wanted = None if queues is None else list(queues)
    return await fetch_all(session, Candidate, _NEXT, person=person, today=today, queues=wanted)
