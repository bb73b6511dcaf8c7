"""What the home folder remembers, and how a crash is told from a running stack."""

import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from overturn.stack.part import StackError
from overturn.stack.state import (
    PartState,
    StackState,
    choose_ports,
    ensure_secrets,
    is_running,
    lock,
    prepare_home,
    read_state,
    supervisor_pid,
    write_state,
)


def a_state() -> StackState:
    began = datetime(2026, 1, 5, tzinfo=UTC)
    part = PartState(name="postgres", pid=1, port=5432, started_at=began)
    return StackState(pid=1, started_at=began, ready=True, settings={"web_port": 8080}, parts=[part])


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path)
    assert ensure_secrets(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert len(set(first.values())) == len(first)


def test_a_secret_that_a_newer_version_needs_is_added_and_the_others_stay(tmp_path: Path) -> None:
    first = ensure_secrets(tmp_path)
    (tmp_path / "secrets.json").write_text(json.dumps({"payload_key": first["payload_key"]}))
    second = ensure_secrets(tmp_path)
    assert second["payload_key"] == first["payload_key"]
    assert second["ingest_token"] != first["ingest_token"]


def test_a_stack_that_holds_the_lock_is_running(tmp_path: Path) -> None:
    with closing(lock(tmp_path)):
        write_state(tmp_path, a_state())
        assert is_running(tmp_path)
        assert supervisor_pid(tmp_path) == os.getpid()
        assert read_state(tmp_path) == a_state()


def test_a_second_stack_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with closing(lock(tmp_path)), pytest.raises(StackError, match="a stack already runs in"):
        lock(tmp_path)


def test_the_file_of_a_crashed_stack_is_recognised_and_removed(tmp_path: Path) -> None:
    lock(tmp_path).close()
    write_state(tmp_path, a_state())
    assert read_state(tmp_path) is None
    assert supervisor_pid(tmp_path) is None
    assert not (tmp_path / "stack.json").exists()


def test_nothing_runs_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert read_state(tmp_path / "never") is None


def test_ports_are_remembered(tmp_path: Path) -> None:
    first = choose_ports(tmp_path, {"postgres": 0, "kafka": 0}, {})
    assert choose_ports(tmp_path, {"postgres": 0, "kafka": 0}, {}) == first


def test_a_remembered_port_that_is_taken_gives_way_to_another(tmp_path: Path, taken_port: int) -> None:
    (tmp_path / "ports.json").write_text(json.dumps({"web": taken_port}))
    chosen = choose_ports(tmp_path, {"web": taken_port}, {})["web"]
    assert chosen != taken_port
    assert json.loads((tmp_path / "ports.json").read_text()) == {"web": chosen}


def test_a_port_that_was_asked_for_is_not_silently_replaced(tmp_path: Path, taken_port: int) -> None:
    with pytest.raises(StackError, match=f"port {taken_port} for web is in use"):
        choose_ports(tmp_path, {"web": 8080}, {"web": taken_port})


def test_other_users_may_pass_through_the_home_but_not_read_it(tmp_path: Path) -> None:
    prepare_home(tmp_path / "home")
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o711
    assert stat.S_IMODE((tmp_path / "home" / "logs").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("postgresql+psycopg://u:p@db.example:5433/overturn", "db.example", 5433),
        ("one.example:9092,two.example:9092", "one.example", 9092),
        ("temporal.example:7233", "temporal.example", 7233),
    ],
)
def test_a_given_part_is_known_by_its_address(address: str, host: str, port: int) -> None:
    part = PartState.given("part", address)
    assert (part.host, part.port, part.pid) == (host, port, None)


def test_a_part_without_a_port_is_healthy_while_its_process_runs() -> None:
    assert PartState(name="workflows", pid=os.getpid()).healthy
    assert not PartState(name="workflows").healthy
