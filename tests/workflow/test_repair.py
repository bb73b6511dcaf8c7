"""Cases and workflows that lost each other find each other again, on Temporal's own server."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client
from typer.testing import CliRunner

from overturn.cli import app
from overturn.db import tables
from overturn.db.session import create_engine, create_sessions
from overturn.domain import workflow_ids as ids
from overturn.domain.denial_case import CaseStatus
from overturn.domain.practice_day import practice_date
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.temporal.case_runs import is_running, running_cases
from overturn.temporal.search_attributes import register_search_attributes
from tests.replay.recorded import history_converter
from tests.waiting import PATIENCE_SECONDS, until
from tests.workflow.record import Record, create_record
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.repair import repair_strays
from workflows.denial_case.starting import open_case
from workflows.worker import create_worker

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal, pytest.mark.postgres]


def later() -> datetime:
    """By then everything here has settled."""
    return datetime.now(UTC) + timedelta(hours=1)


@pytest_asyncio.fixture(loop_scope="session")
async def client(temporal_address: str) -> Client:
    connected = await Client.connect(temporal_address, data_converter=history_converter())
    await register_search_attributes(connected)
    for case_id in await running_cases(connected):  # left by other tests on this server
        await connected.get_workflow_handle(ids.denial_case(case_id)).terminate("another test's")

    async def none_listed() -> bool:  # the list learns of an end a moment later
        return not await running_cases(connected)

    await until(none_listed)
    return connected


@pytest_asyncio.fixture(loop_scope="session")
async def record(client: Client, database_url: str) -> AsyncIterator[Record]:
    engine = create_engine(database_url)
    sessions = create_sessions(engine)
    activities = DenialCaseActivities(
        sessions, RulesInForce(load_rulebook()), reminder_days=(1,), escalation_days=1, recall_seconds=0
    )
    async with create_worker(client, activities):
        yield await create_record(sessions)
    await engine.dispose()


async def denied(record: Record) -> UUID:
    return await record.add_denied_claim(
        denied_on=practice_date(datetime.now(UTC)) - timedelta(days=20), action="call_payer"
    )


async def prepared(record: Record, client: Client) -> UUID:
    case_id = await denied(record)
    await open_case(client, case_id)
    await until_in_work(record, case_id)
    await until_listed(client, case_id)
    return case_id


async def until_in_work(record: Record, case_id: UUID) -> None:
    async def in_work() -> bool:
        return (await record.case(case_id)).status == CaseStatus.NEEDS_WORK

    await until(in_work)


async def until_listed(client: Client, case_id: UUID) -> None:
    async def listed() -> bool:
        return case_id in await running_cases(client)

    await until(listed)


async def test_a_case_without_a_workflow_gets_one(record: Record, client: Client) -> None:
    lost = await denied(record)
    found = await repair_strays(client, record.sessions, now=later())
    assert found.without_workflow == {lost}
    await until_in_work(record, lost)
    assert await is_running(client, lost)


async def test_a_case_whose_workflow_was_terminated_goes_on_where_it_stood(
    record: Record, client: Client
) -> None:
    case_id = await prepared(record, client)
    await client.get_workflow_handle(ids.denial_case(case_id)).terminate("by mistake")
    assert not await is_running(client, case_id)

    async def gone() -> bool:
        return case_id not in await running_cases(client)

    await until(gone)
    await repair_strays(client, record.sessions, now=later())
    assert await is_running(client, case_id)
    assert await record.kinds(case_id) == ["opened"]


async def test_a_workflow_whose_case_was_closed_without_it_ends(record: Record, client: Client) -> None:
    case_id = await prepared(record, client)
    async with record.sessions.begin() as session:
        case = await session.get_one(tables.DenialCase, case_id)
        case.status, case.outcome, case.version = CaseStatus.RESOLVED, "written_off", case.version + 1
        case.resolved_at = datetime.now(UTC)
    found = await repair_strays(client, record.sessions, now=later())
    assert found.ended == {case_id}
    await asyncio.wait_for(client.get_workflow_handle(ids.denial_case(case_id)).result(), PATIENCE_SECONDS)


async def test_a_workflow_without_a_case_is_ended_unless_all_are_strange(
    record: Record, client: Client
) -> None:
    nobodys = uuid4()
    await open_case(client, nobodys)
    await until_listed(client, nobodys)
    found = await repair_strays(client, record.sessions, now=later())
    assert found.foreign
    assert await is_running(client, nobodys)
    await prepared(record, client)
    await repair_strays(client, record.sessions, now=later())
    assert not await is_running(client, nobodys)


async def test_what_has_just_happened_is_left_alone(record: Record, client: Client) -> None:
    await denied(record)
    found = await repair_strays(client, record.sessions, now=datetime.now(UTC))
    assert found.without_workflow == frozenset()


async def unlooked_at(record: Record, recoupment_id: UUID) -> None:
    """A demand that no workflow has seen since it was entered."""
    long_ago = datetime(2026, 11, 1, tzinfo=UTC)
    async with record.sessions.begin() as session:
        session.add(
            tables.Recoupment(
                id=recoupment_id,
                payer="medicare",
                source="take_back",
                demanded_amount=Decimal("70.00"),
                status="demanded",
                opened_on=long_ago.date(),
            )
        )
        await session.flush()
        session.add(
            tables.RecoupmentEvent(
                id=uuid4(),
                recoupment_id=recoupment_id,
                kind="opened",
                summary="Opened.",
                actor="workflow",
                happened_at=long_ago,
            )
        )


async def test_the_command_names_what_is_stuck(
    record: Record, client: Client, database_url: str, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, demand = await denied(record), uuid4()
    await unlooked_at(record, demand)
    async with record.sessions.begin() as session:
        (await session.get_one(tables.DenialCase, lost)).opened_at = later() - timedelta(days=20)
    for name, value in {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "INGEST_TOKEN": "generated-for-a-test-generated-for-a-test",
        "PAYLOAD_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    }.items():
        monkeypatch.setenv(f"OVERTURN_{name}", value)
    answer = await asyncio.to_thread(CliRunner().invoke, app, ["cases", "stuck", "--json"])
    assert answer.exit_code == 1, answer.output
    demands = [row for row in json.loads(answer.stdout) if row.get("recoupment_id") == str(demand)]
    assert [row["problem"] for row in demands] == ["due for a look, and not looked at by its workflow"]
    problems = {row["problem"] for row in json.loads(answer.stdout) if row["case_id"] == str(lost)}
    assert any("not prepared" in problem for problem in problems)
    assert any("has no workflow" in problem for problem in problems)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["cases", "stuck"])
    assert f"/cases/{lost}: " in told.stdout
    assert f"/recoupments/{demand}: " in told.stdout
    assert "docs/runbooks/a-case-is-stuck.md" in told.stdout
