"""The infrastructure of `overturn up`, for real: up, a part killed, down, up again with its data."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from temporalio.client import Client

from overturn.settings import Settings, load_settings
from overturn.stack import supervisor
from overturn.stack.part import Part, StackError, bare_environment, port_free, port_open
from overturn.stack.services import RELAY
from overturn.stack.state import PartState, StackState, is_running, read_state
from overturn.stack.supervisor import Stack
from tests.waiting import until_so

pytestmark = [pytest.mark.postgres, pytest.mark.temporal]


@pytest.fixture
def home(parts_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and an environment that gives no part."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OVERTURN_{name.upper()}", raising=False)
    folder = Path(mkdtemp(dir=parts_folder))
    folder.chmod(0o711)
    monkeypatch.setenv("OVERTURN_HOME", str(folder / "home"))
    return folder / "home"


@asynccontextmanager
async def infrastructure(home: Path) -> AsyncIterator[Stack]:
    async with Stack(home, services=False) as stack:
        yield stack


def part(stack: Stack, name: str) -> PartState:
    return next(part for part in stack.parts if part.name == name)


def sql(statement: str) -> list[tuple[object, ...]]:
    """Through the URL that every process of ours would use."""
    url = load_settings().database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.asyncio
async def test_a_stopped_stack_leaves_nothing_and_the_next_one_finds_the_data(home: Path) -> None:
    async with infrastructure(home) as stack:
        parts = stack.parts
        assert {part.name for part in parts} == {"postgres", "kafka", "temporal"}
        assert all(part.healthy for part in parts)
        assert sql("SELECT count(*) FROM alembic_version") == [(1,)]
        sql("CREATE TABLE kept AS SELECT 1 AS kept")
    assert not is_running(home)
    assert all(gone(part.pid) for part in parts if part.pid)
    assert all(port_free(part.port) for part in parts if part.port)
    async with infrastructure(home) as stack:
        assert [part.port for part in stack.parts] == [part.port for part in parts]
        assert sql("SELECT kept FROM kept") == [(1,)]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["postgres", "temporal"])
async def test_a_killed_part_comes_back_with_its_data(home: Path, name: str) -> None:
    async with infrastructure(home) as stack:
        client = await Client.connect(load_settings().temporal_address)
        handle = await client.start_workflow("Nobody", id="kept", task_queue="nobody")
        sql("CREATE TABLE kept AS SELECT 1 AS kept")
        killed = part(stack, name).pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await until_so(lambda: part(stack, name).pid not in (None, killed) and part(stack, name).healthy)
        await until_so(lambda: published(home, name).restarts > 0)
        assert sql("SELECT kept FROM kept") == [(1,)]
        again = await Client.connect(load_settings().temporal_address)
        assert (await again.get_workflow_handle("kept").describe()).run_id == handle.result_run_id


def published(home: Path, name: str) -> PartState:
    state = read_state(home)
    assert isinstance(state, StackState)
    return next(part for part in state.parts if part.name == name)


@pytest.mark.asyncio
@pytest.mark.kafka
async def test_a_killed_broker_comes_back_with_its_topics(home: Path) -> None:
    from overturn.broker.admin import end_offsets, planned_topics

    async with infrastructure(home) as stack:
        bootstrap, topics = load_settings().kafka_bootstrap_servers, list(planned_topics())
        before = await asyncio.to_thread(end_offsets, bootstrap, topics)
        killed = part(stack, "kafka").pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await until_so(lambda: published(home, "kafka").restarts > 0 and part(stack, "kafka").healthy)
        assert await asyncio.to_thread(end_offsets, bootstrap, topics) == before
        assert len(before) == sum(planned_topics().values())


def a_relay(home: Path, ports: dict[str, int]) -> list[Part]:
    """A process in the place of the relay, which only waits."""
    command = [sys.executable, "-I", "-c", "import time; time.sleep(300)"]
    return [Part(RELAY, command, lambda: True, environment=bare_environment())]


@pytest.mark.asyncio
@pytest.mark.kafka
async def test_a_restarted_broker_restarts_the_relay_which_publishes_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "service_parts", a_relay)
    async with Stack(home) as stack:
        relay, broker = part(stack, RELAY).pid, part(stack, "kafka").pid
        assert broker is not None
        os.kill(broker, signal.SIGKILL)
        await until_so(lambda: part(stack, RELAY).pid not in (None, relay))
        await until_so(lambda: part(stack, "kafka").healthy)


@pytest.mark.asyncio
async def test_a_second_stack_in_the_same_folder_is_refused(home: Path) -> None:
    async with infrastructure(home):
        with pytest.raises(StackError, match="a stack already runs in"):
            await Stack(home, services=False).start()
        assert is_running(home)


@pytest.mark.asyncio
async def test_a_part_that_the_environment_gives_is_not_started(
    home: Path, monkeypatch: pytest.MonkeyPatch, temporal_address: str
) -> None:
    monkeypatch.setenv("OVERTURN_TEMPORAL_ADDRESS", temporal_address)
    async with infrastructure(home) as stack:
        given = part(stack, "temporal")
        assert (given.pid, f"{given.host}:{given.port}") == (None, temporal_address)
        assert given.healthy
        assert load_settings().temporal_address == temporal_address


SUPERVISOR = """
import asyncio, pathlib, sys
from overturn.stack.supervisor import Stack

async def main():
    async with Stack(pathlib.Path(sys.argv[1]), services=False):
        print("ready", flush=True)
        await asyncio.sleep(300)

asyncio.run(main())
"""


@pytest.mark.asyncio
async def test_a_killed_supervisor_takes_everything_along_and_the_next_start_works(home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(home), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    state = read_state(home)
    assert state is not None
    process.kill()
    await process.communicate()
    await until_so(lambda: not any(port_open(part.port) for part in state.parts if part.port))
    assert read_state(home) is None
    async with infrastructure(home) as stack:
        assert all(part.healthy for part in stack.parts)
