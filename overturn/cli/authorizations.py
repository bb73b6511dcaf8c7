"""`overturn authorization import`: the practice's authorizations, from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overturn.cli.database import ask

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(app: typer.Typer) -> None:
    """Add the `authorization` commands."""
    authorizations = typer.Typer(help="What payers authorised.", no_args_is_help=True)
    authorizations.command("import")(import_file)
    # With a single command Typer would drop its name from the command line.
    authorizations.callback()(lambda: None)
    app.add_typer(authorizations, name="authorization")


def import_file(
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns the how-to names.", exists=True, dir_okay=False)
    ],
) -> None:
    """Take every row of a file in, or none; a row that is known already is brought up to date."""
    from datetime import UTC, datetime

    from overturn.db.authorizations import save_authorizations
    from overturn.rule_sets import RulesInForce
    from overturn.rulebook import RulebookError, load_rulebook
    from overturn.rulebook.practice import read_authorizations

    async def work(session: "AsyncSession") -> tuple[int, int]:
        payers = (await RulesInForce(load_rulebook()).current(session)).payers
        with file.open("rb") as content:
            given = read_authorizations(content, payers, name=file.name)
        return await save_authorizations(session, given, by=None, at=datetime.now(UTC))

    added, changed = ask(work, RulebookError)
    typer.echo(f"{file.name}: {added} new, {changed} changed.")
