"""What a test does at its desk: open cases, take steps, let days pass, look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.testservice.v1 import UnlockTimeSkippingRequest
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from overturn.db.tables import StepWords
from overturn.domain import workflow_ids as ids
from overturn.domain.appeals import LETTER_ACTIONS
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, PayerDecision
from overturn.domain.practice_day import practice_date
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.appeals.activities import LetterDrafting
from tests.replay.recorded import patient_data_in
from tests.waiting import until
from tests.workflow.post import Post
from tests.workflow.record import PATIENT, Record
from workflows.appeal.types import DraftLetterInput
from workflows.appeal.workflow import AppealWorkflow
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.reopening import reopen_case
from workflows.denial_case.starting import open_case, tell_reclassified, tell_remittance
from workflows.denial_case.step_client import take_step
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    DecideInput,
    PersonsStep,
    Reclassified,
    RemittanceReceived,
    ReopenInput,
    SendInput,
    StepInput,
    StepResult,
    SubmitInput,
    WriteOffInput,
)
from workflows.denial_case.workflow import DenialCaseWorkflow

RECALL_SECONDS = 1
WAITING = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    }
)


def unnoticed_children(parent: WorkflowHistory) -> list[HistoryEvent]:
    """The starts of those children whose end is not in the history of their parent."""
    ended = {
        event.child_workflow_execution_completed_event_attributes.started_event_id for event in parent.events
    }
    started = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED
    return [e for e in parent.events if e.event_type == started and e.event_id not in ended]


def unnoticed_activities(history: WorkflowHistory) -> list[HistoryEvent]:
    """The orders of those activities whose end, a draft's mostly, came after that of their workflow."""
    ended = {
        attributes.scheduled_event_id
        for event in history.events
        for attributes in (
            event.activity_task_completed_event_attributes,
            event.activity_task_failed_event_attributes,
            event.activity_task_canceled_event_attributes,
            event.activity_task_timed_out_event_attributes,
        )
    }
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    return [e for e in history.events if e.event_type == scheduled and e.event_id not in ended]


@dataclass(frozen=True)
class Office:
    """One time-skipping Temporal with both workers, and the record they keep."""

    environment: WorkflowEnvironment
    record: Record
    post: Post
    claims: Path
    activities: DenialCaseActivities
    opened: set[UUID] = field(default_factory=set)
    unlocked: set[str] = field(default_factory=set)

    async def today(self) -> date:
        return practice_date(await self.environment.get_current_time())

    async def open(
        self,
        *,
        days_ago: int = 10,
        action: str = "appeal",
        category: str = "medical_necessity",
        payer_key: str | None = "medicare",
        patient_name: str = PATIENT,
        waits_for_letter: bool = True,
        has_price: bool = True,
    ) -> UUID:
        """A case whose workflow has prepared it and, where it needs one, drafted its letter."""
        case_id = await self.record.add_denied_claim(
            denied_on=await self.today() - timedelta(days=days_ago),
            action=action,
            category=category,
            payer_key=payer_key,
            patient_name=patient_name,
            has_price=has_price,
        )
        self.opened.add(case_id)
        await open_case(self.environment.client, case_id)
        letter = waits_for_letter and action in LETTER_ACTIONS
        await self.until(lambda: self._prepared(case_id, letter=letter))
        await self.until(lambda: self._waits(case_id))
        return case_id

    async def _prepared(self, case_id: UUID, *, letter: bool) -> bool:
        case = await self.record.case(case_id)
        drafted = not letter or bool(await self.record.letters(case_id))
        return case.status != CaseStatus.OPENED and drafted

    async def _waits(self, case_id: UUID) -> bool:
        """The workflow has taken in all that was done for it."""
        last = (await self.history(case_id)).events[-1].event_type
        return last in WAITING

    async def history(self, case_id: UUID) -> WorkflowHistory:
        return await self.handle(case_id).fetch_history()

    async def patient_data(self) -> dict[UUID, set[str]]:
        """What the histories of its cases, and of their appeals and corrected claims, say and should not."""
        found = {case_id: await self._patient_data_of(case_id) for case_id in self.opened}
        return {case_id: said for case_id, said in found.items() if said}

    async def _patient_data_of(self, case_id: UUID) -> set[str]:
        history = await self.history(case_id)
        said = await patient_data_in(history)
        for event in history.events:
            child = event.child_workflow_execution_started_event_attributes.workflow_execution
            if child.workflow_id:
                handle = self.environment.client.get_workflow_handle(child.workflow_id, run_id=child.run_id)
                said |= await patient_data_in(await handle.fetch_history())
        return said

    async def until(self, is_so: Callable[[], Awaitable[bool]]) -> None:
        await until(is_so)

    async def take(self, case_id: UUID, step: PersonsStep, words: str = "") -> StepResult:
        return await take_step(self.environment.client, self.record.sessions, case_id, step, words)

    async def assign(self, case_id: UUID, version: int, *, to: UUID | None = None) -> StepResult:
        step = AssignInput(
            step_id=uuid4(),
            actor_id=self.record.person_id,
            case_version=version,
            assignee_id=to or self.record.person_id,
        )
        return await self.take(case_id, step)

    async def approve(self, case_id: UUID, version: int = 1) -> StepResult:
        await self.record.fill_letter(case_id)
        step = ApproveInput(step_id=uuid4(), actor_id=self.record.person_id, case_version=version)
        return await self.take(case_id, step)

    async def send(
        self,
        case_id: UUID,
        version: int = 2,
        channel: ChannelName = ChannelName.MAIL,
        words: str = "",
    ) -> StepResult:
        step = SendInput(
            step_id=uuid4(), actor_id=self.record.person_id, case_version=version, channel=channel
        )
        return await self.take(case_id, step, words)

    async def submit(self, case_id: UUID, version: int = 2) -> StepResult:
        step = SubmitInput(
            step_id=uuid4(),
            actor_id=self.record.person_id,
            case_version=version,
            channel=ChannelName.FAX,
            submitted_on=await self.today(),
        )
        return await self.take(case_id, step, "FAX 7")

    async def decide(
        self, case_id: UUID, decision: PayerDecision, version: int = 3, *, final: bool = False
    ) -> StepResult:
        step = DecideInput(
            step_id=uuid4(),
            actor_id=self.record.person_id,
            case_version=version,
            decision=decision,
            decided_on=await self.today(),
            final=final,
        )
        return await self.take(case_id, step)

    async def step(
        self, case_id: UUID, kind: type[StepInput], version: int, words: str = "", **fields: object
    ) -> StepResult:
        """Any step, by its kind; a reopening goes to the record, as there is no workflow to ask."""
        step = kind.model_validate(
            {"step_id": uuid4(), "actor_id": self.record.person_id, "case_version": version, **fields}
        )
        if not isinstance(step, ReopenInput):
            return await self.take(case_id, cast("PersonsStep", step), words)
        await self._free_the_clock(case_id)  # the run that ended gives way to another
        async with self.record.sessions.begin() as session:
            session.add(StepWords(step_id=step.step_id, case_id=case_id, words=words))
        at = await self.environment.get_current_time()
        return await reopen_case(self.environment.client, self.record.sessions, case_id, step, at=at)

    async def write_off(
        self, case_id: UUID, version: int = 1, *, reason: str = "Too small to work."
    ) -> StepResult:
        step = WriteOffInput(step_id=uuid4(), actor_id=self.record.person_id, case_version=version)
        return await self.take(case_id, step, reason)

    async def tell(self, case_id: UUID, event_id: UUID | None = None) -> None:
        self.opened.add(case_id)
        told = RemittanceReceived(event_id=event_id or uuid4(), claim_payment_id=uuid4())
        await tell_remittance(self.environment.client, case_id, told)

    async def tell_other_rules(self, case_id: UUID, event_id: UUID) -> None:
        told = Reclassified(event_id=event_id)
        await tell_reclassified(self.environment.client, case_id, told)

    async def take_under_another_update_id(self, case_id: UUID, step: PersonsStep) -> StepResult:
        """As a form that is sent again in a later run of the workflow."""
        result: StepResult = await self.handle(case_id).execute_update(
            step.step.value, step, id=str(uuid4()), result_type=StepResult
        )
        return result

    async def draft_again(self, case_id: UUID) -> None:
        """As Temporal does when a worker dies between its commit and its answer."""
        drafting = LetterDrafting(self.record.sessions, RulesInForce(load_rulebook()))
        request = DraftLetterInput(case_id=case_id, level=1, at=await self.environment.get_current_time())
        await ActivityEnvironment().run(drafting.draft_letter, request)

    def handle(self, case_id: UUID) -> WorkflowHandle[DenialCaseWorkflow, StepResult]:
        return self.environment.client.get_workflow_handle_for(
            DenialCaseWorkflow.run, ids.denial_case(case_id)
        )

    def appeal(self, case_id: UUID, level: int = 1) -> WorkflowHandle[AppealWorkflow, None]:
        return self.environment.client.get_workflow_handle_for(AppealWorkflow.run, ids.appeal(case_id, level))

    async def result(self, case_id: UUID) -> StepResult:
        return await self.handle(case_id).result()

    async def pass_days(self, days: int) -> None:
        await self.pass_time(timedelta(days=days))

    async def pass_time(self, time: timedelta) -> None:
        for case_id in self.opened:
            await self._free_the_clock(case_id)
        await self.environment.sleep(time)

    async def _free_the_clock(self, case_id: UUID) -> None:
        """The time-skipping server stops its clock while an activity runs, and when a child ends until its
        parent has noticed.

        A case that ended first never notices, and the clock would stand still for every test that follows.
        """
        description = await self.handle(case_id).describe()
        if description.close_time is None:
            return
        history = await self.history(case_id)
        for event in unnoticed_children(history):
            child = event.child_workflow_execution_started_event_attributes.workflow_execution
            await self.environment.client.get_workflow_handle(child.workflow_id, run_id=child.run_id).result()
        for event in (*unnoticed_children(history), *unnoticed_activities(history)):
            await self._unlock(f"{description.run_id}/{event.event_id}")

    async def _unlock(self, event: str) -> None:
        if event not in self.unlocked:
            self.unlocked.add(event)
            await self.environment.client.test_service.unlock_time_skipping(UnlockTimeSkippingRequest())

    async def kinds_until(self, case_id: UUID, kind: str, times: int = 1) -> list[str]:
        """The kinds in the case's timeline, once it has `kind` so many times."""

        async def has() -> bool:
            return (await self.record.kinds(case_id)).count(kind) >= times

        await self.until(has)
        return await self.record.kinds(case_id)
