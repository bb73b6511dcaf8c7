"""One denied claim, one round: from its classification to an outcome, over days or years.

One loop takes what the handlers of `messages.py` left, a message or an alarm at a time, and has an activity
record it. Postgres is the record, this is the order of things and the clock.
"""

from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from overturn.domain import workflow_ids as ids
    from overturn.domain.denial_case import TRANSITIONS, CaseStatus, Step, StepRefusedError
    from overturn.temporal.search_attributes import case_attributes
    from workflows.appeal.activities import LetterActivities
    from workflows.appeal.types import DraftLetterInput
    from workflows.denial_case.activities import DenialCaseActivities
    from workflows.denial_case.alarms import Alarm, next_alarm
    from workflows.denial_case.children import start_appeal, start_correction, tell_over
    from workflows.denial_case.deadline_timer import DeadlineTimer
    from workflows.denial_case.messages import CaseMessage, CaseMessages
    from workflows.denial_case.types import (
        AskForPersonInput,
        CaseMoved,
        DenialCaseInput,
        DenialCaseState,
        ExpireCaseInput,
        PersonsStep,
        PrepareCaseInput,
        PreparedCase,
        Reclassified,
        RecordReminderInput,
        RecordRemittanceInput,
        RecordStepInput,
        RemittanceReceived,
        ReplanCaseInput,
        StepAnswer,
        StepResult,
    )
    from workflows.failure_kinds import kind_of
    from workflows.retry_policies import (
        DRAFTING,
        DRAFTING_TIMEOUT,
        RECORDING,
        RECORDING_TIMEOUT,
        SIGN_OF_LIFE,
    )
    from workflows.task_queues import APPEALS

REMEMBERED: Final = 200
"""So many answers and event ids go along to the next run; `case_event` remembers every one of them."""

AWAITS_DECISION: Final = frozenset({CaseStatus.SENDING, CaseStatus.SUBMITTED})
"""Statuses in which an appeal is under way."""


@workflow.defn
class DenialCaseWorkflow(CaseMessages):
    """Id `denial-case/<case id>`; started once, it ends only with an outcome."""

    @workflow.init
    def __init__(self, case: DenialCaseInput) -> None:
        super().__init__(case)
        self._events = dict.fromkeys(self._state.events)
        self._timer = DeadlineTimer()

    @workflow.run
    async def run(self, case: DenialCaseInput) -> StepResult:
        if case.state is None:
            await self._prepare()
        while self._inbox or self._status is not CaseStatus.RESOLVED:
            alarm = self._alarm()
            if self._inbox:
                await self._take(self._inbox.popleft())
            elif alarm and alarm.at <= workflow.now():
                await self._ring(alarm)
            elif self._drafted():
                await self._finish_draft()
            elif self._history_is_long():
                workflow.continue_as_new(DenialCaseInput(case_id=self._case_id, state=self._snapshot()))
            else:
                self._timer.set(alarm.at if alarm else None)
                await workflow.wait_condition(self._has_something_to_do)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._state.standing

    # --- the loop's work --------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        """Deadline, queue and work item; then the letter, for which nothing else has to wait."""
        try:
            prepared = await workflow.execute_activity_method(
                DenialCaseActivities.prepare_case,
                PrepareCaseInput(case_id=self._case_id, at=workflow.now()),
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )
        except ActivityError as error:
            await self._ask_for_person("prepare_case", error)
            return
        self._learn(StepResult(status=prepared.status, case_version=prepared.case_version))
        self._follow(prepared)
        if prepared.appeal is not None:
            self._update(appeal_level=prepared.appeal.level)
            await start_appeal(prepared.appeal)

    def _follow(self, prepared: PreparedCase) -> None:
        """Take over the deadline, be found by it, and have the letter drafted that it is about."""
        self._update(due_on=prepared.due_on, reminder_days=prepared.reminder_days)
        workflow.upsert_search_attributes(
            case_attributes(
                payer_key=prepared.payer_key,
                category=prepared.category,
                queue=prepared.queue,
                due_on=prepared.due_on,
            )
        )
        alarm = self._alarm()
        too_late = alarm is not None and alarm.is_end and alarm.at <= workflow.now()
        if prepared.needs_letter and not too_late:
            self._draft = workflow.start_activity_method(
                LetterActivities.draft_letter,
                DraftLetterInput(case_id=self._case_id, level=prepared.letter_level, at=workflow.now()),
                task_queue=APPEALS,
                start_to_close_timeout=DRAFTING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                # A draft whose plan is not the case's any more finds out and drafts anew.
                cancellation_type=workflow.ActivityCancellationType.ABANDON,
                retry_policy=DRAFTING,
            )

    async def _take(self, message: CaseMessage) -> None:
        if isinstance(message, CaseMoved):
            self._take_move(message)
        elif isinstance(message, RemittanceReceived | Reclassified):
            if message.event_id not in self._events:
                self._events[message.event_id] = None
                await self._take_fact(message)
        elif message.step_id not in self._answers:
            answer = self._answers[message.step_id] = await self._take_step(message)
            await self._see_through(answer)
        await self._end_waiting()

    def _take_move(self, moved: CaseMoved) -> None:
        """A plan that was overtaken by a later step, or told before, is history."""
        if moved.plan is not None and moved.plan.case_version > self._state.standing.case_version:
            self._update(alarms_done=workflow.now())
            self._follow(moved.plan)
        self._learn(moved.standing)
        if moved.deadline_lost:
            self._update(due_on=None)

    async def _take_step(self, step: PersonsStep) -> StepAnswer:
        """Check again: a step before this one in the inbox may have changed the case."""
        try:
            self._refuse_misfit(step)
            answer = await workflow.execute_activity_method(
                DenialCaseActivities.record_step,
                RecordStepInput(case_id=self._case_id, at=workflow.now(), step=step),
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )
        except StepRefusedError as error:
            return StepAnswer(step_id=step.step_id, refusal=str(error))
        except ActivityError as error:
            await self._ask_for_person("record_step", error)
            refusal = "The step could not be recorded and nothing was changed; see the case's timeline."
            return StepAnswer(step_id=step.step_id, refusal=refusal)
        if answer.result is not None:
            self._learn(answer.result)
        return answer

    async def _see_through(self, answer: StepAnswer) -> None:
        """What a step sets off: another deadline and letter, or an appeal or a corrected claim on its way."""
        if answer.plan is not None:
            self._update(alarms_done=workflow.now())
            self._follow(answer.plan)
        if answer.appeal is not None:
            self._update(appeal_level=answer.appeal.level)
            await start_appeal(answer.appeal)
        if answer.correction is not None:
            self._update(correction=answer.correction.level)
            await start_correction(answer.correction)

    async def _end_waiting(self) -> None:
        """Tell the appeal or the corrected claim that its case waits for the payer no more."""
        if self._status in AWAITS_DECISION:
            return
        level, correction = self._state.appeal_level, self._state.correction
        self._update(appeal_level=None, correction=None)
        if level is not None:
            await tell_over(ids.appeal(self._case_id, level))
        if correction is not None:
            await tell_over(ids.corrected_claim(self._case_id, correction))

    async def _take_fact(self, fact: RemittanceReceived | Reclassified) -> None:
        if self._status is CaseStatus.RESOLVED:
            return
        if isinstance(fact, Reclassified):
            await self._replan(fact)
        else:
            await self._take_remittance(fact)

    async def _replan(self, reclassified: Reclassified) -> None:
        """Another plan, and another letter: one that is being drafted would be about the former reasons."""
        if self._draft is not None:
            self._draft.cancel()
            self._draft = None
        try:
            prepared = await workflow.execute_activity_method(
                DenialCaseActivities.replan_case,
                ReplanCaseInput(case_id=self._case_id, at=workflow.now(), reclassified=reclassified),
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )
        except ActivityError as error:
            await self._ask_for_person("replan_case", error)
            return
        self._learn(StepResult(status=prepared.status, case_version=prepared.case_version))
        self._update(alarms_done=workflow.now())
        self._follow(prepared)

    async def _take_remittance(self, remittance: RemittanceReceived) -> None:
        try:
            standing = await workflow.execute_activity_method(
                DenialCaseActivities.record_remittance,
                RecordRemittanceInput(case_id=self._case_id, at=workflow.now(), remittance=remittance),
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )
        except ActivityError as error:
            await self._ask_for_person("record_remittance", error)
            return
        self._learn(standing)

    async def _ring(self, alarm: Alarm) -> None:
        """Remind, or end the case; either way this alarm is done."""
        self._update(alarms_done=workflow.now())
        try:
            if alarm.is_end:
                await self._expire()
            else:
                await self._remind(alarm.days_left)
        except ActivityError as error:
            # Without a due date no alarm rings again: the case is now a person's to end.
            self._update(due_on=None if alarm.is_end else self._state.due_on)
            await self._ask_for_person("ring_alarm", error)

    async def _expire(self) -> None:
        standing = await workflow.execute_activity_method(
            DenialCaseActivities.expire_case,
            ExpireCaseInput(case_id=self._case_id, at=workflow.now()),
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )
        self._learn(standing)

    async def _remind(self, days_left: int) -> None:
        await workflow.execute_activity_method(
            DenialCaseActivities.record_reminder,
            RecordReminderInput(case_id=self._case_id, at=workflow.now(), days_left=days_left),
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )

    async def _finish_draft(self) -> None:
        """A letter that could not be drafted is a person's to write."""
        draft, self._draft = self._draft, None
        error = draft.exception() if draft else None
        if isinstance(error, ActivityError):
            await self._ask_for_person("draft_letter", error)

    async def _ask_for_person(self, task: str, error: ActivityError) -> None:
        """The kind of error goes to the timeline; its message may hold anything and stays out."""
        problem = kind_of(error)
        standing = await workflow.execute_activity_method(
            DenialCaseActivities.ask_for_person,
            AskForPersonInput(case_id=self._case_id, at=workflow.now(), task=task, problem=problem),
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )
        self._learn(standing)

    # --- what is known ----------------------------------------------------------------------------------

    @property
    def _status(self) -> CaseStatus:
        return self._state.standing.status

    def _learn(self, standing: StepResult) -> None:
        """An answer that was overtaken by a later one is history."""
        if standing.case_version >= self._state.standing.case_version:
            self._update(standing=standing)

    def _update(self, **changes: object) -> None:
        self._state = self._state.model_copy(update=changes)

    def _alarm(self) -> Alarm | None:
        """None once the case was sent: what went out in time cannot expire."""
        if self._status not in TRANSITIONS[Step.EXPIRE]:
            return None
        return next_alarm(
            self._state.due_on, self._state.reminder_days, done=self._state.alarms_done, now=workflow.now()
        )

    def _drafted(self) -> bool:
        return self._draft is not None and self._draft.done()

    def _history_is_long(self) -> bool:
        return (
            workflow.info().is_continue_as_new_suggested()
            and self._draft is None
            and workflow.all_handlers_finished()
        )

    def _has_something_to_do(self) -> bool:
        return bool(self._inbox) or self._timer.rang or self._drafted() or self._history_is_long()

    def _snapshot(self) -> DenialCaseState:
        return self._state.model_copy(
            update={
                "answers": tuple(self._answers.values())[-REMEMBERED:],
                "events": tuple(self._events)[-REMEMBERED:],
            }
        )
