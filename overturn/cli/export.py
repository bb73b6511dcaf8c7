"""`overturn export`: cases as files, for whoever works on them elsewhere or keeps them."""

import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from overturn.cli.database import ask
from overturn.cli.new_file import new_file

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class NoSuchCaseError(Exception):
    """A claim has no case; nothing is written."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("export")(export_cases)


def export_cases(
    claims: Annotated[
        list[str], typer.Argument(help="Claim numbers, ours or the payer's; the latest case of each.")
    ],
    *,
    out: Annotated[Path, typer.Option(dir_okay=False, help="The new file (ZIP). It holds patients' data.")],
) -> None:
    """Write cases with their letters, documents and proofs of sending to one new file."""
    with new_file(out) as file:
        files = ask(lambda session: _write(session, claims, file), NoSuchCaseError)
    typer.echo(f"{len(claims):,} cases in {files:,} files are written to {out}. It holds patients' data.")


async def _write(session: "AsyncSession", claims: list[str], out: IO[bytes]) -> int:
    from overturn.reporting.case_export import case_files
    from overturn.reporting.claim_cases import latest_case

    files = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in dict.fromkeys(claims):
            case = await latest_case(session, number)
            if case is None:
                raise NoSuchCaseError(f"no case has the claim number {number}; nothing was written")
            # The folder is named by the case: a claim number may name the patient.
            async for name, content in case_files(session, case.id):
                archive.writestr(f"case-{case.id}/{name}", content)
                files += 1
    return files
