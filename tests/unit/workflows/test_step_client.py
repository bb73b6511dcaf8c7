"""What the web hears when a step is refused or the workflow service is away."""

from typing import Any, cast
from uuid import uuid4

import pytest
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from overturn.db.session import Sessions
from overturn.domain.denial_case import CaseStatus, StepRefusedError
from workflows.denial_case.step_client import StepNotTakenError, take_step
from workflows.denial_case.types import ApproveInput, StepResult

NO_RECORD = cast("Sessions", None)  # a step without words writes nothing
STEP = ApproveInput(step_id=uuid4(), actor_id=uuid4(), case_version=1)


class FakeClient:
    """A client whose one handle answers every update alike."""

    def __init__(self, answer: StepResult | Exception) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}

    def get_workflow_handle(self, workflow_id: str) -> "FakeClient":
        self.asked["workflow_id"] = workflow_id
        return self

    async def execute_update(self, update: str, argument: object, **options: Any) -> StepResult:
        self.asked |= {"update": update, "argument": argument, **options}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def answer_to(answer: StepResult | Exception) -> StepResult:
    return await take_step(cast("Client", FakeClient(answer)), NO_RECORD, uuid4(), STEP)


@pytest.mark.asyncio
async def test_a_step_is_an_update_under_its_own_id() -> None:
    fake, case_id = FakeClient(StepResult(status=CaseStatus.APPROVED, case_version=2)), uuid4()
    result = await take_step(cast("Client", fake), NO_RECORD, case_id, STEP)
    assert result.case_version == 2
    assert fake.asked["workflow_id"] == f"denial-case/{case_id}"
    assert (fake.asked["update"], fake.asked["id"]) == ("approve", str(STEP.step_id))
    assert fake.asked["argument"] is STEP


@pytest.mark.asyncio
async def test_a_refusal_is_told_in_its_own_words() -> None:
    refusal = ApplicationError("This case is resolved.", type="StepRefusedError")
    with pytest.raises(StepRefusedError, match=r"^This case is resolved\.$"):
        await answer_to(WorkflowUpdateFailedError(refusal))


@pytest.mark.asyncio
async def test_another_failure_keeps_its_words_to_itself() -> None:
    failure = ApplicationError("canary", type="AcceptedUpdateCompletedWorkflow")
    with pytest.raises(StepRefusedError, match="ended before the step") as raised:
        await answer_to(WorkflowUpdateFailedError(failure))
    assert "canary" not in str(raised.value)


@pytest.mark.asyncio
async def test_a_case_that_is_not_running_refuses() -> None:
    with pytest.raises(StepRefusedError, match="closed or still being opened"):
        await answer_to(RPCError("workflow not found", RPCStatusCode.NOT_FOUND, b""))


@pytest.mark.asyncio
async def test_a_service_that_is_away_says_that_nothing_was_done() -> None:
    with pytest.raises(StepNotTakenError, match="overturn status"):
        await answer_to(RPCError("connection refused", RPCStatusCode.UNAVAILABLE, b""))


@pytest.mark.asyncio
async def test_a_slow_service_says_that_sending_again_is_safe() -> None:
    with pytest.raises(StepNotTakenError, match="not taken twice"):
        await answer_to(WorkflowUpdateRPCTimeoutOrCancelledError())
