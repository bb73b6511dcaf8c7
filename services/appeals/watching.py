"""An appeal that is with the payer: when to ask where it stands, and the work item that says so."""

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.db.letter_choice import letter_level
from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, DenialCase
from overturn.db.timeline import CLOCK, enter
from overturn.domain import identifiers
from overturn.domain.answer_times import Waiting, answer_time, next_question_on
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.denial_case import CaseStatus, Step
from overturn.domain.practice_day import practice_date
from overturn.rule_sets import RulesInForce
from workflows.appeal.activities import WatchingActivities
from workflows.appeal.types import Watch, WatchInput
from workflows.denial_case.record import is_recorded, locked_case, replace_work_item

ASK: Final = ("ask_status", "Ask the payer where the appeal stands, and record the answer")


class AppealWatching(WatchingActivities):
    """Knows how long each payer takes."""

    def __init__(self, sessions: Sessions, rules: RulesInForce) -> None:
        self._sessions = sessions
        self._rules = rules

    @activity.defn
    async def watch_appeal(self, request: WatchInput) -> Watch:
        async with self._sessions.begin() as session:
            return await self._next(session, await locked_case(session, request.appeal.case_id), request)

    @activity.defn
    async def ask_payer(self, request: WatchInput) -> Watch:
        """Once for each count of questions; a case that waits no more is left alone."""
        event_id = identifiers.deterministic_id(
            "ask-payer", request.appeal.case_id, request.appeal.step_id, request.asked
        )
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            if _waits(case, request) and not await is_recorded(session, event_id):
                kind, title = ASK
                case.version += 1
                await replace_work_item(
                    session, case, kind=kind, title=title, priority=case.priority, at=request.at
                )
                sent_on = await _sent_on(session, request)
                days = (practice_date(request.at) - sent_on).days
                summary = f"No answer from the payer {days} days after it was sent: ask where it stands."
                enter(session, case, event_id, kind="ask_payer", summary=summary, actor=CLOCK, at=request.at)
            return await self._next(session, case, request)

    async def _next(self, session: AsyncSession, case: DenialCase, request: WatchInput) -> Watch:
        if not _waits(case, request):
            return Watch(next_on=None)
        sent_on = await _sent_on(session, request)
        level = request.appeal.level
        appeal = Waiting(DeadlineKind.APPEAL, case.payer_key, case.line_of_business, sent_on, level)
        rules = await self._rules.current(session)
        time = answer_time(rules.answer_times, appeal)
        return Watch(next_on=next_question_on(time, sent_on=sent_on, asked=request.asked))


def _waits(case: DenialCase, request: WatchInput) -> bool:
    return case.status == CaseStatus.SUBMITTED and letter_level(case) == request.appeal.level


async def _sent_on(session: AsyncSession, request: WatchInput) -> date:
    """The day on which the case's latest sending stands in its timeline."""
    found = await session.scalars(
        select(col(CaseEvent.happened_at))
        .where(
            col(CaseEvent.case_id) == request.appeal.case_id,
            col(CaseEvent.kind).in_([Step.SENT, Step.SUBMIT]),
        )
        .order_by(col(CaseEvent.sequence).desc())
        .limit(1)
    )
    return practice_date(found.one())
