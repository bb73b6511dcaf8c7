"""A workflow hears what it is told: one that runs, one started for it, one another starts meanwhile."""

from collections.abc import Sequence
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.types import MethodAsyncSingleParam

Given = TypeVar("Given")


async def start_and_tell(
    client: Client,
    run: MethodAsyncSingleParam[Any, Given, Any],
    given: Given,
    *,
    workflow_id: str,
    task_queue: str,
    signal: str = "look",
    arguments: Sequence[object] = (),
    reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
) -> bool:
    """Signal the workflow, starting it where `reuse` lets it; False if it is over and may not start again."""
    try:
        await client.start_workflow(
            run,
            given,
            id=workflow_id,
            task_queue=task_queue,
            id_reuse_policy=reuse,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=signal,
            start_signal_args=arguments,
        )
    except WorkflowAlreadyStartedError:  # it is over, or somebody else started it in the same instant
        return await _tell(client, workflow_id, signal, arguments)
    return True


async def _tell(client: Client, workflow_id: str, signal: str, arguments: Sequence[object]) -> bool:
    try:
        await client.get_workflow_handle(workflow_id).signal(signal, args=arguments)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
