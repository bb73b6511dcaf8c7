"""One corrected claim, from the file to the payer's answer: it is written once, and asked after.

The case checks the corrections and hears of the money; this workflow starts when the claim is to be written
and ends when it was rejected or when its case waits for the payer no more.
"""

from collections import deque
from datetime import date, datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from overturn.domain import workflow_ids as ids
    from overturn.domain.practice_day import DAY_BEGINS
    from workflows.appeal.activities import SendingActivities
    from workflows.appeal.types import NotSentInput
    from workflows.corrected_claim.activities import CorrectedClaimActivities
    from workflows.corrected_claim.types import (
        AskAboutClaimInput,
        ClaimAnswered,
        ClaimStanding,
        CorrectedClaimInput,
        RecordAnswerInput,
        WriteClaimInput,
    )
    from workflows.denial_case.types import CaseMoved, StepResult
    from workflows.failure_kinds import kind_of
    from workflows.retry_policies import RECORDING, RECORDING_TIMEOUT, SENDING, SENDING_TIMEOUT, SIGN_OF_LIFE
    from workflows.task_queues import APPEALS


@workflow.defn
class CorrectedClaimWorkflow:
    """Id `corrected-claim/<case id>/<number>`; started by the case when a person had the claim written."""

    @workflow.init
    def __init__(self, given: CorrectedClaimInput) -> None:
        self._correction = given.correction
        self._answers: deque[ClaimAnswered] = deque()
        self._events: set[str] = set()
        self._asked = 0
        self._over = False

    @workflow.signal
    def over(self) -> None:
        """The case waits for the payer no more."""
        self._over = True

    @workflow.signal
    def claim_answered(self, answer: ClaimAnswered) -> None:
        if str(answer.event_id) not in self._events:
            self._events.add(str(answer.event_id))
            self._answers.append(answer)

    @workflow.run
    async def run(self, _: CorrectedClaimInput) -> None:
        next_on = await self._write()
        while next_on is not None and not self._over:
            if self._answers:
                next_on = await self._take(self._answers.popleft())
                continue
            at = datetime.combine(next_on, DAY_BEGINS)
            wait = max(at - workflow.now(), timedelta())
            try:
                await workflow.wait_condition(lambda: self._over or bool(self._answers), timeout=wait)
            except TimeoutError:
                next_on = await self._ask()

    async def _write(self) -> date | None:
        """When to ask after it; None where it could not be written and is a person's again."""
        try:
            written = await workflow.execute_activity_method(
                CorrectedClaimActivities.write_claim,
                WriteClaimInput(correction=self._correction, at=workflow.now()),
                task_queue=APPEALS,
                start_to_close_timeout=SENDING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=SENDING,
            )
        except ActivityError as error:
            await self._tell_case(await self._record_not_sent(error))
            return None
        return await self._pass_on(written)

    async def _record_not_sent(self, error: ActivityError) -> StepResult:
        problem = kind_of(error)
        return await workflow.execute_activity_method(
            SendingActivities.record_not_sent,
            NotSentInput(appeal=self._correction, at=workflow.now(), problem=problem),
            task_queue=APPEALS,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )

    async def _take(self, answer: ClaimAnswered) -> date | None:
        standing = await workflow.execute_activity_method(
            CorrectedClaimActivities.record_answer,
            RecordAnswerInput(correction=self._correction, at=workflow.now(), answer=answer),
            task_queue=APPEALS,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )
        return await self._pass_on(standing)

    async def _ask(self) -> date | None:
        self._asked += 1
        standing = await workflow.execute_activity_method(
            CorrectedClaimActivities.ask_about_claim,
            AskAboutClaimInput(correction=self._correction, at=workflow.now(), asked=self._asked),
            task_queue=APPEALS,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )
        return await self._pass_on(standing)

    async def _pass_on(self, standing: ClaimStanding) -> date | None:
        await self._tell_case(standing.case, deadline_lost=standing.deadline_lost)
        return standing.next_on

    async def _tell_case(self, standing: StepResult, *, deadline_lost: bool = False) -> None:
        case = workflow.get_external_workflow_handle(ids.denial_case(self._correction.case_id))
        try:
            await case.signal("case_moved", CaseMoved(standing=standing, deadline_lost=deadline_lost))
        except ApplicationError:
            workflow.logger.info("corrected_claim.case_closed")  # it ended meanwhile; Postgres has it all
