"""`overturn rules`: check a folder of rules, carry a pack into a workbook and back, publish."""

from pathlib import Path
from typing import Annotated

import typer

from overturn.cli import rule_life
from overturn.cli.rulebook import DEFAULT_RULES, FOUND_PROBLEMS, RulesFolder, open_rulebook

Pack = Annotated[str, typer.Argument(help="Name of the pack: base, or one of packs.csv.")]


def register(app: typer.Typer) -> None:
    """Add the `rules` commands."""
    rules = typer.Typer(
        help="Rules of classification: check, edit as a workbook, publish.", no_args_is_help=True
    )
    rules.command("check")(check)
    rules.command("export")(export)
    rules.command("import")(import_)
    rule_life.register(rules)
    app.add_typer(rules, name="rules")


def check(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of rule tables.")
    ] = DEFAULT_RULES,
) -> None:
    """Load a folder of rules, run the tests in its packs, and name every row that is wrong."""
    from overturn.rulebook.check import check_rulebook

    rulebook = open_rulebook(directory)
    problems = check_rulebook(rulebook)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(FOUND_PROBLEMS)
    packs = len({rule.pack for rule in rulebook.denials.rules})
    typer.echo(
        f"All is well: {len(rulebook.denials.rules)} rows in {packs} packs, version {rulebook.version}."
    )


def export(
    pack: Pack,
    xlsx: Annotated[Path, typer.Option("--xlsx", dir_okay=False, help="The workbook to write.")],
    rules: RulesFolder = DEFAULT_RULES,
) -> None:
    """Write a pack as a workbook: one sheet for its rules, one for their tests."""
    from overturn.rulebook import RulebookError
    from overturn.rulebook.workbook import export_pack

    try:
        count = export_pack(rules, pack, xlsx)
    except (RulebookError, OSError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(FOUND_PROBLEMS) from None
    typer.echo(f"{count} rows of {pack} are in {xlsx}.")


def import_(
    pack: Pack,
    xlsx: Annotated[Path, typer.Option("--xlsx", exists=True, dir_okay=False, help="The workbook to read.")],
    rules: Annotated[
        Path, typer.Option("--rules", exists=True, file_okay=False, help="Folder of rules to write into.")
    ],
) -> None:
    """Write a workbook's sheets over a pack of a folder, if the whole folder is well with them."""
    from overturn.rulebook import RulebookError
    from overturn.rulebook.workbook import import_pack

    try:
        count = import_pack(xlsx, rules, pack)
    except (RulebookError, OSError) as error:
        typer.echo(f"{error}\nNothing was written: correct the workbook and import it again.", err=True)
        raise typer.Exit(FOUND_PROBLEMS) from None
    typer.echo(f"{count} rows of {pack} were written to {rules}.")
    check(rules)
