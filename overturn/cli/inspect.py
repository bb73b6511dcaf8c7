"""`overturn inspect`: what X12 files say and what is wrong with them, without storing anything."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from overturn.x12 import Transaction, X12File
    from overturn.x12.shape import Shape

FOUND_PROBLEMS = 1


def inspect_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)],
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Read X12 files (835, 837P, 277CA, 999) and report what is in them. Nothing is stored."""
    import hashlib
    import json

    from overturn.x12 import read_file

    shapes: list[Shape] = []
    problems = False
    for path in files:
        data = path.read_bytes()
        file = read_file(data)
        problems = problems or bool(file.all_findings)
        if as_json:
            shapes.append(_shape(file, path, hashlib.sha256(data).hexdigest()))
        else:
            _show(file, path)
    if as_json:
        print(json.dumps(shapes[0] if len(shapes) == 1 else shapes, indent=1))
    if problems:
        raise typer.Exit(FOUND_PROBLEMS)


def _shape(file: "X12File", path: Path, sha256: str) -> "Shape":
    from overturn.x12.shape import file_shape

    return file_shape(file, name=str(path), sha256=sha256)


def _show(file: "X12File", path: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console()
    console.print(_table(file, path))
    for finding in file.all_findings:
        console.print(Text(_printable(f"{finding.severity}: {finding.message}")), soft_wrap=True)
    if not file.postable:
        console.print("Not all of this file can be posted: see the fatal problems above.", style="bold")
    console.print()


def _table(file: "X12File", path: Path) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(_printable(str(path))), title_justify="left")
    for heading in (
        "Type",
        "Control number",
        "From",
        "Trace number",
        "Claims",
        "Payment",
        "Balanced",
        "Postable",
    ):
        table.add_column(heading, justify="right" if heading in {"Claims", "Payment"} else "left")
    for transaction in file.transactions:
        table.add_row(*(Text(_printable(cell)) for cell in _cells(transaction)))
    return table


def _cells(transaction: "Transaction") -> list[str]:
    from overturn.x12.shape import money

    remittance = transaction.remittance
    postable = "yes" if transaction.postable else "no"
    if remittance is None:
        content = transaction.content
        count = str(len(content)) if isinstance(content, list) else ""
        return [transaction.type, transaction.control_number, "", "", count, "", "", postable]
    return [
        transaction.type,
        transaction.control_number,
        remittance.payer.name or "",
        remittance.trace_number or "",
        str(len(remittance.claims)),
        money(remittance.payment_amount) or "",
        "yes" if remittance.balance.balanced else "no",
        postable,
    ]


def _printable(text: str) -> str:
    """A file's text must not move the terminal's cursor or turn it red."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
