"""One demand: it looks whenever something is heard, and when one of its clocks rings."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.failure_kinds import kind_of
    from workflows.looking import Looking
    from workflows.recoupment.activities import RecoupmentActivities
    from workflows.recoupment.letter_activities import RebuttalActivities
    from workflows.recoupment.types import (
        RebuttalInput,
        RebuttalNotSentInput,
        RecoupmentInput,
        Review,
        ReviewInput,
    )
    from workflows.retry_policies import RECORDING, RECORDING_TIMEOUT, SENDING, SENDING_TIMEOUT, SIGN_OF_LIFE
    from workflows.task_queues import APPEALS

ONE_DAY = timedelta(days=1)


@workflow.defn
class RecoupmentWorkflow(Looking):
    """Id `recoupment/<id>`, one run at a time; the record has all there is to know, this has the time."""

    @workflow.init
    def __init__(self, given: RecoupmentInput) -> None:
        super().__init__()
        self._recoupment_id = given.recoupment_id

    @workflow.run
    async def run(self, given: RecoupmentInput) -> None:
        await self._look_until_over(given)

    async def _look(self) -> timedelta | None:
        """How long until the next look; None once it is closed."""
        try:
            review: Review = await workflow.execute_activity_method(
                RecoupmentActivities.review_recoupment,
                ReviewInput(recoupment_id=self._recoupment_id, at=workflow.now()),
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )
        except ActivityError:
            return ONE_DAY  # a fault of ours, which is in the log; the recoupment stays on its page
        if review.sending_id is not None:
            await self._send(review.sending_id)
            return timedelta()  # and look at what came of it
        if review.next_at is None:
            return None
        return max(review.next_at - workflow.now(), timedelta())

    async def _send(self, sending_id: UUID) -> None:
        """What did not go out, or may not have, is a person's."""
        try:
            await workflow.execute_activity_method(
                RebuttalActivities.send_rebuttal,
                RebuttalInput(sending_id=sending_id, at=workflow.now()),
                task_queue=APPEALS,
                start_to_close_timeout=SENDING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=SENDING,
            )
        except ActivityError as error:
            problem = kind_of(error)
            await workflow.execute_activity_method(
                RebuttalActivities.record_rebuttal_not_sent,
                RebuttalNotSentInput(sending_id=sending_id, at=workflow.now(), problem=problem),
                task_queue=APPEALS,
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )
