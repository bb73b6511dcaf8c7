"""Writing a file that must not be there yet: nothing a person has is ever written over."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import typer

ONLY_OURS = 0o600


def write_new(out: Path, data: bytes) -> None:
    """Write `data`; a file that is there already, or a place that cannot be written to, ends the command."""
    with new_file(out) as file:
        file.write(data)


@contextmanager
def new_file(out: Path) -> Iterator[IO[bytes]]:
    """A new file, readable by its owner alone: it may hold patients' data. It is gone if the work fails.

    A file that is there already, or a place that cannot be written to, ends the command.
    """
    try:
        file = os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OURS), "wb")
    except FileExistsError:
        raise typer.BadParameter(f"{out} is already there: name a new file", param_hint="--out") from None
    except OSError as error:
        raise _not_written(out, error) from None
    try:
        with file:
            yield file
    except BaseException as error:
        out.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _not_written(out, error) from None
        raise


def _not_written(out: Path, error: OSError) -> typer.BadParameter:
    return typer.BadParameter(f"{out} cannot be written: {error.strerror}", param_hint="--out")
