"""What every change of a request for records writes: its last day, and a line in the timelines."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import CaseEvent, RecordsRequest
from overturn.db.timeline import enter
from overturn.domain import identifiers
from overturn.domain.deadline_changes import Document
from overturn.domain.deadlines import DeadlineAnswer, deadline_document


def set_deadline(request: RecordsRequest, answer: DeadlineAnswer) -> None:
    """Keep the answer with its derivation."""
    set_document(request, deadline_document(answer))


def set_document(request: RecordsRequest, document: Document) -> None:
    """The same, where it is a document already."""
    request.deadline = document
    request.due_on = date.fromisoformat(document["due_on"]) if document.get("due_on") else None
    request.safe_on = date.fromisoformat(document["safe_on"]) if document.get("safe_on") else None


def note(
    session: AsyncSession,
    request: RecordsRequest,
    event_id: UUID,
    *,
    kind: str,
    summary: str,
    actor: str,
    at: datetime,
) -> None:
    """One line in the timeline of the request, and in that of its case; the same fact is written once."""
    enter(session, request, event_id, kind=kind, summary=summary, actor=actor, at=at)
    if request.case_id is not None:
        session.add(
            CaseEvent(
                id=identifiers.deterministic_id("records-request-event", event_id),
                case_id=request.case_id,
                kind="records_request",
                summary=f"Records request: {summary}",
                actor=actor,
                happened_at=at,
            )
        )


def late(request: RecordsRequest, sent_on: date) -> str:
    """What is said of a sending after the last day."""
    return f"; the last day was {request.due_on}" if request.due_on and sent_on > request.due_on else ""
