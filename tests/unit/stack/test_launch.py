"""Nothing outlives a supervisor that is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from overturn.stack.part import Account, bound
from tests.waiting import PATIENCE_SECONDS

SUPERVISOR = """
import subprocess, sys, time
from overturn.stack.part import Account, bound
child = subprocess.Popen(bound([sys.executable, "-c", "import time; time.sleep(60)"], Account()))
print(child.pid, flush=True)
time.sleep(60)
"""


def gone(pid: int) -> bool:
    """A process that ended, even if nobody has asked for its exit code yet."""
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def test_a_part_dies_with_its_supervisor_even_when_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert not gone(child)
        supervisor.kill()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not gone(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert gone(child)


def test_a_part_whose_supervisor_is_gone_does_not_start() -> None:
    command = bound([sys.executable, "-c", "print('started')"], Account())
    orphan = [word if word != str(os.getpid()) else "1" for word in command]
    done = subprocess.run(orphan, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "the supervisor is gone" in done.stderr


def test_the_program_takes_the_place_of_the_launcher() -> None:
    code = f"import os, signal; os.kill(os.getpid(), {int(signal.SIGUSR1)})"
    done = subprocess.run(bound([sys.executable, "-c", code], Account()), check=False)
    assert done.returncode == -signal.SIGUSR1
