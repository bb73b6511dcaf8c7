"""The record-keeping of `DenialCaseWorkflow`: each activity is one Postgres transaction that can run again.

None of them publishes a `remittance` step: those come from the classifier and lead back to the workflow.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.db.outbox import publish_after_commit
from overturn.db.outcomes import OutcomeBook
from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, Claim, Denial, DenialCase
from overturn.db.timeline import CLOCK, WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.codes import format_dollars, format_stake
from overturn.domain.denial_case import CaseStatus, Outcome, Step, StepRefusedError, missed_cause, next_status
from overturn.domain.practice_day import practice_date
from overturn.events import CaseOpened
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook
from overturn.workloads import with_workloads
from workflows.denial_case import planning, steps
from workflows.denial_case.alarms import days_left
from workflows.denial_case.desk import Desk
from workflows.denial_case.planning_anew import prepared_case
from workflows.denial_case.record import (
    close_case,
    deadline_words,
    is_recorded,
    locked_case,
    open_work_item,
    replace_work_item,
    standing_of,
    tell_advanced,
)
from workflows.denial_case.recovery import settled_outcome, weigh
from workflows.denial_case.rederiving import move_deadline
from workflows.denial_case.replanning import replan
from workflows.denial_case.resubmitting import correction_set_off
from workflows.denial_case.types import (
    AskForPersonInput,
    ExpireCaseInput,
    PrepareCaseInput,
    PreparedCase,
    RecordReminderInput,
    RecordRemittanceInput,
    RecordStepInput,
    ReplanCaseInput,
    StepAnswer,
    StepResult,
)

UNDONE: Final = {
    "prepare_case": "find deadline and queue of this case",
    "draft_letter": "draft the letter",
    "record_step": "record a step",
    "record_remittance": "hold a later remittance against this case",
    "replan_case": "plan this case anew under the rules in force",
    "ring_alarm": "keep this case's deadline",
}


class DenialCaseActivities:
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
        """Reminders come so many days before the last day; from `escalation_days` on, the lead is told. What
        is to be sent waits `recall_seconds`, in which it can be called back."""
        self._sessions = sessions
        self._rules = rules
        self._outcomes = OutcomeBook(sessions)
        self._reminder_days = tuple(reminder_days)
        self._escalation_days = escalation_days
        self._recall_seconds = recall_seconds

    def all(self) -> list[Callable[..., Any]]:
        return [
            self.prepare_case,
            self.record_step,
            self.record_remittance,
            self.replan_case,
            self.record_reminder,
            self.expire_case,
            self.ask_for_person,
        ]

    @activity.defn
    async def prepare_case(self, request: PrepareCaseInput) -> PreparedCase:
        """Deadline, queue, priority and work item of a new case; it needs work from now on."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.case_id)
            if case.status == CaseStatus.OPENED:
                await self._prepare(session, case, request)
            appeal = await steps.appeal_under_way(session, case)
            return prepared_case(case, self._reminder_days).model_copy(update={"appeal": appeal})

    @activity.defn
    async def record_step(self, request: RecordStepInput) -> StepAnswer:
        """One step of a person, or the sentence that refuses it."""
        step_id = request.step.step_id
        try:
            async with self._sessions.begin() as session:
                case = await locked_case(session, request.case_id)
                if not await is_recorded(session, step_id):
                    rulebook = await with_workloads(session, await self._rules.current(session))
                    desk = Desk(session, case, request.at, rulebook)
                    await steps.apply_step(desk, request.step)
                return StepAnswer(
                    step_id=step_id,
                    result=standing_of(case),
                    plan=(
                        prepared_case(case, self._reminder_days)
                        if steps.was_planned_anew(case, request.step)
                        else None
                    ),
                    appeal=await steps.appeal_set_off(
                        session, case, request.step, recall_seconds=self._recall_seconds
                    ),
                    correction=await correction_set_off(session, case, request.step),
                )
        except StepRefusedError as error:
            return StepAnswer(step_id=step_id, refusal=str(error))

    @activity.defn
    async def record_remittance(self, request: RecordRemittanceInput) -> StepResult:
        """Hold the claim's new standing against the case, and end it when nothing is denied any more."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.case_id)
            resolved = case.status == CaseStatus.RESOLVED
            if not resolved and not await is_recorded(session, request.remittance.event_id):
                await _weigh_remittance(session, case, request)
            return standing_of(case)

    @activity.defn
    async def replan_case(self, request: ReplanCaseInput) -> PreparedCase:
        """Deadline, queue, priority and work item of a case that other rules see otherwise."""
        event_id = request.reclassified.event_id
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.case_id)
            if case.status != CaseStatus.RESOLVED and not await is_recorded(session, event_id):
                rulebook = await self._weigh_odds(session, case, at=request.at)
                anew = move_deadline if request.reclassified.only_deadline else replan
                await anew(Desk(session, case, request.at, rulebook), event_id)
            return prepared_case(case, self._reminder_days)

    @activity.defn
    async def record_reminder(self, request: RecordReminderInput) -> None:
        """So many days are left: say so, and let the case rise in its queue."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.case_id)
            event_id = identifiers.deterministic_id("reminder", case.id, case.due_on, request.days_left)
            if not await is_recorded(session, event_id):
                await self._remind(session, case, request)
                left = "Today is the last day" if request.days_left == 0 else days_left(request.days_left)
                lead = "; the lead is told" if case.escalated_at == request.at else ""
                summary = f"{left}: due {case.due_on}{lead}."
                enter(session, case, event_id, kind="reminder", summary=summary, actor=CLOCK, at=request.at)

    @activity.defn
    async def expire_case(self, request: ExpireCaseInput) -> StepResult:
        """The deadline passed and nothing was sent: an outcome with its price, not a failure."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.case_id)
            if case.status != CaseStatus.RESOLVED:
                next_status(CaseStatus(case.status), Step.EXPIRE)
                await _expire(session, case, request)
            return standing_of(case)

    @activity.defn
    async def ask_for_person(self, request: AskForPersonInput) -> StepResult:
        """What the system could not do is put into a person's hands; the case never waits unseen."""
        event_id = identifiers.deterministic_id(
            "needs-person", request.case_id, request.task, str(request.at)
        )
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.case_id)
            if not await is_recorded(session, event_id):
                await self._hand_over(session, case, request)
                summary = (
                    f"Needs a person: the system could not {UNDONE[request.task]} ({request.problem}). "
                    "Do it by hand, and tell whoever runs Overturn."
                )
                enter(
                    session,
                    case,
                    event_id,
                    kind="needs_person",
                    summary=summary,
                    actor=WORKFLOW,
                    at=request.at,
                )
            return standing_of(case)

    async def _prepare(self, session: AsyncSession, case: DenialCase, request: PrepareCaseInput) -> None:
        claim = await session.get_one(Claim, case.claim_id)
        denials = (await session.scalars(select(Denial).where(col(Denial.case_id) == case.id))).all()
        today = practice_date(request.at)
        rulebook = await self._weigh_odds(session, case, at=request.at)
        plan = planning.plan_case(case, claim, denials, rulebook=rulebook, today=today)
        planning.write_plan(case, plan)
        await replace_work_item(
            session, case, kind=plan.work_kind, title=plan.work_title, priority=case.priority, at=request.at
        )
        enter(
            session,
            case,
            identifiers.deterministic_id("case-opened", case.id),
            kind="opened",
            summary=f"In queue {case.queue}; {deadline_words(case)}.",
            actor=WORKFLOW,
            at=request.at,
        )
        opened = CaseOpened(
            event_id=identifiers.event_id(CaseOpened.topic, case.id),
            claim_id=case.claim_id,
            case_id=case.id,
            queue=plan.queue,
        )
        await publish_after_commit(session, [opened])

    async def _weigh_odds(self, session: AsyncSession, case: DenialCase, *, at: datetime) -> Rulebook:
        """The case's chance as of today, by the rules in force, which are returned."""
        rulebook = await with_workloads(session, await self._rules.current(session))
        odds = await self._outcomes.odds(session, case.id, table=rulebook.priorities, at=at)
        case.odds = odds.written()
        return rulebook

    async def _remind(self, session: AsyncSession, case: DenialCase, request: RecordReminderInput) -> None:
        rulebook = await self._weigh_odds(session, case, at=request.at)
        priority = planning.weigh_priority(
            case,
            due_on=case.due_on,
            unknown=False,
            rulebook=rulebook,
            today=practice_date(request.at),
        )
        case.priority, case.priority_reason = priority.score, priority.arithmetic
        case.pended_until = None
        if request.days_left <= self._escalation_days and case.escalated_at is None:
            case.escalated_at = request.at
        item = await open_work_item(session, case)
        if item is not None:
            item.priority = priority.score

    async def _hand_over(self, session: AsyncSession, case: DenialCase, request: AskForPersonInput) -> None:
        """A case that could not be prepared gets the last queue of the table, which takes everything."""
        if case.status != CaseStatus.OPENED:
            return
        case.status, case.version = CaseStatus.NEEDS_WORK, case.version + 1
        case.queue = (await self._rules.current(session)).routing.routes[-1].queue.key
        case.deadline = {"unknown": "the case could not be prepared: find its deadline by hand"}
        title = "Work this case by hand: the system could not prepare it"
        await replace_work_item(
            session, case, kind="needs_person", title=title, priority=case.denied_amount, at=request.at
        )


async def _weigh_remittance(session: AsyncSession, case: DenialCase, request: RecordRemittanceInput) -> None:
    standing = weigh(case, await session.get_one(Claim, case.claim_id))
    case.denied_amount, case.unpriced_amount = standing.denied_amount, standing.unpriced_amount
    case.recovered_amount, case.taken_back_amount = standing.recovered_amount, standing.taken_back_amount
    case.pended_until = None  # a new fact wakes it
    case.version += 1
    outcome = settled_outcome(standing)
    summary = (
        f"A later remittance: {format_dollars(standing.recovered_amount)} recovered so far, "
        f"{format_stake(standing.still_denied_amount, standing.unpriced_amount)} still denied."
    )
    enter(
        session,
        case,
        request.remittance.event_id,
        kind=Step.REMITTANCE,
        summary=summary,
        actor=WORKFLOW,
        at=request.at,
        amount=standing.recovered_amount,
    )
    if outcome is not None:
        await close_case(session, case, outcome, at=request.at)


async def _expire(session: AsyncSession, case: DenialCase, request: ExpireCaseInput) -> None:
    standing = weigh(case, await session.get_one(Claim, case.claim_id))
    case.version += 1
    step_id = identifiers.deterministic_id("expired", case.id, case.due_on)
    opened = await session.get(CaseEvent, identifiers.deterministic_id("case-opened", case.id))
    cause = missed_cause(
        status=CaseStatus(case.status),
        owned=case.assigned_to is not None,
        opened_on=practice_date(opened.happened_at if opened else case.opened_at),
        due_on=case.due_on,
    )
    case.missed_cause = cause
    lost = format_stake(standing.still_denied_amount, standing.unpriced_amount)
    enter(
        session,
        case,
        step_id,
        kind=Step.EXPIRE,
        summary=f"Nothing was sent by {case.due_on}: {lost} are lost.",
        actor=CLOCK,
        at=request.at,
        amount=standing.still_denied_amount,
    )
    await close_case(session, case, Outcome.EXPIRED, at=request.at)
    await tell_advanced(session, case, Step.EXPIRE, step_id)
