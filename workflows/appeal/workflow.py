"""One appeal at one level, from the channel to the payer's decision: it is sent once, and asked after.

The case drafts, checks and approves the letter and hears the decision; this workflow starts when the letter
goes out and ends when its case waits for the payer no more.
"""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from overturn.domain import workflow_ids as ids
    from overturn.domain.practice_day import DAY_BEGINS
    from workflows.appeal.activities import SendingActivities, WatchingActivities
    from workflows.appeal.types import (
        AppealInput,
        NotSentInput,
        SendLetterInput,
        Watch,
        WatchInput,
    )
    from workflows.denial_case.types import CaseMoved, StepResult
    from workflows.failure_kinds import kind_of
    from workflows.retry_policies import RECORDING, RECORDING_TIMEOUT, SENDING, SENDING_TIMEOUT, SIGN_OF_LIFE
    from workflows.task_queues import APPEALS


@workflow.defn
class AppealWorkflow:
    """Id `appeal/<case id>/<level>`; started by the case when the letter is to go out or went out by hand."""

    @workflow.init
    def __init__(self, given: AppealInput) -> None:
        self._appeal = given.appeal
        self._asked = given.asked or 0
        self._over = False

    @workflow.signal
    def over(self) -> None:
        """The case waits for no decision of this level any more."""
        self._over = True

    @workflow.run
    async def run(self, given: AppealInput) -> None:
        is_new = given.asked is None and self._appeal.channel is not None
        if is_new and (await self._called_back() or not await self._send()):
            return
        watch = Watch(next_on=given.next_on) if given.next_on else await self._watch()
        while watch.next_on is not None and not self._over:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(
                    AppealInput(appeal=self._appeal, asked=self._asked, next_on=watch.next_on)
                )
            at = datetime.combine(watch.next_on, DAY_BEGINS)
            wait = max(at - workflow.now(), timedelta())
            try:
                await workflow.wait_condition(lambda: self._over, timeout=wait)
            except TimeoutError:
                watch = await self._ask_payer()

    async def _called_back(self) -> bool:
        """Whether a person took it back while it waited to go out."""
        wait = timedelta(seconds=self._appeal.recall_seconds)
        if not wait:
            return False
        try:
            await workflow.wait_condition(lambda: self._over, timeout=wait)
        except TimeoutError:
            return False
        return True

    async def _send(self) -> bool:
        """True when it went out; what did not, or may not have, is a person's."""
        try:
            standing = await workflow.execute_activity_method(
                SendingActivities.send_letter,
                SendLetterInput(appeal=self._appeal, at=workflow.now()),
                task_queue=APPEALS,
                start_to_close_timeout=SENDING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=SENDING,
            )
        except ActivityError as error:
            await self._tell_case(await self._record_not_sent(error))
            return False
        await self._tell_case(standing)
        return True

    async def _record_not_sent(self, error: ActivityError) -> StepResult:
        problem = kind_of(error)
        return await workflow.execute_activity_method(
            SendingActivities.record_not_sent,
            NotSentInput(appeal=self._appeal, at=workflow.now(), problem=problem),
            task_queue=APPEALS,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )

    async def _tell_case(self, standing: StepResult) -> None:
        case = workflow.get_external_workflow_handle(ids.denial_case(self._appeal.case_id))
        try:
            await case.signal("case_moved", CaseMoved(standing=standing))
        except ApplicationError:
            workflow.logger.info("appeal.case_closed")  # it ended meanwhile; Postgres has it all

    async def _watch(self) -> Watch:
        return await workflow.execute_activity_method(
            WatchingActivities.watch_appeal,
            WatchInput(appeal=self._appeal, at=workflow.now(), asked=self._asked),
            task_queue=APPEALS,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )

    async def _ask_payer(self) -> Watch:
        self._asked += 1
        return await workflow.execute_activity_method(
            WatchingActivities.ask_payer,
            WatchInput(appeal=self._appeal, at=workflow.now(), asked=self._asked),
            task_queue=APPEALS,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )
