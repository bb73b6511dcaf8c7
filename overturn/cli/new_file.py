"""Writing a file that must not be there yet: nothing a person has is ever written over."""

from pathlib import Path

import typer


def write_new(out: Path, data: bytes) -> None:
    """Write `data`; a file that is there already, or a place that cannot be written to, ends the command."""
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise typer.BadParameter(f"{out} is already there: name a new file", param_hint="--out") from None
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}", param_hint="--out") from None
