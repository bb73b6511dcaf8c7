"""The clocks of one recoupment: derived by the rules in force, rung in time, priced when they are missed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.recoupment_record import position_of
from overturn.db.tables import Recoupment, RecoupmentClock, UserAccount
from overturn.db.timeline import CLOCK, enter
from overturn.domain import identifiers
from overturn.domain.codes import format_dollars
from overturn.domain.deadlines import (
    Deadline,
    DeadlineAnswer,
    DeadlineKind,
    StartDates,
    UnknownDeadline,
    deadline_document,
    derive_deadline,
    stated_deadline,
)
from overturn.domain.denial_case import CaseStatus, missed_cause
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import (
    FIRST_LEVEL,
    ClockState,
    Position,
    clock_state,
    clocks_at,
    price,
)
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import holidays_from, state_holidays_from
from workflows.denial_case.alarms import next_alarm

NAMES: Final = {
    DeadlineKind.RECOUPMENT_REBUTTAL: "rebuttal",
    DeadlineKind.RECOUPMENT_STOP: "appeal that stops the withholding",
    DeadlineKind.REPAYMENT: "repayment",
    DeadlineKind.APPEAL: "appeal",
}


class Clocks:
    """The clocks of one recoupment at one look, in its transaction."""

    def __init__(
        self,
        session: AsyncSession,
        row: Recoupment,
        rulebook: Rulebook,
        *,
        at: datetime,
        reminder_days: Sequence[int],
        escalation_days: int,
    ) -> None:
        self._session, self._row, self._rulebook, self._at = session, row, rulebook, at
        self._today = practice_date(at)
        self._reminder_days, self._escalation_days = tuple(reminder_days), escalation_days

    async def derive(self) -> None:
        """Every clock of this level, by the dates and the rules of now; what moved stands in the timeline."""
        for kind in clocks_at(self._row.level):
            clock = await self._session.get(RecoupmentClock, (self._row.id, kind, self._row.level))
            answer = self._answer(kind, clock)
            if isinstance(answer, UnknownDeadline) and self._is_no_rung(kind):
                continue
            if clock is None:
                clock = self._new(kind)
            self._take(clock, kind, answer)

    def _is_no_rung(self, kind: DeadlineKind) -> bool:
        """From some level on no appeal stops the withholding: the rules have no such window."""
        return kind is DeadlineKind.RECOUPMENT_STOP and self._row.level > FIRST_LEVEL

    def _new(self, kind: DeadlineKind) -> RecoupmentClock:
        clock = RecoupmentClock(
            recoupment_id=self._row.id,
            kind=kind,
            level=self._row.level,
            state=ClockState.RUNNING,
            rung_at=self._at,
        )
        self._session.add(clock)
        return clock

    def _answer(self, kind: DeadlineKind, clock: RecoupmentClock | None) -> DeadlineAnswer:
        row, windows = self._row, self._rulebook.filing_windows
        notice_on = row.answered_on or row.notice_on
        holidays = holidays_from((notice_on or self._today).year)
        if clock is not None and clock.stated_on is not None:
            return stated_deadline(
                clock.stated_on,
                kind=kind,
                because=clock.stated_reason,
                windows=windows,
                payer_key=row.payer_key,
                holidays=holidays,
            )
        payer = self._rulebook.payers.find(row.payer_key)
        state = payer.state if payer else None
        received_on = row.received_on if row.answered_on is None else None
        return derive_deadline(
            kind,
            windows=windows,
            payer_key=row.payer_key,
            line_of_business=row.line_of_business,
            starts=StartDates(notice_on=notice_on, received_on=received_on, first_notice_on=row.notice_on),
            level=row.level,
            state=state,
            holidays=holidays,
            state_holidays=state_holidays_from(state, (notice_on or self._today).year),
        )

    def _take(self, clock: RecoupmentClock, kind: DeadlineKind, answer: DeadlineAnswer) -> None:
        due_on = answer.due_on if isinstance(answer, Deadline) else None
        if clock.due_on != due_on and (clock.deadline or clock.stated_on):
            before, now = clock.due_on or "unknown", due_on or "unknown"
            self._enter(
                "deadline", (kind, clock.level), f"Last day of the {NAMES[kind]}: {before}, now {now}."
            )
            clock.rung_at, clock.missed_cause, clock.missed_amount = self._at, None, None
        clock.due_on, clock.deadline = due_on, deadline_document(answer)
        clock.safe_on = answer.safe_on if isinstance(answer, Deadline) else None

    async def ring(self) -> datetime | None:
        """Settle the state of each, remind in time, price what is over; when the next alarm rings."""
        position = await position_of(self._session, self._row)
        clocks = await self._session.scalars(
            select(RecoupmentClock)
            .where(col(RecoupmentClock.recoupment_id) == self._row.id)
            .order_by(col(RecoupmentClock.kind))
        )
        asked = [c for c in clocks if c.level == self._row.level or c.state == ClockState.RUNNING]
        ahead = [await self._settle(clock, position) for clock in asked]
        return min((at for at in ahead if at is not None), default=None)

    async def _settle(self, clock: RecoupmentClock, position: Position) -> datetime | None:
        kind = DeadlineKind(clock.kind)
        if clock.level < self._row.level:
            clock.state = ClockState.MET  # the level above was reached by it
            return None
        state = clock_state(kind, position, clock.due_on, self._today)
        if clock.missed_amount is not None and state is ClockState.MOOT:
            return None  # what was missed stays missed, however it ends
        clock.state = state
        if state is ClockState.MET:
            clock.missed_cause = clock.missed_amount = None  # as is recorded after its day, and was in time
        if state is ClockState.MISSED and clock.missed_amount is None:
            self._miss(clock, kind, position)
        if state is not ClockState.RUNNING:
            return None
        return await self._remind(clock, kind)

    def _miss(self, clock: RecoupmentClock, kind: DeadlineKind, position: Position) -> None:
        """An outcome with its dollars: the list of what was missed has it, with its cause."""
        clock.missed_amount = price(kind, position.money)
        clock.missed_cause = missed_cause(
            status=CaseStatus.NEEDS_WORK,
            owned=self._row.assigned_to is not None,
            opened_on=self._row.opened_on,
            due_on=clock.due_on,
        )
        amount = format_dollars(clock.missed_amount)
        self._enter("missed", (kind, clock.level), f"The last day of the {NAMES[kind]} is over: {amount}.")

    async def _remind(self, clock: RecoupmentClock, kind: DeadlineKind) -> datetime | None:
        alarm = next_alarm(clock.due_on, self._reminder_days, done=clock.rung_at or self._at, now=self._at)
        if alarm is None:
            return None
        if alarm.at > self._at or alarm.is_end:
            return alarm.at
        clock.rung_at = self._at
        await self._say(clock, kind, alarm.days_left)
        following = next_alarm(clock.due_on, self._reminder_days, done=self._at, now=self._at)
        return following.at if following else None

    async def _say(self, clock: RecoupmentClock, kind: DeadlineKind, days_left: int) -> None:
        """To who has it, or to nobody; from some days on to the lead as well."""
        if days_left <= self._escalation_days and self._row.escalated_at is None:
            self._row.escalated_at = self._at
        left = "Today is the last day" if days_left == 0 else f"{days_left} days are left"
        lead = "; the lead is told" if self._row.escalated_at is not None else ""
        said = f"{left} for the {NAMES[kind]}, due {clock.due_on}: {await self._owner()}{lead}."
        self._enter("reminder", (kind, clock.level), said)

    async def _owner(self) -> str:
        owner = self._row.assigned_to
        person = await self._session.get(UserAccount, owner) if owner else None
        return person.display_name if person else "nobody has it"

    def _enter(self, kind: str, what: tuple[str | int, ...], said: str) -> None:
        """One of a kind at an instant; `rung_at`, `due_on` and `missed_amount` say that it was told."""
        told = self._at.isoformat()
        event_id = identifiers.deterministic_id(f"recoupment-{kind}", self._row.id, *what, told)
        enter(self._session, self._row, event_id, kind=kind, summary=said, actor=CLOCK, at=self._at)
