"""One request for records: it looks whenever something is heard, reminds, sends once, asks, and ends.

The record has all there is to know, this has the time.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from overturn.domain import workflow_ids as ids
    from workflows.denial_case.types import CaseMoved
    from workflows.failure_kinds import kind_of
    from workflows.looking import Looking
    from workflows.records_request.activities import RecordsRequestActivities
    from workflows.records_request.sending import RecordsSendingActivities
    from workflows.records_request.types import (
        CaseToTell,
        RecordsNotSentInput,
        RequestInput,
        RequestReview,
        ReviewRequestInput,
        SendRecordsInput,
    )
    from workflows.retry_policies import RECORDING, RECORDING_TIMEOUT, SENDING, SENDING_TIMEOUT, SIGN_OF_LIFE
    from workflows.task_queues import APPEALS

ONE_DAY = timedelta(days=1)


@workflow.defn
class RecordsRequestWorkflow(Looking):
    """Id `records-request/<request id>`; started when the record has a request that no workflow looks at."""

    @workflow.init
    def __init__(self, given: RequestInput) -> None:
        super().__init__()
        self._request_id = given.request_id

    @workflow.run
    async def run(self, given: RequestInput) -> None:
        await self._look_until_over(given)

    async def _look(self) -> timedelta | None:
        """How long until the next look; None once the request is over."""
        try:
            review = await self._review()
            if review.case is not None:
                await self._tell_case(review.case)
            if review.sending_id is not None:
                await self._send(
                    SendRecordsInput(
                        request_id=self._request_id, sending_id=review.sending_id, at=workflow.now()
                    )
                )
                return timedelta()
        except ActivityError:
            return ONE_DAY  # a fault of ours, which is in the log; the request stays on its page
        return max(review.next_at - workflow.now(), timedelta()) if review.next_at else None

    async def _review(self) -> RequestReview:
        return await workflow.execute_activity_method(
            RecordsRequestActivities.review_request,
            ReviewRequestInput(request_id=self._request_id, at=workflow.now()),
            start_to_close_timeout=RECORDING_TIMEOUT,
            retry_policy=RECORDING,
        )

    async def _send(self, order: SendRecordsInput) -> None:
        """What did not go out, or may not have, is a person's."""
        try:
            await workflow.execute_activity_method(
                RecordsSendingActivities.send_records,
                order,
                task_queue=APPEALS,
                start_to_close_timeout=SENDING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=SENDING,
            )
        except ActivityError as error:
            problem = kind_of(error)
            await workflow.execute_activity_method(
                RecordsSendingActivities.record_records_not_sent,
                RecordsNotSentInput(**order.model_dump(), problem=problem),
                task_queue=APPEALS,
                start_to_close_timeout=RECORDING_TIMEOUT,
                retry_policy=RECORDING,
            )

    async def _tell_case(self, moved: CaseToTell) -> None:
        case = workflow.get_external_workflow_handle(ids.denial_case(moved.case_id))
        try:
            await case.signal("case_moved", CaseMoved(standing=moved.standing))
        except ApplicationError:
            workflow.logger.info("records_request.case_closed")  # it ended meanwhile; Postgres has it all
