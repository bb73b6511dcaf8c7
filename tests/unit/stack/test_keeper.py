"""A part is started again when it dies, more patiently each time, and leaves nothing behind."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from overturn.stack.keeper import FIRST_TRIES, Keeper, pause_before_restart
from overturn.stack.part import Part, StackError, bare_environment
from tests.waiting import until_so


def a_part(program: str, *, ready: Callable[[], bool], after_restart: Callable[[], Awaitable[None]]) -> Part:
    """A small Python program in place of a server."""
    command = [sys.executable, "-I", "-S", "-c", program]
    environment = bare_environment()
    return Part("small", command, ready, environment=environment, after_restart=after_restart)


def a_keeper(folder: Path, program: str, told: list[str] | None = None) -> Keeper:
    async def after_restart() -> None:
        (told if told is not None else []).append("restarted")

    part = a_part(program, ready=lambda: True, after_restart=after_restart)
    return Keeper(part, folder / "small.log", lambda: None)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


SLEEPS = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEPS}"
PARENT = f"""
import subprocess, sys
print(subprocess.Popen([sys.executable, '-c', '{SLEEPS}']).pid, flush=True)
{SLEEPS}
"""


def test_the_pause_grows_and_stays_below_half_a_minute() -> None:
    assert [pause_before_restart(failures) for failures in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, 2.0]
    assert pause_before_restart(1000) == 30.0


@pytest.mark.asyncio
async def test_a_killed_part_comes_back_and_its_dependants_hear_of_it(tmp_path: Path) -> None:
    told: list[str] = []
    keeper = a_keeper(tmp_path, SLEEPS, told)
    await keeper.start()
    first = keeper.state.pid
    assert first is not None
    assert told == []
    os.kill(first, signal.SIGKILL)
    await until_so(lambda: told == ["restarted"])
    assert keeper.state.pid not in (None, first)
    assert keeper.state.restarts == 1
    await keeper.stop()


@pytest.mark.asyncio
async def test_a_part_that_came_up_is_started_again_however_often_it_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overturn.stack.keeper.FIRST_PAUSE_SECONDS", 0.001)
    told: list[str] = []
    keeper = a_keeper(tmp_path, SLEEPS, told)
    await keeper.start()
    for killed in range(1, FIRST_TRIES + 3):
        await keeper.restart()
        await until_so(lambda killed=killed: len(told) == killed)  # type: ignore[misc]
    assert keeper.state.pid is not None
    assert keeper.state.restarts == FIRST_TRIES + 2
    await keeper.stop()


@pytest.mark.asyncio
async def test_a_part_that_never_comes_up_is_reported_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("overturn.stack.keeper.FIRST_PAUSE_SECONDS", 0.01)
    keeper = a_keeper(tmp_path, "print('the disk is full'); raise SystemExit(1)")
    monkeypatch.setattr(keeper, "part", a_part_never_ready("print('the disk is full'); raise SystemExit(1)"))
    with pytest.raises(StackError, match="small does not become ready") as refused:
        await keeper.start()
    assert "the disk is full" in str(refused.value)
    assert (tmp_path / "small.log").read_text().count("the disk is full") == FIRST_TRIES
    await keeper.stop()


def a_part_never_ready(program: str) -> Part:
    async def nothing() -> None:
        return None

    return a_part(program, ready=lambda: False, after_restart=nothing)


@pytest.mark.asyncio
async def test_stopping_ends_the_process_and_does_not_start_it_again(tmp_path: Path) -> None:
    keeper = a_keeper(tmp_path, SLEEPS)
    await keeper.start()
    pid = keeper.state.pid
    await keeper.stop()
    assert pid is not None
    assert not alive(pid)
    assert keeper.state.pid is None


@pytest.mark.asyncio
async def test_a_part_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overturn.stack.keeper.STOP_SECONDS", 0.2)
    keeper = a_keeper(tmp_path, DEAF)
    await keeper.start()
    pid = keeper.state.pid
    log = tmp_path / "small.log"
    await until_so(lambda: log.exists() and log.read_text() == "deaf\n")
    await keeper.stop()
    assert pid is not None
    assert not alive(pid)


@pytest.mark.asyncio
async def test_what_a_part_started_goes_with_it(tmp_path: Path) -> None:
    keeper = a_keeper(tmp_path, PARENT)
    await keeper.start()
    log = tmp_path / "small.log"
    await until_so(lambda: log.exists() and log.read_text().endswith("\n"))
    await keeper.stop()
    child = int(log.read_text())
    await until_so(lambda: not alive(child))
