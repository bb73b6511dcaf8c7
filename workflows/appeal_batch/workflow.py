"""One batch at work: round after round its cases are asked for the step that was ordered, until none is owed.

The order stands in Postgres; this keeps it going over crashes. Nothing runs while nothing is ordered.
"""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.appeal_batch.activities import BatchAppealActivities
    from workflows.appeal_batch.types import (
        AskCasesInput,
        AskedCases,
        BatchInput,
        BatchProgress,
        BatchStoppedInput,
    )
    from workflows.failure_kinds import kind_of
    from workflows.retry_policies import RECORDING, RECORDING_TIMEOUT, SENDING_TIMEOUT
    from workflows.task_queues import BATCHES


@workflow.defn
class BatchAppealWorkflow:
    """Id `appeal-batch/<batch id>`; started, or made to look again, by each order."""

    @workflow.init
    def __init__(self, given: BatchInput) -> None:
        self._batch_id = given.batch_id
        self._taken, self._left_out = given.taken, given.left_out
        self._owed: int | None = None
        self._news = True

    @workflow.signal
    def look(self) -> None:
        """Something was ordered."""
        self._news = True

    @workflow.query
    def progress(self) -> BatchProgress:
        return BatchProgress(taken=self._taken, left_out=self._left_out, owed=self._owed)

    @workflow.run
    async def run(self, given: BatchInput) -> None:
        while self._news or self._owed:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(
                    BatchInput(batch_id=given.batch_id, taken=self._taken, left_out=self._left_out)
                )
            self._news = False
            try:
                self._learn(await self._ask())
            except ActivityError as error:
                await self._record_stopped(error)

    async def _ask(self) -> AskedCases:
        return await workflow.execute_activity_method(
            BatchAppealActivities.ask_cases,
            AskCasesInput(batch_id=self._batch_id),
            task_queue=BATCHES,
            start_to_close_timeout=SENDING_TIMEOUT,
            heartbeat_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )

    def _learn(self, asked: AskedCases) -> None:
        self._taken += asked.taken
        self._left_out += asked.left_out
        self._owed = asked.owed

    async def _record_stopped(self, error: ActivityError) -> None:
        problem = kind_of(error)
        self._owed = 0
        await workflow.execute_activity_method(
            BatchAppealActivities.record_stopped,
            BatchStoppedInput(batch_id=self._batch_id, problem=problem),
            task_queue=BATCHES,
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )
