"""Opening reference tables for a command, or saying what is wrong with them."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

FOUND_PROBLEMS = 1


@contextmanager
def reference_tables() -> Iterator[None]:
    """Tables that are damaged or cannot be written end the command with the way out, not with a trace."""
    from sqlite3 import Error

    from overturn.reference.store import ReferenceFolderError
    from overturn.rulebook import RulebookError

    try:
        yield
    except (ReferenceFolderError, RulebookError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FOUND_PROBLEMS) from None
    except Error as error:
        typer.echo(f"The reference folder cannot be used ({error}): see OVERTURN_REFERENCE_DIR.", err=True)
        raise typer.Exit(FOUND_PROBLEMS) from None
    except OSError as error:
        typer.echo(
            f"{error.filename} cannot be used: {error.strerror}. Name a folder of your own with "
            "OVERTURN_REFERENCE_DIR.",
            err=True,
        )
        raise typer.Exit(FOUND_PROBLEMS) from None
