"""News reaches a workflow even when another process starts it in the same instant."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows.credentialing_gap.types import GapInput
from workflows.credentialing_gap.workflow import CredentialingGapWorkflow
from workflows.telling import start_and_tell

GIVEN = GapInput.model_validate({"gap_id": "00000000-0000-0000-0000-000000000001"})


@dataclass
class Temporal:
    """A server that was asked to start what another process has started, and answers a signal so."""

    answer: RPCError | None = None
    signals: list[tuple[str, str, tuple[object, ...]]] = field(default_factory=list)

    async def start_workflow(self, *_: object, **__: object) -> None:
        raise WorkflowAlreadyStartedError("gap/1", "CredentialingGapWorkflow")

    def get_workflow_handle(self, workflow_id: str) -> Any:
        self.asked = workflow_id
        return self

    async def signal(self, name: str, *, args: tuple[object, ...]) -> None:
        if self.answer is not None:
            raise self.answer
        self.signals.append((self.asked, name, args))


async def tell(temporal: Temporal) -> bool:
    client = cast("Client", temporal)
    run = CredentialingGapWorkflow.run
    return await start_and_tell(client, run, GIVEN, workflow_id="gap/1", task_queue="any")


@pytest.mark.asyncio
async def test_what_another_starts_in_the_same_instant_is_told_all_the_same() -> None:
    temporal = Temporal()
    assert await tell(temporal)
    assert temporal.signals == [("gap/1", "look", ())]


@pytest.mark.asyncio
async def test_what_is_over_and_may_not_start_again_is_not_told() -> None:
    assert not await tell(Temporal(RPCError("over", RPCStatusCode.NOT_FOUND, b"")))


@pytest.mark.asyncio
async def test_an_outage_between_the_two_is_the_callers_to_wait_for() -> None:
    with pytest.raises(RPCError):
        await tell(Temporal(RPCError("away", RPCStatusCode.UNAVAILABLE, b"")))
