"""`overturn work-state`: the whole record out into one file, and in again on another machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overturn.cli.database import ask
from overturn.cli.new_file import new_file

if TYPE_CHECKING:
    from overturn.work_state import Manifest

STARTED = "The case worker starts the open cases within ten minutes; see `overturn cases stuck`."


def register(app: typer.Typer) -> None:
    """Add the `work-state` commands."""
    work_state = typer.Typer(help="The whole record out into one file, and in again.", no_args_is_help=True)
    work_state.command("export")(export)
    work_state.command("import")(take_in)
    app.add_typer(work_state, name="work-state")


def export(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="The new file (ZIP). It holds patients' data.")],
) -> None:
    """Write claims, cases, letters, proofs, rules and accounts as they are at this moment."""
    from overturn.work_state import export_work_state

    with new_file(out) as file:
        manifest = ask(lambda session: export_work_state(session, file, progress=_show))
    _tell(manifest, f"written to {out}, readable by you alone. It holds patients' data.")


def take_in(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file of `work-state export`.")],
) -> None:
    """Take a file of work state into an empty database: all of it, or nothing."""
    from overturn.work_state import WorkStateError, import_work_state

    manifest = ask(lambda session: import_work_state(session, path, progress=_show), WorkStateError)
    _tell(manifest, f"taken in. {STARTED}")


def _show(table: str, rows: int) -> None:
    typer.echo(f"{table}: {rows:,}", err=True)


def _tell(manifest: "Manifest", what: str) -> None:
    typer.echo(f"{manifest.rows:,} rows of {len(manifest.tables)} tables {what}")
