"""Requests of payers for records: the list, one with its timeline, what was missed, and what has news."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as the list and its page show it; `amount` is US dollars at stake."""

    id: UUID
    case_id: UUID | None
    claim_number: str
    patient_name: str | None
    payer_key: str | None
    payer_name: str | None
    requester: str
    requester_name: str
    notice: str
    reference: str
    requested_on: date
    due_on: date | None
    deadline: dict[str, Any]
    status: str
    outcome: str | None
    documents: list[str]
    other_documents: str
    amount: Decimal
    owner_id: UUID | None
    owner: str | None
    escalated: bool
    missed_cause: str | None
    sent_on: date | None
    asked: int
    version: int


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """One line of a request's timeline; `actor` is a person's name, or a part of the system."""

    kind: str
    summary: str
    actor: str
    happened_at: datetime


_ROW: Final = """
    SELECT r.id, r.case_id, c.patient_control_number AS claim_number, c.patient_name, r.payer_key,
           r.payer_name, r.requester, r.requester_name, r.notice, r.reference, r.requested_on, r.due_on,
           r.deadline, r.status, r.outcome, r.documents, r.other_documents, r.amount,
           r.assigned_to AS owner_id, u.display_name AS owner, r.escalated_at IS NOT NULL AS escalated,
           r.missed_cause, r.sent_on, r.asked, r.version
      FROM records_request r
      JOIN claim c ON c.id = r.claim_id
      LEFT JOIN user_account u ON u.id = r.assigned_to
"""

_OPEN: Final = text(f"""{_ROW} WHERE r.status NOT IN ('missed', 'closed')
     ORDER BY (r.status IN ('gathering', 'ready')) DESC, r.due_on NULLS FIRST, r.amount DESC, r.id
""")
_OVER: Final = text(f"""{_ROW} WHERE r.status IN ('missed', 'closed')
     ORDER BY r.closed_at DESC, r.id LIMIT :limit
""")
_MISSED: Final = text(f"""{_ROW} WHERE r.status = 'missed' ORDER BY r.due_on DESC, r.id
""")
_ONE: Final = text(f"{_ROW} WHERE r.id = :id")
_OF_CASE: Final = text(f"{_ROW} WHERE r.case_id = :case_id ORDER BY r.opened_at")

_EVENTS: Final = text("""
    SELECT e.kind, e.summary, coalesce(u.display_name, e.actor) AS actor, e.happened_at
      FROM records_request_event e LEFT JOIN user_account u ON u.id::text = e.actor
     WHERE e.request_id = :id ORDER BY e.sequence DESC
""")

_NEWS: Final = text("""
    SELECT r.id FROM records_request r JOIN claim c ON c.id = r.claim_id
     WHERE r.version <> r.seen_version
        OR r.next_look_at <= :now
        OR (r.status IN ('gathering', 'ready', 'sent') AND c.current_payment_id IS NOT NULL
            AND c.current_payment_id IS DISTINCT FROM r.seen_payment_id)
     ORDER BY r.id
""")


async def open_requests(session: AsyncSession) -> list[RequestRow]:
    """Every request that is not over: those to be answered first, an unknown last day before all."""
    return await fetch_all(session, RequestRow, _OPEN)


async def ended_requests(session: AsyncSession, *, limit: int) -> list[RequestRow]:
    """The latest that are over."""
    return await fetch_all(session, RequestRow, _OVER, limit=limit)


async def missed_requests(session: AsyncSession) -> list[RequestRow]:
    """Every request whose last day passed without an answer, the latest first."""
    return await fetch_all(session, RequestRow, _MISSED)


async def requests_of_case(session: AsyncSession, case_id: UUID) -> list[RequestRow]:
    """Every request that was opened on a case, oldest first."""
    return await fetch_all(session, RequestRow, _OF_CASE, case_id=case_id)


async def one_request(session: AsyncSession, request_id: UUID) -> RequestRow | None:
    found = await fetch_all(session, RequestRow, _ONE, id=request_id)
    return found[0] if found else None


async def timeline_of(session: AsyncSession, request_id: UUID) -> list[RequestEvent]:
    """Newest first."""
    return await fetch_all(session, RequestEvent, _EVENTS, id=request_id)


async def requests_with_news(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Requests that changed since their workflow looked, that a remittance answered, or that are due for a
    look: one that is long due has lost its workflow."""
    return [row[0] for row in await session.execute(_NEWS, {"now": now})]
