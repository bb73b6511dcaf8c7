"""`overturn --help` answers at once: nothing heavy is imported before a command runs."""

import subprocess
import sys
from typing import get_args

import pytest

from overturn.cli.deadline import Kind
from overturn.domain.deadlines import DeadlineKind
from overturn.paths import ROOT

HEAVY = (
    "asyncio",
    "pydantic",
    "sqlalchemy",
    "kafka",
    "rich",
    "overturn.domain",
    "importlib.resources",
)


def test_the_help_imports_nothing_heavy() -> None:
    program = f"import sys, overturn.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", DeadlineKind)
def test_the_kinds_of_the_command_are_those_of_the_domain(kind: DeadlineKind) -> None:
    assert kind in get_args(Kind)
    assert len(get_args(Kind)) == len(DeadlineKind)
