"""Once a day, before the practice's morning."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.nightly.activities import NightlyActivities
    from workflows.nightly.types import NightInput
    from workflows.retry_policies import DRAFTING, PERMANENT, SENDING_TIMEOUT, SIGN_OF_LIFE

AGEING_TIMEOUT = timedelta(hours=2)
UNTIL_THE_NEXT_NIGHT = RetryPolicy(maximum_attempts=10, non_retryable_error_types=PERMANENT)


@workflow.defn
class NightlyWorkflow:
    """Started by the schedule `nightly`; what fails is done the next night."""

    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.execute_activity_method(
                NightlyActivities.weigh_open_cases,
                NightInput(at=workflow.now()),
                start_to_close_timeout=AGEING_TIMEOUT,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=UNTIL_THE_NEXT_NIGHT,
            )
        except ActivityError:
            workflow.logger.error("nightly.not_weighed")
        await workflow.execute_activity_method(
            NightlyActivities.send_digest,
            NightInput(at=workflow.now()),
            start_to_close_timeout=SENDING_TIMEOUT,
            heartbeat_timeout=SIGN_OF_LIFE,
            retry_policy=DRAFTING,
        )
