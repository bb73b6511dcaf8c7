"""How a case's workflow comes to be and hears of remittances, in whatever order the events arrive."""

from collections.abc import Sequence
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from overturn.domain import workflow_ids as ids
from workflows.denial_case.types import DenialCaseInput, Reclassified, RemittanceReceived
from workflows.denial_case.workflow import DenialCaseWorkflow
from workflows.starting import start_or_signal


async def open_case(client: Client, case_id: UUID) -> None:
    """Start the case's workflow, once: while it runs and after it ended, this changes nothing."""
    await _start(client, case_id)


async def tell_remittance(client: Client, case_id: UUID, remittance: RemittanceReceived) -> None:
    """Tell the case of a remittance, starting it if need be; a closed case needs no telling."""
    await _start(client, case_id, signal="remittance_received", arguments=[remittance])


async def tell_reclassified(client: Client, case_id: UUID, reclassified: Reclassified) -> None:
    """Tell the case that other rules see it otherwise, starting it if need be."""
    await _start(client, case_id, signal="reclassified", arguments=[reclassified])


async def start_again(client: Client, case_id: UUID) -> None:
    """Start the workflow of an open case whose earlier one has ended or is lost; one that runs is left alone.

    It takes up where the record stands. Late events cannot: `open_case` starts only once.
    """
    await _start(client, case_id, reuse=WorkflowIDReusePolicy.ALLOW_DUPLICATE)


async def _start(
    client: Client,
    case_id: UUID,
    *,
    signal: str | None = None,
    arguments: Sequence[object] = (),
    reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE,
) -> None:
    await start_or_signal(
        client,
        DenialCaseWorkflow.run,
        DenialCaseInput(case_id=case_id),
        workflow_id=ids.denial_case(case_id),
        reuse=reuse,
        signal=signal,
        signal_arguments=arguments,
    )
