"""`overturn generate`: a synthetic month of a therapy practice, with the truth to hold results against."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from overturn.synthetic.month import Month
    from overturn.synthetic.truth import Truth

FEWEST_CLAIMS = 40
"""`overturn.synthetic.scenarios.FEWEST_CLAIMS`, repeated so that `--help` need not import the generator."""


def register(app: typer.Typer) -> None:
    app.command("generate")(generate)


def generate(
    *,
    claims: Annotated[int, typer.Option(min=FEWEST_CLAIMS, help="How many claims the practice submits.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")],
    out: Annotated[Path, typer.Option(file_okay=False, help="A new or empty folder to write to.")],
    month: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m"], metavar="YYYY-MM", help="The month of service.", show_default="2026-09"
        ),
    ] = datetime(2026, 9, 1),  # noqa: DTZ001 - a calendar month has no time zone
    adversarial: Annotated[
        bool,
        typer.Option("--adversarial", help="Add odd claims and files on purpose; truth.json names each."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print files and totals as JSON.")] = False,
) -> None:
    """Write a synthetic month of a PT/OT practice: 837P, 277CA and 835 files, and truth.json."""
    from overturn.synthetic.month import make_month

    generated = make_month(claims=claims, seed=seed, month=month.date(), adversarial=adversarial)
    try:
        if out.exists() and any(out.iterdir()):
            raise typer.BadParameter(f"{out} is not empty: name a new folder", param_hint="--out")
        _write(generated, out)
    except OSError as error:
        reason = f"{error.filename or out} cannot be written: {error.strerror}. Name a folder of your own."
        raise typer.BadParameter(reason, param_hint="--out") from None
    _print(generated.truth(), out, as_json=json)


def _write(generated: "Month", out: Path) -> None:
    from rich.console import Console
    from rich.progress import track

    from overturn.synthetic.month import write_month

    written, total = write_month(generated, out), len(generated.files) + 1
    for _ in track(written, "Writing files", total=total, console=Console(stderr=True), transient=True):
        pass


def _print(truth: "Truth", out: Path, *, as_json: bool) -> None:
    import json

    from rich.console import Console

    if as_json:
        print(json.dumps({"directory": str(out), "files": truth["files"], "totals": truth["totals"]}))
        return
    Console().print(_table(truth))
    print(f"Written to {out}; what is true of it is in truth.json.")


def _table(truth: "Truth") -> "Table":
    from collections import Counter

    from rich.table import Table

    totals = truth["totals"]
    table = Table("", "number", "dollars", title="Synthetic month")
    for kind, number in Counter(file["kind"] for file in truth["files"]).items():
        table.add_row(f"{kind} files", str(number), "")
    table.add_row("claims submitted", str(totals["claims_submitted"]), totals["billed"])
    for category, denied in totals["denied_by_category"].items():
        table.add_row(f"denied: {category}", str(denied["claims"]), denied["amount"])
    table.add_row("denied claims (cases)", str(totals["cases"]), "")
    table.add_row("  of them paid after all", str(totals["recovered_cases"]), totals["recovered_amount"])
    table.add_row("payments", str(totals["remittances"]), totals["payments_total"])
    return table
