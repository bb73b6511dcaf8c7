"""One incident: it looks whenever something is heard, when a limit comes near, and on the effective date."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from overturn.domain.practice_day import DAY_BEGINS
    from workflows.credentialing_gap.activities import CredentialingGapActivities
    from workflows.credentialing_gap.types import GapInput, Review, ReviewInput
    from workflows.looking import Looking
    from workflows.retry_policies import RECORDING, SENDING_TIMEOUT, SIGN_OF_LIFE

ONE_DAY = timedelta(days=1)


@workflow.defn
class CredentialingGapWorkflow(Looking):
    """Id `credentialing-gap/<payer>/<NPI>`; the record has all there is to know, this has the time."""

    @workflow.init
    def __init__(self, given: GapInput) -> None:
        super().__init__()
        self._gap_id = given.gap_id

    @workflow.run
    async def run(self, given: GapInput) -> None:
        await self._look_until_over(given)

    async def _look(self) -> timedelta | None:
        """How long until the next look; None once the incident is closed."""
        try:
            review: Review = await workflow.execute_activity_method(
                CredentialingGapActivities.review_gap,
                ReviewInput(gap_id=self._gap_id, at=workflow.now()),
                start_to_close_timeout=SENDING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=RECORDING,
            )
        except ActivityError:
            return ONE_DAY  # a fault of ours, which is in the log; the incident stays on its page
        if review.next_on is None:
            return None
        return max(datetime.combine(review.next_on, DAY_BEGINS) - workflow.now(), timedelta())
