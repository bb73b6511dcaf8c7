"""How the web takes a person's step: an update, answered when the record has it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from overturn.domain.denial_case import StepRefusedError
from workflows import ids
from workflows.denial_case.types import PersonsStep, StepResult

PATIENCE: Final = timedelta(seconds=15)


class StepNotTakenError(Exception):
    """The workflow service did not answer. Whether the step was taken is not known; sending the same form
    again is safe, since it has the same step id."""


async def take_step(client: Client, case_id: UUID, step: PersonsStep) -> StepResult:
    """Take one step of a case and wait for its result; the same step id again gives the same result.

    Raises:
        StepRefusedError: it does not fit the case as it is now; the message says why.
        StepNotTakenError: the workflow service cannot be reached or is too slow.
    """
    handle = client.get_workflow_handle(ids.denial_case(case_id))
    try:
        result: StepResult = await handle.execute_update(
            step.step.value, step, id=str(step.step_id), result_type=StepResult, rpc_timeout=PATIENCE
        )
    except WorkflowUpdateFailedError as error:
        raise StepRefusedError(_refusal(error)) from None
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        raise StepNotTakenError(
            "The workflow service did not answer in time. Send the form again: a step that was taken is not "
            "taken twice."
        ) from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise StepRefusedError("This case is closed or still being opened. Reload the page.") from None
        raise StepNotTakenError(
            "The workflow service cannot be reached, so the step was not taken. `overturn status` shows what "
            "is down; send the form again when it is up."
        ) from None
    return result


def _refusal(error: WorkflowUpdateFailedError) -> str:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == StepRefusedError.__name__:
        return cause.message
    return "The case ended before the step could be taken. Reload the page."
