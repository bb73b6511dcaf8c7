"""Cases, records requests and recoupments that are stuck by the record; cases whose workflow should run."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.strays import CaseInRecord
from overturn.reporting.rows import fetch_all

GRACE: Final = timedelta(minutes=5)
"""What is younger is on its way."""

SENDING_PATIENCE: Final = timedelta(hours=2)
"""A channel is tried for about an hour."""


@dataclass(frozen=True, slots=True)
class StuckCase:
    """A case, since when it has stood so (aware), and what is wrong, in words for who runs Overturn."""

    case_id: UUID
    status: str
    since: datetime
    problem: str


_STUCK: Final = text("""
    WITH last AS (
        SELECT c.id, c.status, coalesce(max(e.happened_at), c.opened_at) AS since,
               EXISTS (SELECT FROM work_item w WHERE w.case_id = c.id AND w.done_at IS NULL) AS in_queue
          FROM denial_case c LEFT JOIN case_event e ON e.case_id = c.id
         WHERE c.status <> 'resolved' GROUP BY c.id
    )
    SELECT id AS case_id, status, since,
           CASE WHEN status = 'opened' THEN 'opened, and not prepared by its workflow'
                WHEN status = 'sending' THEN 'being sent for too long'
                ELSE 'open, and in no queue' END AS problem
      FROM last
     WHERE (status = 'opened' AND since < :settled)
        OR (status = 'sending' AND since < :sending)
        OR (status NOT IN ('opened', 'sending') AND NOT in_queue AND since < :settled)
     ORDER BY since, id
""")

_CASES: Final = text("""
    SELECT id AS case_id, status = 'resolved' AS resolved,
           coalesce(resolved_at, opened_at) < :settled AS settled
      FROM denial_case
""")


async def stuck_cases(session: AsyncSession, *, now: datetime) -> list[StuckCase]:
    """Not prepared, sending without end, or in no queue; the longest first."""
    return await fetch_all(session, StuckCase, _STUCK, settled=now - GRACE, sending=now - SENDING_PATIENCE)


@dataclass(frozen=True, slots=True)
class StuckRequest:
    """A records request, since when it has stood so (aware), and what is wrong."""

    request_id: UUID
    status: str
    since: datetime
    problem: str


_REQUESTS: Final = text("""
    SELECT r.id AS request_id, r.status, least(r.next_look_at, max(e.happened_at)) AS since,
           CASE WHEN r.status = 'sending' THEN 'being sent for too long'
                ELSE 'due for a look, and not looked at by its workflow' END AS problem
      FROM records_request r JOIN records_request_event e ON e.request_id = r.id
     GROUP BY r.id
    HAVING r.next_look_at < :settled
        OR (r.version <> r.seen_version AND max(e.happened_at) < :settled)
        OR (r.status = 'sending' AND max(e.happened_at) < :sending)
     ORDER BY since, r.id
""")


async def stuck_requests(session: AsyncSession, *, now: datetime) -> list[StuckRequest]:
    """Changed, or due for a look, and not looked at, or sending without end; the longest first."""
    return await fetch_all(
        session, StuckRequest, _REQUESTS, settled=now - GRACE, sending=now - SENDING_PATIENCE
    )


@dataclass(frozen=True, slots=True)
class StuckRecoupment:
    """A recoupment, since when it has stood so (aware), and what is wrong."""

    recoupment_id: UUID
    status: str
    since: datetime
    problem: str


_RECOUPMENTS: Final = text("""
    WITH last AS (
        SELECT r.id, r.status, r.next_look_at, r.version <> r.looked_version AS is_news,
               max(e.happened_at) AS changed_at
          FROM recoupment r JOIN recoupment_event e ON e.recoupment_id = r.id GROUP BY r.id
    )
    SELECT id AS recoupment_id, status, least(next_look_at, changed_at) AS since,
           CASE WHEN status = 'sending' THEN 'its rebuttal is being sent for too long'
                ELSE 'due for a look, and not looked at by its workflow' END AS problem
      FROM last
     WHERE (status <> 'closed' AND next_look_at < :settled)
        OR (is_news AND changed_at < :settled)
        OR (status = 'sending' AND changed_at < :sending)
     ORDER BY since, id
""")


async def stuck_recoupments(session: AsyncSession, *, now: datetime) -> list[StuckRecoupment]:
    """Changed, or due for a look, and not looked at, or sending without end; the longest first."""
    return await fetch_all(
        session, StuckRecoupment, _RECOUPMENTS, settled=now - GRACE, sending=now - SENDING_PATIENCE
    )


async def every_case(session: AsyncSession, *, now: datetime) -> list[CaseInRecord]:
    """All cases, to be held against the workflows that run."""
    return await fetch_all(session, CaseInRecord, _CASES, settled=now - GRACE)
