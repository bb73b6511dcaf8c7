"""Every missing thing is named together with its way out."""

import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from overturn.stack.doctor import Finding, examine
from overturn.stack.state import StackState, lock, write_state


def finding(home: Path, name: str) -> Finding:
    return next(finding for finding in examine(home) if finding.name == name)


def test_a_machine_without_tools_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    missing = {found.name: found for found in examine(tmp_path) if found.needed_for == "tests"}
    assert set(missing) == {
        "java",
        "maven",
        "chromium",
        "poppler",
        "kafka jars",
        "temporal-test-server jars",
    }
    assert all("make test-tools" in found.remedy for found in missing.values())
    assert not any(found.ok for found in missing.values())


def test_a_part_that_is_given_is_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURN_TEMPORAL_ADDRESS", "temporal.example:7233")
    assert finding(tmp_path, "temporal").found == "given by OVERTURN_TEMPORAL_ADDRESS"


def test_a_taken_port_matters_only_if_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setenv("OVERTURN_WEB_PORT", str(port))
        assert finding(tmp_path, "web port").remedy.startswith(f"free port {port} or set OVERTURN_WEB_PORT")
    assert finding(tmp_path, "web port").ok


def test_keys_that_others_may_read_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "secrets.json").chmod(0o644)
    assert finding(tmp_path, "secrets").remedy.startswith("others may read the keys: chmod 600")


def test_a_port_of_the_stack_that_runs_here_is_known_as_its_own(tmp_path: Path) -> None:
    settings: dict[str, str | int | bool] = {"web_port": 8085, "ingest_port": 8081}
    state = StackState(pid=1, started_at=datetime.now(UTC), ready=True, settings=settings, parts=[])
    with closing(lock(tmp_path)):
        write_state(tmp_path, state)
        found = finding(tmp_path, "web port")
    assert (found.found, found.ok) == ("8085 is used by the stack that runs here", True)
