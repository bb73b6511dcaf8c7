"""Opening a rules folder for a command, or saying what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overturn.cli.tables import reference_tables
from overturn.paths import RULES

if TYPE_CHECKING:
    from overturn.rulebook import Rulebook

FOUND_PROBLEMS = 1

RulesFolder = Annotated[
    Path, typer.Option("--rules", exists=True, file_okay=False, help="Folder of rule tables.")
]
DEFAULT_RULES = RULES


def open_rulebook(directory: Path) -> "Rulebook":
    """The rulebook of a folder with every reference table at hand; a broken table ends the command with every
    problem it has."""
    from overturn.reference.causes import with_cause_tables
    from overturn.rulebook import RulebookError, load_rulebook
    from overturn.settings import reference_folder

    try:
        rulebook = load_rulebook(directory)
    except RulebookError as error:
        typer.echo(f"The rules in {directory} cannot be used:\n{error}", err=True)
        raise typer.Exit(FOUND_PROBLEMS) from None
    with reference_tables():
        return with_cause_tables(rulebook, reference_folder())
