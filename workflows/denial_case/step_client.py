"""How the web takes a person's step: an update, answered when the record has it."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from overturn.db.session import Sessions
from overturn.db.tables import StepWords
from overturn.domain import workflow_ids as ids
from overturn.domain.denial_case import StepRefusedError
from workflows.denial_case.reopening import reopen_case
from workflows.denial_case.types import PersonsStep, ReopenInput, StepResult

PATIENCE: Final = timedelta(seconds=15)


class StepNotTakenError(Exception):
    """The workflow service did not answer. Whether the step was taken is not known; sending the same form
    again is safe, since it has the same step id."""


async def take_step(
    client: Client, sessions: Sessions, case_id: UUID, step: PersonsStep, words: str = ""
) -> StepResult:
    """Take one step of a case and wait for its result; the same step id again gives the same result.

    `words` are what the person typed: Postgres has them before the workflow hears of the step.

    Raises:
        StepRefusedError: it does not fit the case as it is now; the message says why.
        StepNotTakenError: the workflow service cannot be reached or is too slow.
    """
    if words:
        await _keep_words(sessions, case_id, step.step_id, words)
    if isinstance(step, ReopenInput):
        return await _reopen(client, sessions, case_id, step)
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


async def _reopen(client: Client, sessions: Sessions, case_id: UUID, step: ReopenInput) -> StepResult:
    try:
        return await reopen_case(client, sessions, case_id, step, at=datetime.now(UTC))
    except RPCError:
        raise StepNotTakenError(
            "The case is reopened, but the workflow service cannot be reached. It goes on by itself within "
            "ten minutes after the service is back."
        ) from None


async def _keep_words(sessions: Sessions, case_id: UUID, step_id: UUID, words: str) -> None:
    """The words of the first sending count: the same step again is the same step."""
    kept = insert(StepWords).values(step_id=step_id, case_id=case_id, words=words)
    try:
        async with sessions.begin() as session:
            await session.execute(kept.on_conflict_do_nothing())
    except IntegrityError:
        raise StepRefusedError("There is no such case.") from None


def _refusal(error: WorkflowUpdateFailedError) -> str:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == StepRefusedError.__name__:
        return cause.message
    return "The case ended before the step could be taken. Reload the page."
