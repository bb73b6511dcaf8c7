"""Temporal's development server for the local stack: found, downloaded or built; all it knows in one file."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.common import SearchAttributeKey

from overturn.stack.cache import cached_program
from overturn.stack.part import LOOPBACK, Part, Progress, StackError, bare_environment, port_open

SOURCE = "github.com/temporalio/cli/cmd/temporal@v1.5.1"
"""The newest tag that `go install` accepts: later ones carry a replace directive."""

NEWS_SECONDS = 15
MISSING = (
    "Temporal cannot be had here: put the program `temporal` (the Temporal CLI) on PATH, install Go so that "
    "it can be built, or set OVERTURN_TEMPORAL_ADDRESS to a server of yours"
)


def find_temporal() -> Path | None:
    """The Temporal CLI on PATH or in the user cache."""
    cached = cached_program("temporal")
    on_path = shutil.which("temporal")
    return Path(on_path) if on_path else cached if os.access(cached, os.X_OK) else None


async def obtain_temporal(progress: Progress) -> Path:
    """The Temporal CLI, fetched by the SDK or built with Go the first time and kept in the user cache."""
    if found := await asyncio.to_thread(find_temporal):
        return found
    target = cached_program("temporal")
    await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as draft:
        if await _download(Path(draft), target, progress) or await _build(Path(draft), target, progress):
            return target
    raise StackError(MISSING)


async def _download(draft: Path, target: Path, progress: Progress) -> bool:
    from temporalio.testing import WorkflowEnvironment

    progress("temporal", "not here yet; asking the SDK to download it")
    try:
        async with await WorkflowEnvironment.start_local(download_dest_dir=str(draft)):
            pass
    except RuntimeError:
        return False
    return await asyncio.to_thread(_keep, draft, target)


async def _build(draft: Path, target: Path, progress: Progress) -> bool:
    go = shutil.which("go")
    if go is None:
        return False
    environment = {**os.environ, "GOBIN": str(draft)}
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        go, "install", SOURCE, env=environment, stdout=quiet, stderr=quiet
    )
    began = time.monotonic()
    try:
        while process.returncode is None:
            minutes = (time.monotonic() - began) / 60
            progress("temporal", f"building it with Go, once; {minutes:.0f} of 5 to 10 minutes")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), NEWS_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode == 0 and await asyncio.to_thread(_keep, draft, target)


def _keep(draft: Path, target: Path) -> bool:
    program = next((path for path in draft.iterdir() if os.access(path, os.X_OK)), None)
    if program is None:
        return False
    program.replace(target)
    return True


def part(
    program: Path,
    database: Path,
    port: int,
    search_attributes: Sequence[SearchAttributeKey[Any]],
    ui_port: int | None = None,
) -> Part:
    """The development server; it adds the search attributes that its file does not have yet."""
    attributes = [f"--search-attribute={key.name}={_kind(key)}" for key in search_attributes]
    interface = ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    where = ["--ip", LOOPBACK, "--port", str(port), "--db-filename", str(database)]
    return Part(
        name="temporal",
        command=[str(program), "server", "start-dev", *where, *interface, "--log-level", "warn", *attributes],
        ready=partial(_healthy, program, port),
        port=port,
        environment=bare_environment(),
    )


def _kind(key: SearchAttributeKey[Any]) -> str:
    """As the command line spells it: Keyword, Datetime, KeywordList."""
    return key.indexed_value_type.name.title().replace("_", "")


def _healthy(program: Path, port: int) -> bool:
    if not port_open(port):
        return False
    command = [str(program), "operator", "cluster", "health", "--address", f"{LOOPBACK}:{port}"]
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(command, env=bare_environment(), capture_output=True, timeout=5, check=False)
        return done.returncode == 0
    return False
