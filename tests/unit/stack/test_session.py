"""A stack in the background: what its supervisor says is passed on, and nothing of it is lost."""

import sys
from pathlib import Path

import pytest

from overturn.stack.part import StackError
from overturn.stack.session import start_in_background

FAILING = """#!/bin/sh
echo 'postgres: ready in 1.0 s'
echo 'temporal does not become ready; temporal.log ends with:'
sleep 0.5
echo '  listen tcp: address in use'
sleep 0.5
exit 1
"""


def test_a_failure_is_told_in_all_its_lines_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = tmp_path / "supervisor"
    supervisor.write_text(FAILING)
    supervisor.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(supervisor))
    told: list[tuple[str, str]] = []
    with pytest.raises(StackError) as failure:
        start_in_background(tmp_path / "home", lambda part, event: told.append((part, event)))
    assert str(failure.value).splitlines() == [
        "the stack did not come up:",
        "postgres: ready in 1.0 s",
        "temporal does not become ready; temporal.log ends with:",
        "  listen tcp: address in use",
    ]
    assert told == [("postgres", "ready in 1.0 s")]
