"""The last day of a request for records: derived when it is opened, and again when rules change."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.batches import in_batches
from overturn.db.tables import Claim, RecordsRequest
from overturn.domain import identifiers
from overturn.domain.codes import Action
from overturn.domain.deadline_changes import move_words, moved_to
from overturn.domain.deadlines import STATED, DeadlineAnswer, UnknownDeadline, deadline_document
from overturn.domain.practice_day import practice_date
from overturn.domain.records_request import PRESSING, Notice, Requester, derive_records_deadline
from overturn.records.timeline import note, set_document
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import derive_case_deadline, holidays_from, state_holidays_from

ACTOR: Final = "workflow"


def derive_request_deadline(
    request: RecordsRequest, *, service_from: date | None, rulebook: Rulebook
) -> DeadlineAnswer:
    """A remittance that asks for records has denied already: what is left is the appeal's window, as its
    case has it. Every other request has the window of records."""
    if request.notice == Notice.REMITTANCE and request.printed_due_on is None:
        answer = derive_case_deadline(
            Action.SEND_RECORDS,
            rulebook=rulebook,
            payer_key=request.payer_key,
            line_of_business=request.line_of_business,
            service_from=service_from,
            denied_on=request.requested_on,
        )
        return answer or UnknownDeadline("the rules name no window for records: set the last day")
    payer = rulebook.payers.find(request.payer_key)
    state = payer.state if payer else None
    return derive_records_deadline(
        request.requested_on,
        requester=Requester(request.requester),
        printed_on=request.printed_due_on,
        windows=rulebook.filing_windows,
        payer_key=request.payer_key,
        line_of_business=request.line_of_business,
        state=state,
        holidays=holidays_from(request.requested_on.year),
        state_holidays=state_holidays_from(state, request.requested_on.year),
    )


async def move_request_deadlines(session: AsyncSession, rulebook: Rulebook, *, at: datetime) -> int:
    """Give every request that waits for records the last day that the rules give now; how many moved.

    Its workflow sees the new version and moves its timer. A day that a person set stays.
    """
    moved = 0
    waiting = (
        select(RecordsRequest, col(Claim.service_from))
        .join(Claim, col(Claim.id) == col(RecordsRequest.claim_id))
        .where(col(RecordsRequest.status).in_(PRESSING))
        .with_for_update(of=RecordsRequest, skip_locked=True)
    )
    async for batch in in_batches(session, waiting):
        for request, service_from in batch:
            answer = derive_request_deadline(request, service_from=service_from, rulebook=rulebook)
            moved += _move(session, request, answer, at=at)
    return moved


def _move(session: AsyncSession, request: RecordsRequest, answer: DeadlineAnswer, *, at: datetime) -> bool:
    rule: dict[str, str] = request.deadline.get("rule") or {}
    if rule.get("id") == STATED.id:
        return False
    after = moved_to(request.deadline, deadline_document(answer), today=practice_date(at))
    if after is None:
        return False
    said = move_words(request.deadline, after)
    set_document(request, after)
    request.version += 1
    request.alarms_done, request.escalated_at = at, None
    event_id = identifiers.deterministic_id("records-deadline-moved", request.id, request.version)
    note(session, request, event_id, kind="deadline_moved", summary=said, actor=ACTOR, at=at)
    return True
