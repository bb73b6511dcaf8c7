"""`overturn reference`: official CMS and X12 files into the reference folder, and what stands there."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.tables import reference_tables

if TYPE_CHECKING:
    from overturn.reference.importing import Imported

FOUND_PROBLEMS = 1
KINDS = "ncci-ptp, mue, add-on, pprrvu, gpci, carc, rarc or payer-rules"

commands = typer.Typer(
    help="Import official CMS and X12 files, and list the tables at hand.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    app.add_typer(commands, name="reference")


@commands.command("import")
def import_reference(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {KINDS}.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)],
    *,
    quarter: Annotated[
        str | None, typer.Option(help="As 2026Q3, where the file's name does not say it.")
    ] = None,
    owner: Annotated[
        str, typer.Option(help="Whose edits: medicare, medicaid, or a payer key of rules/payers.csv.")
    ] = "medicare",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Import a file as published, found by its header. Ends with 1 where it cannot be read in full."""
    from overturn.reference.importing import import_file
    from overturn.reference.published import UnreadableFileError
    from overturn.reference.store import ReferenceFolder
    from overturn.settings import reference_folder

    known, today = _kind(kind), datetime.now(UTC).date()
    _check_options(owner, quarter)
    try:
        with reference_tables(), _progress(f"Reading {file.name}"):
            folder = ReferenceFolder(reference_folder())
            done = import_file(known, file, folder, today=today, owner=owner, quarter=quarter)
    except UnreadableFileError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(FOUND_PROBLEMS) from None
    _print_import(done, as_json=as_json)


@commands.command("list")
def list_reference(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Every table at hand, bundled and imported, with its quarter and whether that is over."""
    import json

    with reference_tables():
        tables = _tables(datetime.now(UTC).date())
    if as_json:
        print(json.dumps(tables, indent=1))
        return
    for table in tables:
        stale = "  over" if table["stale"] else ""
        name = table["file"] + ("" if table["bundled"] else f"  {table['path']}")
        rows = f"{table['rows']} rows"
        period = f"{table['effective_from']} to {table['effective_to']}"
        print(f"{table['kind']:<12} {table['owner']:<10} {period}  {rows:>13}  {name}{stale}")
        for note in filter(None, (table["caveat"],)):
            print(f"  Mind: {note}")


@commands.command("show")
def show_reference(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {KINDS}.")],
    key: Annotated[str, typer.Argument(metavar="CODE", help="A code, or the name of a payer.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """What imported tables say of one code or payer, row by row. Ends with 1 where none has it."""
    import json

    known = _kind(kind)
    with reference_tables():
        rows = _rows_of(known, key)
    if as_json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    for row in () if as_json else rows:
        print(f"{row['quarter']}, {row['source']}")
        for field, value in row["row"].items():
            print(f"  {field}: {value}")
    if not rows:
        if not as_json:
            typer.echo(f"No imported {kind} table has {key}.", err=True)
        raise typer.Exit(FOUND_PROBLEMS)


def _kind(text: str) -> Any:
    from overturn.reference.layouts import Kind

    try:
        return Kind(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is none of {KINDS}", param_hint="KIND") from None


def _check_options(owner: str, quarter: str | None) -> None:
    from overturn.cli.rulebook import DEFAULT_RULES
    from overturn.domain.edit_pairs import MEDICAID, MEDICARE
    from overturn.reference.dating import given_period
    from overturn.rulebook.payers import load_payers

    if owner not in {MEDICARE, MEDICAID, *(payer.key for payer in load_payers(DEFAULT_RULES).payers)}:
        raise typer.BadParameter(
            f"{owner!r} is no key of rules/payers.csv: add it there", param_hint="--owner"
        )
    if quarter is not None:
        try:
            given_period(quarter)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--quarter") from None


def _progress(what: str) -> Any:
    from rich.console import Console

    console = Console(stderr=True)
    return console.status(what)


def _print_import(done: "Imported", *, as_json: bool) -> None:
    import json
    from dataclasses import asdict

    about = done.about
    if as_json:
        document = {**asdict(about), "added": done.added, "path": str(done.path)}
        print(json.dumps(document, indent=1, ensure_ascii=False))
        return
    if not done.added:
        print(f"{about.file} is there already, as {done.path.name}: nothing was added.")
        return
    period = f"{about.effective_from} to {about.effective_to}"
    print(f"{about.file}: {about.rows} rows of {about.kind} for {period} ({_found_by(about.dated_by)}).")
    print(f"Kept in {done.path}. Remove that file to take the import back.")


def _found_by(dated_by: str) -> str:
    return {
        "given": "as you said",
        "name": "from the file's name",
        "header": "from its header",
        "rows": "from its newest row",
        "import": "as a list of today",
    }.get(dated_by, "assumed: the quarter of today; give --quarter to be sure")


def _tables(today: date) -> list[dict[str, Any]]:
    from overturn.reference.catalogue import all_tables
    from overturn.settings import reference_folder

    return all_tables(reference_folder(), today)


def _rows_of(kind: Any, key: str) -> list[dict[str, Any]]:
    from overturn.reference.layouts import LAYOUTS, Kind
    from overturn.reference.store import ReferenceFolder
    from overturn.settings import reference_folder

    column = LAYOUTS[kind].indexed[0]
    comparison = f"{column} LIKE '%' || ? || '%'" if kind is Kind.PAYER_RULES else f"{column} = ?"
    wanted = key if kind is Kind.PAYER_RULES else key.upper()
    return [
        {"source": table.source.name, "quarter": table.source.quarter, "row": row}
        for table in ReferenceFolder(reference_folder()).tables(kind)
        for row in table.select(f"SELECT * FROM entry WHERE {comparison}", (wanted,))  # noqa: S608 - our names
    ]
