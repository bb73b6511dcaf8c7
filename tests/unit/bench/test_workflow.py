"""What the workflow benchmark makes of its measurements; the measuring itself needs a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from overturn.bench import workflow
from overturn.stack import temporal

FOUND = {
    "bare": [100.0, 120.0],
    "case": [80.0, 90.0],
    "bare_done": [50.0, 50.0],
    "case_done": [25.0, 30.0],
    "case_events": 18,
    "bare_events": 11,
}


def test_figures_are_paired_and_events_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def server(*_: object) -> Iterator[str]:
        yield "127.0.0.1:1"

    asked: list[int] = []

    def measured(_: str, cases: int, __: int) -> dict[str, object]:
        asked.append(cases)
        return FOUND

    monkeypatch.setattr(temporal, "find_temporal", lambda: Path("temporal"))
    monkeypatch.setattr(workflow, "_server", server)
    monkeypatch.setattr(workflow, "_measured", measured)
    outcome = workflow.bench_workflow(10_000, 2)
    assert asked == [workflow.MOST_CASES]
    assert [figure.ratio for figure in outcome.figures] == [0.775, 0.55]
    assert "18" in outcome.notes[0]


def test_without_a_server_the_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal, "find_temporal", lambda: None)
    outcome = workflow.bench_workflow(100, 1)
    assert (outcome.figures, outcome.notes) == ([], [temporal.MISSING])
