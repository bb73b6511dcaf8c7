"""The steps of a person on a request for records: each in one transaction, once.

The request's workflow learns of every change from the record (`version`), so that no step waits for Temporal.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.addresses import RECORDS_LEVEL, address_unknown, find_address
from overturn.db.exhibits import supplied_exhibits
from overturn.db.tables import RecordsRequest, RecordsRequestEvent, Sending, UserAccount
from overturn.domain.channel_names import ChannelName
from overturn.domain.deadlines import DeadlineKind, stated_deadline
from overturn.domain.denial_case import StepRefusedError
from overturn.domain.practice_day import practice_date
from overturn.domain.records_request import (
    ClaimMoney,
    RequestOutcome,
    RequestStatus,
    RequestStep,
    next_status,
    outcome_by_letter,
)
from overturn.records.documents import asked_documents
from overturn.records.timeline import late, note, set_deadline
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import holidays_from

STALE: Final = "This request has changed since the page was loaded. Look at it again, then go on."


@dataclass(frozen=True, slots=True)
class RequestOrder:
    """One step of a person; what a step does not need is left out."""

    step: RequestStep
    step_id: UUID
    actor_id: UUID
    version: int
    words: str = ""
    on: date | None = None  # the last day, the day it was sent, or the day of the decision
    channel: ChannelName | None = None
    assignee_id: UUID | None = None
    accepted: bool = False


async def take_request_step(
    session: AsyncSession, request_id: UUID, order: RequestOrder, *, rulebook: Rulebook, at: datetime
) -> None:
    """Apply one step of a person; the same step id again changes nothing.

    Raises:
        StepRefusedError: it does not fit the request as it stands now; the message says why.
    """
    request = await session.get(RecordsRequest, request_id, with_for_update=True)
    if request is None:
        raise StepRefusedError("There is no such request.")
    if await session.get(RecordsRequestEvent, order.step_id) is not None:
        return
    if request.version != order.version:
        raise StepRefusedError(STALE)
    if order.step not in _EFFECTS:
        raise StepRefusedError("That is nothing a person does: it happens by itself.")
    after = next_status(RequestStatus(request.status), order.step)
    summary = await _EFFECTS[order.step](Desk(session, request, at, rulebook), order)
    request.status, request.version = after, request.version + 1
    if after is RequestStatus.CLOSED:
        request.closed_at = at
    note(session, request, order.step_id, kind=order.step, summary=summary, actor=str(order.actor_id), at=at)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step is taken with: the transaction, the locked request, the clock, the rules."""

    session: AsyncSession
    request: RecordsRequest
    at: datetime
    rulebook: Rulebook


async def _assign(desk: Desk, order: RequestOrder) -> str:
    person = await desk.session.get(UserAccount, order.assignee_id) if order.assignee_id else None
    if order.assignee_id and (person is None or person.disabled):
        raise StepRefusedError("That person has no account any more. Choose another.")
    desk.request.assigned_to = order.assignee_id
    return f"Assigned to {person.display_name}." if person else "Given back: nobody has it."


async def _gathered(desk: Desk, order: RequestOrder) -> str:
    """What is asked and not uploaded needs a reason, which stays on record."""
    asked = await asked_documents(desk.session, desk.request, desk.rulebook)
    missing = ", ".join(each.document.title for each in asked if not each.present)
    supplied = await supplied_exhibits(desk.session, request_id=desk.request.id)
    if not supplied:
        raise StepRefusedError("No document is uploaded yet: there is nothing to send.")
    if missing and not order.words:
        raise StepRefusedError(f"Still missing: {missing}. Upload them, or say why they are left out.")
    left_out = f" Left out: {missing}. {order.words}" if missing else ""
    count = len(supplied)
    return f"{count} {'document' if count == 1 else 'documents'} gathered.{left_out}"


async def _undo(desk: Desk, order: RequestOrder) -> str:
    del desk, order
    return "Back to gathering."


async def _send(desk: Desk, order: RequestOrder) -> str:
    request, channel = desk.request, order.channel
    if channel is None:
        raise StepRefusedError("Choose a way of sending.")
    if await find_address(desk.session, request, channel=channel) is None:
        raise StepRefusedError(address_unknown(request.requester_name or request.payer_name, channel))
    if channel is ChannelName.PORTAL and not order.words:
        raise StepRefusedError("Enter the confirmation number that the portal gave.")
    sending = Sending(
        id=order.step_id,
        request_id=request.id,
        level=RECORDS_LEVEL,
        channel=channel,
        state="asked",
        confirmation=order.words or None,
        asked_at=desk.at,
    )
    desk.session.add(sending)
    return f"To be sent by {channel.replace('_', ' ')}."


async def _mark_sent(desk: Desk, order: RequestOrder) -> str:
    today, sent_on = practice_date(desk.at), order.on or practice_date(desk.at)
    if not desk.request.requested_on <= sent_on <= today:
        raise StepRefusedError(f"{sent_on} is not a day between the request and today.")
    desk.request.sent_on = sent_on
    how = f" by {order.channel.replace('_', ' ')}" if order.channel else ""
    confirmed = f", confirmation {order.words}" if order.words else ""
    return f"Sent by hand{how} on {sent_on}{confirmed}{late(desk.request, sent_on)}."


async def _set_deadline(desk: Desk, order: RequestOrder) -> str:
    if order.on is None or order.on < practice_date(desk.at):
        raise StepRefusedError("Give a last day that is not over.")
    if not order.words:
        raise StepRefusedError("Say where the last day comes from: a letter, a call, a name.")
    request = desk.request
    before = f"it was {request.due_on}" if request.due_on else "it was unknown"
    answer = stated_deadline(
        order.on,
        kind=DeadlineKind.RECORDS,
        because=order.words,
        windows=desk.rulebook.filing_windows,
        payer_key=request.payer_key,
        holidays=holidays_from(order.on.year),
    )
    set_deadline(request, answer)
    request.alarms_done, request.escalated_at = desk.at, None
    request.outcome = request.closed_at = request.missed_cause = None
    return f"Last day set to {order.on} ({before}): {order.words}"


async def _decide(desk: Desk, order: RequestOrder) -> str:
    decided_on = order.on or practice_date(desk.at)
    if decided_on > practice_date(desk.at):
        raise StepRefusedError(f"{decided_on} lies in the future. Give the date of the decision.")
    before = ClaimMoney(desk.request.paid_before_amount, desk.request.denied_before_amount)
    desk.request.outcome = outcome_by_letter(accepted=order.accepted, before=before)
    return f"The payer {'accepted' if order.accepted else 'did not accept'} the records on {decided_on}."


async def _withdraw(desk: Desk, order: RequestOrder) -> str:
    if not order.words:
        raise StepRefusedError("Say why the request needs no answer.")
    desk.request.outcome = RequestOutcome.WITHDRAWN
    return f"Needs no answer: {order.words}"


_EFFECTS: Final[dict[RequestStep, Callable[[Desk, RequestOrder], Awaitable[str]]]] = {
    RequestStep.ASSIGN: _assign,
    RequestStep.GATHERED: _gathered,
    RequestStep.UNDO: _undo,
    RequestStep.SEND: _send,
    RequestStep.MARK_SENT: _mark_sent,
    RequestStep.SET_DEADLINE: _set_deadline,
    RequestStep.DECIDE: _decide,
    RequestStep.WITHDRAW: _withdraw,
}
