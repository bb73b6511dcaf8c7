"""Starting one real part for a test, and ending it with the test."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from overturn.stack.part import Part, StackError

START_SECONDS = 120.0


@contextmanager
def running(part: Part, log_path: Path) -> Iterator[None]:
    """The part as a process that ends with the block; its data is thrown away, so it is not asked kindly."""
    with log_path.open("ab") as output:
        process = subprocess.Popen(
            part.arguments,
            env=dict(part.environment),
            cwd=part.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not part.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                said = log_path.read_text()[-1000:]
                pytest.fail(f"{part.name} does not start: {said}", pytrace=False)
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(part.death_signal)
        process.wait(30)


@contextmanager
def named_if_missing() -> Iterator[None]:
    """A part that cannot be had fails the test in one line; it never skips it."""
    try:
        yield
    except StackError as missing:
        pytest.fail(str(missing), pytrace=False)
