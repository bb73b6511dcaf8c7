"""Where our own services are asked whether they are ready."""

import os
from pathlib import Path

import pytest

from overturn.stack.keeper import Keeper
from overturn.stack.part import LOOPBACK, Part
from overturn.stack.services import asked_at, service_parts
from overturn.stack.session import announcement
from overturn.stack.supervisor import Stack


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("OVERTURN_"):
            monkeypatch.delenv(name)


def web_part(home: Path) -> Part:
    parts = service_parts(home, {"services.web": 8080, "services.ingest": 8081})
    return next(part for part in parts if part.name == "services.web")


def test_a_service_is_asked_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str, str]] = []

    def answers(port: int, path: str, host: str) -> bool:
        asked.append((port, path, host))
        return True

    monkeypatch.setenv("OVERTURN_WEB_HOST", "192.0.2.7")
    monkeypatch.setattr("overturn.stack.services.answers", answers)
    part = web_part(tmp_path)
    assert part.ready()
    assert asked == [(8080, "/health", "192.0.2.7")]
    assert Keeper(part, tmp_path / "log", lambda: None).state.host == "192.0.2.7"
    assert asked_at("ingest") == LOOPBACK


def test_a_service_that_listens_everywhere_is_asked_on_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURN_WEB_HOST", "0.0.0.0")  # noqa: S104 - nothing listens in this test
    assert web_part(tmp_path).host == LOOPBACK


def test_the_announcement_names_the_host_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURN_WEB_HOST", "192.0.2.7")
    stack = Stack(tmp_path)
    stack.settings["web_port"] = 8099
    assert announcement(stack)[0] == "open http://192.0.2.7:8099"
