"""The record-keeping of a request for records: one transaction a look, which can run again."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.db.session import Sessions
from overturn.db.tables import Claim, ClaimPayment, DenialCase, RecordsRequest, Sending
from overturn.db.timeline import CLOCK, WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.answer_times import Waiting, answer_time, next_question_on
from overturn.domain.codes import Action, format_dollars
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.denial_case import CaseStatus, Step, missed_cause, next_status
from overturn.domain.practice_day import DAY_BEGINS, practice_date
from overturn.domain.records_request import (
    OVER,
    PRESSING,
    TRANSITIONS,
    ClaimMoney,
    RequestOutcome,
    RequestStatus,
    RequestStep,
    outcome_by_money,
)
from overturn.records.timeline import note
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook
from workflows.denial_case import record
from workflows.denial_case.alarms import Alarm, next_alarm
from workflows.denial_case.record import (
    is_recorded,
    locked_case,
    move,
    standing_of,
    tell_advanced,
)
from workflows.records_request.types import CaseToTell, RequestReview, ReviewRequestInput

UNKNOWN_AGAIN: Final = timedelta(days=7)
"""So often a request whose last day nobody knows asks for it."""

SAID: Final = {
    RequestOutcome.PAID: "the claim is paid",
    RequestOutcome.PARTLY_PAID: "the claim is paid in part",
    RequestOutcome.ACCEPTED: "nothing is denied and no money moved",
    RequestOutcome.DENIED: "the claim is denied or taken back",
    RequestOutcome.UPHELD: "the denial stands",
}


class RecordsRequestActivities:
    """Runs on the task queue `denial-cases`."""

    def __init__(
        self, sessions: Sessions, rules: RulesInForce, *, reminder_days: Sequence[int], escalation_days: int
    ) -> None:
        """Reminders come so many days before the last day; the lead is told from `escalation_days` on."""
        self._sessions = sessions
        self._rules = rules
        self._reminder_days = tuple(reminder_days)
        self._escalation_days = escalation_days

    def all(self) -> list[Callable[..., Any]]:
        return [self.review_request]

    @activity.defn
    async def review_request(self, request: ReviewRequestInput) -> RequestReview:
        """Take in what came, remind, expire, ask the payer, and say when to look next."""
        async with self._sessions.begin() as session:
            row = await session.get_one(RecordsRequest, request.request_id, with_for_update=True)
            look = _Look(session, row, request.at, await self._rules.current(session))
            await look.take_remittance()
            next_at = await look.watch_the_clock(self._reminder_days, self._escalation_days)
            case = await look.move_case()
            row.seen_version, row.next_look_at = row.version, next_at
            return RequestReview(next_at=next_at, sending_id=await look.waiting_sending(), case=case)


class _Look:
    """One look at one request, in its transaction."""

    def __init__(self, session: AsyncSession, row: RecordsRequest, at: datetime, rulebook: Rulebook) -> None:
        self._session, self._row, self._rulebook = session, row, rulebook
        self._at, self._today = at, practice_date(at)

    async def take_remittance(self) -> None:
        """A later adjudication of the claim is the payer's answer; one older than the request is none."""
        row = self._row
        claim = await self._session.get_one(Claim, row.claim_id)
        came = claim.current_payment_id
        if (
            came is None
            or came == row.seen_payment_id
            or row.status not in TRANSITIONS[RequestStep.REMITTANCE]
        ):
            return
        row.seen_payment_id = came
        before = ClaimMoney(row.paid_before_amount, row.denied_before_amount)
        after = ClaimMoney(claim.paid_amount, claim.denied_amount)
        payment = await self._session.get(ClaimPayment, came)
        if payment and payment.payment_on and payment.payment_on < row.requested_on:
            row.paid_before_amount, row.denied_before_amount = after.paid, after.denied
            return
        row.status, row.outcome = RequestStatus.CLOSED, outcome_by_money(before, after)
        row.closed_at, row.version = self._at, row.version + 1
        summary = f"A remittance answered: {SAID[RequestOutcome(row.outcome)]}."
        self._note("remittance", came, summary, actor=WORKFLOW)

    async def watch_the_clock(self, reminder_days: Sequence[int], escalation_days: int) -> datetime | None:
        """The instant of the next look; None once it is over."""
        row = self._row
        if row.status in OVER:
            return None
        if row.status == RequestStatus.SENT:
            return self._ask_payer()
        if row.status in PRESSING and row.due_on is None:
            return self._ask_for_last_day()
        if row.status in PRESSING:
            return self._ring(reminder_days, escalation_days)
        return self._at + timedelta(days=1)  # on its way

    def _ring(self, reminder_days: Sequence[int], escalation_days: int) -> datetime | None:
        alarm = next_alarm(self._row.due_on, reminder_days, done=self._row.alarms_done, now=self._at)
        while alarm is not None and alarm.at <= self._at:
            if alarm.is_end:
                self._expire()
                return None
            self._remind(alarm, escalation_days)
            self._row.alarms_done = alarm.at
            alarm = next_alarm(self._row.due_on, reminder_days, done=alarm.at, now=self._at)
        return alarm.at if alarm else None

    def _remind(self, alarm: Alarm, escalation_days: int) -> None:
        row = self._row
        told = ""
        if alarm.days_left <= escalation_days and row.escalated_at is None:
            row.escalated_at, told = self._at, "; the lead is told"
        left = "Today is the last day" if alarm.days_left == 0 else f"{alarm.days_left} days left"
        left = "1 day left" if alarm.days_left == 1 else left
        self._note(
            "reminder", f"{row.due_on} {alarm.days_left}", f"{left}: due {row.due_on}{told}.", actor=CLOCK
        )

    def _expire(self) -> None:
        row = self._row
        row.missed_cause = missed_cause(
            status=CaseStatus.APPROVED if row.status == RequestStatus.READY else CaseStatus.NEEDS_WORK,
            owned=row.assigned_to is not None,
            opened_on=practice_date(row.opened_at),
            due_on=row.due_on,
        )
        row.status, row.outcome = RequestStatus.MISSED, RequestOutcome.MISSED
        row.closed_at, row.version = self._at, row.version + 1
        summary = f"No records were sent by {row.due_on}: {format_dollars(row.amount)} are at stake."
        self._note("expire", row.version, summary, actor=CLOCK)

    def _ask_for_last_day(self) -> datetime:
        """Once a week from the day it was opened."""
        weeks = (self._at - self._row.opened_at) // UNKNOWN_AGAIN
        if weeks and self._row.next_look_at is not None and self._row.next_look_at <= self._at:
            summary = "Its last day is still unknown: ask the payer and set it."
            self._note("unknown_deadline", weeks, summary, actor=CLOCK)
        return self._row.opened_at + (weeks + 1) * UNKNOWN_AGAIN

    def _ask_payer(self) -> datetime:
        """At the payer's usual time, and again, a line asks a person to ask."""
        row = self._row
        sent_on = row.sent_on or self._today
        waiting = Waiting(DeadlineKind.RECORDS, row.payer_key, row.line_of_business, sent_on)
        time = answer_time(self._rulebook.answer_times, waiting)
        due_on = next_question_on(time, sent_on=sent_on, asked=row.asked)
        while due_on <= self._today:
            row.asked += 1
            days = (self._today - sent_on).days
            summary = f"No answer from the payer {days} days after the records went out: ask where it stands."
            self._note("ask_payer", row.asked, summary, actor=CLOCK)
            due_on = next_question_on(time, sent_on=sent_on, asked=row.asked)
        return datetime.combine(due_on, DAY_BEGINS)

    async def move_case(self) -> CaseToTell | None:
        """Records that went out are the answer of a case that asked for nothing else: it waits for the payer
        now. One that somebody works otherwise is left alone."""
        row = self._row
        if row.case_id is None or row.status != RequestStatus.SENT:
            return None
        case = await locked_case(self._session, row.case_id)
        event_id = identifiers.deterministic_id("records-sent", row.id)
        if not await is_recorded(self._session, event_id):
            if case.action != Action.SEND_RECORDS or case.status not in record.PRESSING:
                return None
            await self._submit(case)
        return CaseToTell(case_id=case.id, standing=standing_of(case))

    async def _submit(self, case: DenialCase) -> None:
        event_id = identifiers.deterministic_id("records-sent", self._row.id)
        summary = f"The records went out on {self._row.sent_on}; the payer has the next step."
        enter(self._session, case, event_id, kind=Step.SENT, summary=summary, actor=WORKFLOW, at=self._at)
        case.version += 1
        await move(self._session, case, next_status(CaseStatus(case.status), Step.SENT), at=self._at)
        await tell_advanced(self._session, case, Step.SENT, event_id)

    async def waiting_sending(self) -> UUID | None:
        """The id of what is to go out now, or None."""
        if self._row.status != RequestStatus.SENDING:
            return None
        found: UUID | None = await self._session.scalar(
            select(col(Sending.id)).where(
                col(Sending.request_id) == self._row.id, col(Sending.state).in_(["asked", "begun"])
            )
        )
        return found

    def _note(self, kind: str, what: object, summary: str, *, actor: str) -> None:
        event_id = identifiers.deterministic_id(f"records-{kind}", self._row.id, str(what))
        note(self._session, self._row, event_id, kind=kind, summary=summary, actor=actor, at=self._at)
