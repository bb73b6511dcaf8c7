"""The two worker processes as they are started in production, on Temporal's own server."""

import asyncio
import base64
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from overturn.db.session import create_engine, create_sessions
from overturn.domain import workflow_ids as ids
from overturn.domain.denial_case import CaseStatus, StepRefusedError
from overturn.temporal.search_attributes import SEARCH_ATTRIBUTES, register_search_attributes
from tests.replay.recorded import KEYS, history_converter
from tests.waiting import PATIENCE_SECONDS, until
from tests.workflow.record import Record, create_record
from workflows.denial_case.starting import open_case, tell_remittance
from workflows.denial_case.step_client import take_step
from workflows.denial_case.types import ApproveInput, RemittanceReceived, StepResult

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal, pytest.mark.postgres]

ROOT = Path(__file__).parents[2]
GENERATED_SECRET = "generated-for-a-test-generated-for-a-test"


@pytest_asyncio.fixture(loop_scope="session")
async def client(temporal_address: str) -> Client:
    return await Client.connect(temporal_address, data_converter=history_converter())


@pytest_asyncio.fixture(loop_scope="session")
async def record(database_url: str) -> AsyncIterator[Record]:
    engine = create_engine(database_url)
    yield await create_record(create_sessions(engine))
    await engine.dispose()


async def start(module: str, database_url: str, temporal_address: str) -> asyncio.subprocess.Process:
    environment = os.environ | {
        "OVERTURN_DATABASE_URL": database_url,
        "OVERTURN_TEMPORAL_ADDRESS": temporal_address,
        "OVERTURN_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "OVERTURN_INGEST_TOKEN": GENERATED_SECRET,
        "OVERTURN_PAYLOAD_KEY": base64.b64encode(KEYS["test"]).decode(),
        "OVERTURN_PAYLOAD_KEY_ID": "test",
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-m", module, cwd=ROOT, env=environment)


async def drafted(record: Record, case_id: UUID) -> None:
    await until(lambda: record.letters(case_id))


async def test_the_processes_open_a_case_take_a_step_and_end_when_told(
    client: Client, record: Record, database_url: str, temporal_address: str
) -> None:
    today = datetime.now(UTC).date()
    case_id = await record.add_denied_claim(denied_on=today - timedelta(days=5))
    await open_case(client, case_id)
    processes = [
        await start(module, database_url, temporal_address) for module in ("workflows", "services.appeals")
    ]
    try:
        await drafted(record, case_id)
        await record.fill_letter(case_id)
        step = ApproveInput(step_id=uuid4(), actor_id=record.person_id, case_version=1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            first = await approve_when_drafted(client, record, case_id, step)
        assert first.status is CaseStatus.APPROVED
        assert await take_step(client, record.sessions, case_id, step) == first
        await close_by_remittance(client, record, case_id)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
    assert [await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) for process in processes] == [0, 0]


async def approve_when_drafted(
    client: Client, record: Record, case_id: UUID, step: ApproveInput
) -> StepResult:
    """The letter's row may be there a moment before the workflow hears of it."""
    while True:
        try:
            return await take_step(client, record.sessions, case_id, step)
        except StepRefusedError:
            await asyncio.sleep(0.1)


async def close_by_remittance(client: Client, record: Record, case_id: UUID) -> None:
    await record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    told = RemittanceReceived(event_id=uuid4(), claim_payment_id=uuid4())
    await tell_remittance(client, case_id, told)
    await asyncio.wait_for(client.get_workflow_handle(ids.denial_case(case_id)).result(), PATIENCE_SECONDS)
    await tell_remittance(client, case_id, told)  # too late, and no error
    await open_case(client, case_id)
    assert await record.published(case_id, "case.resolved.v1") == 1


async def test_a_namespace_learns_the_search_attributes_once(client: Client) -> None:
    for _ in range(2):
        await register_search_attributes(client)
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    assert {key.name for key in SEARCH_ATTRIBUTES} <= set(known.custom_attributes)
