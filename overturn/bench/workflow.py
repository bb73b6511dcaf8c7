"""What a case costs on Temporal, beside a bare workflow of one activity on the same server, in one run."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final

from overturn.bench.figure import compare
from overturn.bench.outcome import Outcome
from overturn.paths import ROOT
from overturn.stack import temporal
from overturn.stack.part import LOOPBACK, free_port
from overturn.temporal.search_attributes import SEARCH_ATTRIBUTES

MOST_CASES: Final = 200
"""More at once only measure the development server's one database connection."""

START_SECONDS: Final = 60.0
UNIT: Final = "a second"
BASELINE: Final = "bare workflow, one activity"


def bench_workflow(cases: int, runs: int) -> Outcome:
    """Start as many cases as bare workflows, turn by turn, with activities that answer at once."""
    program = temporal.find_temporal()
    if program is None:
        return Outcome(notes=[temporal.MISSING])
    with tempfile.TemporaryDirectory() as folder, _server(program, Path(folder)) as address:
        found = _measured(address, min(cases, MOST_CASES), runs)
    versions = {"temporalio": version("temporalio")}
    outcome = Outcome()
    for name, ours, bare in (
        ("case starts", "case", "bare"),
        ("cases in a queue with a letter", "case_done", "bare_done"),
    ):
        outcome.figures.append(
            compare(name, UNIT, found[ours], found[bare], baseline_name=BASELINE, versions=versions)
        )
    outcome.notes.append(
        f"History events from opening to a drafted letter: {found['case_events']}; "
        f"of a bare workflow: {found['bare_events']}."
    )
    return outcome


@contextmanager
def _server(program: Path, folder: Path) -> Iterator[str]:
    """A development server of its own, gone afterwards."""
    port = free_port()
    part = temporal.part(program, folder / "temporal.db", port, SEARCH_ATTRIBUTES)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(part.arguments, env=dict(part.environment), stdout=quiet, stderr=quiet) as server:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not part.ready():
                if time.monotonic() > deadline or server.poll() is not None:
                    raise SystemExit("Temporal's development server did not start")
                time.sleep(0.2)
            yield f"{LOOPBACK}:{port}"
        finally:
            server.terminate()


def _measured(address: str, cases: int, runs: int) -> dict[str, list[float]]:
    """In a process of its own: nothing here may import workflows."""
    command = [sys.executable, "-m", "workflows.bench", address, str(cases), str(runs)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    found: dict[str, list[float]] = json.loads(answer.stdout)
    return found
