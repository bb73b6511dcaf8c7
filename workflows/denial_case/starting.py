"""How a case's workflow comes to be and hears of remittances, in whatever order the events arrive."""

from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from overturn.domain import workflow_ids as ids
from workflows.denial_case.types import DenialCaseInput, Reclassified, RemittanceReceived
from workflows.denial_case.workflow import DenialCaseWorkflow
from workflows.task_queues import DENIAL_CASES
from workflows.telling import start_and_tell


async def open_case(client: Client, case_id: UUID) -> None:
    """Start the case's workflow, once: while it runs and after it ended, this changes nothing."""
    await _start(client, case_id)


async def tell_remittance(client: Client, case_id: UUID, remittance: RemittanceReceived) -> None:
    """Tell the case of a remittance, starting it if need be; a closed case needs no telling."""
    await _tell(client, case_id, "remittance_received", remittance)


async def tell_reclassified(client: Client, case_id: UUID, reclassified: Reclassified) -> None:
    """Tell the case that other rules see it otherwise, starting it if need be."""
    await _tell(client, case_id, "reclassified", reclassified)


async def start_again(client: Client, case_id: UUID) -> None:
    """Start the workflow of an open case whose earlier one has ended or is lost; one that runs is left alone.

    It takes up where the record stands. Late events cannot: `open_case` starts only once.
    """
    await _start(client, case_id, reuse=WorkflowIDReusePolicy.ALLOW_DUPLICATE)


async def _start(
    client: Client,
    case_id: UUID,
    *,
    reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE,
) -> None:
    try:
        await client.start_workflow(
            DenialCaseWorkflow.run,
            DenialCaseInput(case_id=case_id),
            id=ids.denial_case(case_id),
            task_queue=DENIAL_CASES,
            id_reuse_policy=reuse,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except WorkflowAlreadyStartedError:
        return  # it ran to its end, or was started in the same instant


async def _tell(client: Client, case_id: UUID, signal: str, news: RemittanceReceived | Reclassified) -> None:
    await start_and_tell(
        client,
        DenialCaseWorkflow.run,
        DenialCaseInput(case_id=case_id),
        workflow_id=ids.denial_case(case_id),
        task_queue=DENIAL_CASES,
        signal=signal,
        arguments=[news],
        reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
