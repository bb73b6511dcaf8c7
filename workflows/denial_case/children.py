"""The appeal and the corrected claim of a case: workflows of their own, which outlive it."""

from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from overturn.domain import workflow_ids as ids
from workflows.appeal.types import AppealInput
from workflows.appeal.workflow import AppealWorkflow
from workflows.corrected_claim.types import CorrectedClaimInput
from workflows.corrected_claim.workflow import CorrectedClaimWorkflow
from workflows.denial_case.types import Appeal, Correction

ONE_MOMENT: Final = timedelta(seconds=1)


async def start_appeal(appeal: Appeal) -> None:
    """An earlier appeal of this level, called back by a person, ends before this one begins."""
    while True:
        try:
            await workflow.start_child_workflow(
                AppealWorkflow.run,
                AppealInput(appeal=appeal),
                id=ids.appeal(appeal.case_id, appeal.level),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            await workflow.sleep(ONE_MOMENT)
        else:
            return


async def start_correction(correction: Correction) -> None:
    """Each has a number of its own, so none that was started before is in the way."""
    await workflow.start_child_workflow(
        CorrectedClaimWorkflow.run,
        CorrectedClaimInput(correction=correction),
        id=ids.corrected_claim(correction.case_id, correction.level),
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
    )


async def tell_over(workflow_id: str) -> None:
    """Tell one of them that its case waits for the payer no more."""
    try:
        await workflow.get_external_workflow_handle(workflow_id).signal("over")
    except ApplicationError:
        workflow.logger.info("case.waiting_over")  # it had ended by itself
