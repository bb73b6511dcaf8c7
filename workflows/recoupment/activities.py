"""The record-keeping of a recoupment: one transaction a look, which can run again."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from overturn.db.recoupment_record import close_where_settled
from overturn.db.recoupment_sending import live_sending
from overturn.db.session import Sessions
from overturn.db.tables import Recoupment, RecoupmentEvent
from overturn.db.timeline import CLOCK, enter
from overturn.domain import identifiers
from overturn.domain.answer_times import Waiting, answer_time, next_question_on
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.practice_day import DAY_BEGINS, practice_date
from overturn.domain.recoupment import RecoupmentStatus
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook
from workflows.recoupment.clocks import Clocks
from workflows.recoupment.types import Review, ReviewInput


class RecoupmentActivities:
    """Runs on the task queue `denial-cases`."""

    def __init__(
        self,
        sessions: Sessions,
        rules: RulesInForce,
        *,
        reminder_days: Sequence[int],
        escalation_days: int,
        recall_seconds: int,
    ) -> None:
        """Reminders come so many days before a last day; from `escalation_days` on, the lead is told. A
        rebuttal waits `recall_seconds`, in which it can be called back."""
        self._sessions = sessions
        self._rules = rules
        self._reminder_days = tuple(reminder_days)
        self._escalation_days = escalation_days
        self._recall = timedelta(seconds=recall_seconds)

    def all(self) -> list[Callable[..., Any]]:
        return [self.review_recoupment]

    @activity.defn
    async def review_recoupment(self, request: ReviewInput) -> Review:
        """Derive and ring its clocks, end it where it is settled, and say when to look again."""
        async with self._sessions.begin() as session:
            row = await session.get_one(Recoupment, request.recoupment_id, with_for_update=True)
            rulebook = await self._rules.current(session)
            ahead = await self._ring(session, row, rulebook, request.at)
            if row.status == RecoupmentStatus.CLOSED:
                ahead = None
            elif row.status == RecoupmentStatus.DISPUTED:
                asked = await _ask_payer(session, row, rulebook, at=request.at)
                ahead = min(ahead, asked) if ahead else asked
            elif row.status == RecoupmentStatus.SENDING:
                sending = await live_sending(session, row.id)
                goes_at = sending.asked_at + self._recall if sending else None
                if sending and goes_at and goes_at <= request.at:
                    row.looked_version = row.version
                    return Review(next_at=request.at, sending_id=sending.id)
                ahead = goes_at or ahead
            open_at = _a_year_on(request.at) if row.status != RecoupmentStatus.CLOSED else None
            row.next_look_at, row.looked_version = ahead or open_at, row.version
            return Review(next_at=row.next_look_at)

    async def _ring(
        self, session: AsyncSession, row: Recoupment, rulebook: Rulebook, at: datetime
    ) -> datetime | None:
        """What it closes by is seen first, and the clocks of what is closed are set to rest."""
        clocks = Clocks(
            session,
            row,
            rulebook,
            at=at,
            reminder_days=self._reminder_days,
            escalation_days=self._escalation_days,
        )
        if row.status != RecoupmentStatus.CLOSED:
            await close_where_settled(session, row, at=at)
            await clocks.derive()
        ahead = await clocks.ring()
        if row.status != RecoupmentStatus.CLOSED:
            await close_where_settled(session, row, at=at)  # a clock that is over may have settled it
            ahead = ahead if row.status != RecoupmentStatus.CLOSED else await clocks.ring()
        return ahead


def _a_year_on(at: datetime) -> datetime:
    """Nothing rings: no clock has a last day. It looks all the same, should the rules have one by then."""
    return at.replace(year=at.year + 1, day=min(at.day, 28))


async def _ask_payer(session: AsyncSession, row: Recoupment, rulebook: Rulebook, *, at: datetime) -> datetime:
    """Ask where a rebuttal or an appeal stands, at the payer's usual time and again; when to ask next."""
    sent_on = row.appealed_on or row.rebutted_on or row.opened_on
    waiting = Waiting(DeadlineKind.APPEAL, row.payer_key, row.line_of_business, sent_on, row.level)
    time, today, asked = answer_time(rulebook.answer_times, waiting), practice_date(at), 0
    while (on := next_question_on(time, sent_on=sent_on, asked=asked)) <= today:
        asked += 1
    if asked:
        await _enter_question(session, row, sent_on, asked, at=at)
    return datetime.combine(on, DAY_BEGINS)


async def _enter_question(
    session: AsyncSession, row: Recoupment, sent_on: date, asked: int, *, at: datetime
) -> None:
    """Once for each question, however often it looks."""
    event_id = identifiers.deterministic_id("recoupment-ask", row.id, sent_on, asked)
    if await session.get(RecoupmentEvent, event_id) is None:
        days = (practice_date(at) - sent_on).days
        said = f"No answer from the payer {days} days after it was sent: ask where it stands."
        enter(session, row, event_id, kind="ask_payer", summary=said, actor=CLOCK, at=at)
