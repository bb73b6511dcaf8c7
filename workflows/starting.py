"""A workflow of ours is started where none runs, and told what is new where one does."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows.task_queues import DENIAL_CASES

TRIES: Final = 2


async def start_or_signal(
    client: Client,
    run: Callable[..., Any],
    argument: object,
    *,
    workflow_id: str,
    reuse: WorkflowIDReusePolicy,
    signal: str | None = None,
    signal_arguments: Sequence[object] = (),
) -> bool:
    """Whether the workflow runs now and has the signal; False where its reuse policy says it ran to its end.

    Two that start at the same moment: the server may refuse one, as if the workflow had ended. Asked
    again it finds the other's running, so no signal is lost.
    """
    for _ in range(TRIES):
        try:
            await client.start_workflow(
                run,
                argument,
                id=workflow_id,
                task_queue=DENIAL_CASES,
                id_reuse_policy=reuse,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=signal,
                start_signal_args=signal_arguments,
            )
        except WorkflowAlreadyStartedError:
            continue
        return True
    return False
