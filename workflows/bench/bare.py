"""The least workflow that does anything: one activity."""

from datetime import timedelta
from uuid import UUID

from temporalio import workflow


@workflow.defn
class BareWorkflow:
    """What a case is measured beside."""

    @workflow.run
    async def run(self, number: UUID) -> None:
        await workflow.execute_activity("answer", number, start_to_close_timeout=timedelta(seconds=30))
