"""`overturn ingest`: files and folders into the running system."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

HELD_BACK: Final = {"quarantined", "partly_posted"}


def register(app: typer.Typer) -> None:
    app.command("ingest")(ingest)


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="X12, ZIP or gzip files, or folders of them.", exists=True)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipts as JSON.")] = False,
) -> None:
    """Post 835, 837P, 277CA and 999 files, also in ZIP or gzip; what came before changes nothing."""
    from rich.progress import Progress

    from overturn.ingest_client import IngestClient, IngestError, files_in
    from overturn.settings import SettingsError, load_settings

    files = list(files_in(paths))
    if not files:
        typer.echo(f"no files in {', '.join(map(str, paths))}", err=True)
        raise typer.Exit(2)
    receipts: list[dict[str, Any]] = []
    stopped = False
    try:
        with (
            IngestClient(load_settings()) as client,
            Progress(console=_console(), transient=True) as shown,
        ):
            task = shown.add_task("", total=1.0)
            for number, path in enumerate(files, start=1):
                place = f"{number} of {len(files)}, {path.name}"

                def told(words: str, share: float, place: str = place) -> None:
                    shown.update(task, description=f"{place}: {words}", completed=share)

                receipts.append(client.send(path, told))
                if not as_json:
                    _say(receipts[-1])
    except (IngestError, SettingsError) as error:
        typer.echo(str(error), err=True)
        stopped = True
    if as_json:
        print(json.dumps(receipts, indent=2))
    raise typer.Exit(1 if stopped or any(r["state"] in HELD_BACK for r in receipts) else 0)


def _say(receipt: dict[str, Any]) -> None:
    """What became of a file; of an archive, also of each file in it."""
    for told in (receipt, *receipt.get("members", ())):
        typer.echo(f"{told['file_name']}: {told['message']}")


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)
