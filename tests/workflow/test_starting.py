"""Many have the same news at the same moment: one workflow runs, and has heard each of them."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from overturn.domain import workflow_ids as ids
from tests.replay.recorded import history_converter
from workflows.records_request.starting import look_at_request

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal]

AT_ONCE = 12


async def test_whoever_starts_it_none_of_their_signals_is_lost(temporal_address: str) -> None:
    await none_is_lost(await Client.connect(temporal_address, data_converter=history_converter()))


async def test_on_the_server_whose_clock_skips_too(environment: WorkflowEnvironment) -> None:
    await none_is_lost(environment.client)


async def none_is_lost(client: Client) -> None:
    """No worker is needed: what a workflow was told stands in its history."""
    for _ in range(5):
        request_id = uuid4()
        await asyncio.gather(*(look_at_request(client, request_id) for _ in range(AT_ONCE)))
        handle = client.get_workflow_handle(ids.records_request(request_id))
        history = await handle.fetch_history()
        await handle.terminate("heard")
        heard = [
            event
            for event in history.events
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
        ]
        assert len(heard) == AT_ONCE
