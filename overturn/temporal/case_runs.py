"""Which cases have a workflow that runs. A list may lag by seconds; asking for one case does not."""

from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from overturn.domain.workflow_ids import case_of, denial_case

RUNNING = "WorkflowType = 'DenialCaseWorkflow' AND ExecutionStatus = 'Running'"


async def running_cases(client: Client) -> frozenset[UUID]:
    """All cases with a running workflow, as of some seconds ago."""
    found = [case_of(run.id) async for run in client.list_workflows(RUNNING)]
    return frozenset(case_id for case_id in found if case_id is not None)


async def is_running(client: Client, case_id: UUID) -> bool:
    """Whether this case's workflow runs now."""
    try:
        described = await client.get_workflow_handle(denial_case(case_id)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.status is WorkflowExecutionStatus.RUNNING
