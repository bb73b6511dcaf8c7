"""The schedule on Temporal that starts each night; made, or brought up to date, when a worker starts."""

from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)

from workflows.nightly.workflow import NightlyWorkflow
from workflows.task_queues import DENIAL_CASES

NIGHTLY: Final = "nightly"
EVERY_MORNING: Final = "5 12 * * *"
"""Right after the practice's day begins (`overturn.domain.practice_day`), in UTC."""


async def ensure_schedules(client: Client) -> None:
    """Two workers at once make one schedule."""
    nightly = _nightly()
    try:
        await client.create_schedule(NIGHTLY, nightly)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(NIGHTLY).update(lambda _: ScheduleUpdate(schedule=nightly))


def _nightly() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(NightlyWorkflow.run, id=NIGHTLY, task_queue=DENIAL_CASES),
        spec=ScheduleSpec(cron_expressions=[EVERY_MORNING]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
