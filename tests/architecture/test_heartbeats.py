"""What may take minutes says that it lives: a dead worker is noticed before those minutes are over."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WORKFLOWS = Path(__file__).parents[2] / "workflows"
QUICK = "RECORDING_TIMEOUT"
"""Half a minute: shorter than any heartbeat is worth."""


def silent(source: str) -> Iterator[str]:
    """The activities that may take longer and would say nothing."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("_activity_method"):
            words = {word.arg: ast.unparse(word.value) for word in call.keywords}
            if words["start_to_close_timeout"] != QUICK and "heartbeat_timeout" not in words:
                yield ast.unparse(call.args[0])


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*/workflow.py")), ids=lambda path: path.parent.name)
def test_every_long_activity_heartbeats(path: Path) -> None:
    assert list(silent(path.read_text())) == []


def test_a_silent_one_is_noticed() -> None:
    call = "workflow.execute_activity_method(A.send, start_to_close_timeout=LONG)"
    assert list(silent(call)) == ["A.send"]
