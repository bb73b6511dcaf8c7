"""A stack from the outside: run it until a signal, start it in the background, end it, look at it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from overturn.stack.part import Progress, StackError
from overturn.stack.services import asked_at
from overturn.stack.state import is_running, prepare_home, read_state, supervisor_pid
from overturn.stack.supervisor import Stack

STOP_SECONDS = 90.0
LOOK_SECONDS = 0.1
SUPERVISOR_LOG = "supervisor.log"


async def run_until_signal(stack: Stack, progress: Progress) -> None:
    """Bring the stack up, stay until SIGINT or SIGTERM, take it down."""
    enough = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    starting = asyncio.create_task(stack.start(progress))
    ending = asyncio.create_task(enough.wait())
    await asyncio.wait({starting, ending}, return_when="FIRST_COMPLETED")
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return
    try:
        await starting
        for line in announcement(stack):
            progress("overturn", line)
        await ending
    finally:
        ending.cancel()
        await stack.stop()


def announcement(stack: Stack) -> list[str]:
    """What someone wants to know once everything runs."""
    web, logs = stack.settings["web_port"], stack.home / "logs"
    lines = [f"open http://{asked_at('web')}:{web}", f"logs are in {logs}"]
    if stack.temporal_ui_port:
        lines.append(f"Temporal's own interface: http://127.0.0.1:{stack.temporal_ui_port}")
    return [*lines, "stop with Ctrl-C or `overturn down`"]


def start_in_background(home: Path, progress: Progress, *, temporal_ui: bool = False) -> None:
    """A supervisor of its own session; returns when everything is ready, passing on what it says."""
    if is_running(home):
        raise StackError(
            f"a stack already runs in {home}; see `overturn status`, stop it with `overturn down`"
        )
    prepare_home(home)
    log_path = home / "logs" / SUPERVISOR_LOG
    command = [sys.executable, "-m", "overturn.stack", *(["--temporal-ui"] if temporal_ui else [])]
    with log_path.open("w") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, "OVERTURN_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with log_path.open() as lines:
        while process.poll() is None and not _ready(home):
            _pass_on(lines.readlines(), progress)
            time.sleep(LOOK_SECONDS)
        rest = lines.readlines()
    if process.returncode is not None:
        raise StackError(f"the stack did not come up:\n{log_path.read_text().strip()}")
    _pass_on(rest, progress)


def _ready(home: Path) -> bool:
    state = read_state(home)
    return state is not None and state.ready


def _pass_on(lines: list[str], progress: Progress) -> None:
    """Only what is of the form `part: event`; an indented line quotes a log. Our own log keeps both."""
    for line in lines:
        part, separator, event = line.rstrip().partition(": ")
        if separator and not part[:1].isspace():
            progress(part, event)


def stop_running(home: Path) -> bool:
    """End the stack of this folder and wait until it is gone; False when none runs."""
    pid = supervisor_pid(home)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_running(home):
        if time.monotonic() > deadline:
            raise StackError(f"process {pid} does not end; see {home / 'logs'}, then kill it")
        time.sleep(LOOK_SECONDS)
    return True
