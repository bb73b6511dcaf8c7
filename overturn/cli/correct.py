"""`overturn correct`: one claim of an 837P again, to replace what the payer has or to take it back."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from overturn.domain.resubmission import Corrections, LineCorrection
    from overturn.domain.submission import SubmittedClaim

REFUSED = 1


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("correct")(correct_claim)


def correct_claim(
    file: Annotated[Path, typer.Argument(metavar="FILE.837", exists=True, dir_okay=False, readable=True)],
    *,
    claim: Annotated[str, typer.Option(help="Patient control number (CLM01).")],
    payer_claim_control_number: Annotated[str, typer.Option(help="CLP07 of the remittance.")],
    control_number: Annotated[
        int, typer.Option(min=1, max=999_999_999, help="Of the new interchange; never used before.")
    ],
    out: Annotated[Path, typer.Option(dir_okay=False, help="A new file to write to.")],
    void: Annotated[
        bool, typer.Option("--void", help="Take the claim back instead of replacing it.")
    ] = False,
    modifier: Annotated[
        list[str] | None, typer.Option(metavar="LINE:MODIFIER", help="Add it to the line; may be repeated.")
    ] = None,
    remove_modifier: Annotated[
        list[str] | None, typer.Option(metavar="LINE:MODIFIER", help="Take it away; may be repeated.")
    ] = None,
    rendering_npi: Annotated[str | None, typer.Option(help="The right NPI of the same therapist.")] = None,
    authorization: Annotated[str | None, typer.Option(help="Prior authorization number (REF*G1).")] = None,
) -> None:
    """Write a replacement (frequency 7) or a void (frequency 8) of one claim, between the same parties."""
    from overturn.cli.new_file import write_new
    from overturn.domain.resubmission import Frequency, Resubmission
    from overturn.x12.writing import ClaimFileError, envelope_like, write_resubmissions

    corrections = _corrections(modifier or [], remove_modifier or [], rendering_npi, authorization)
    frequency = Frequency.VOID if void else Frequency.REPLACEMENT
    data = file.read_bytes()
    original = _find(data, claim, file)
    try:
        envelope = envelope_like(
            data,
            control_number=control_number,
            batch_reference=f"CORRECTION{control_number}",
            written_at=datetime.now().astimezone(),
        )
        resubmission = Resubmission(original, frequency, payer_claim_control_number, corrections)
        write_new(out, write_resubmissions([resubmission], envelope))
    except ClaimFileError as refused:
        for fault in refused.faults:
            typer.echo(fault, err=True)
        raise typer.Exit(REFUSED) from None
    done = "void" if void else "replacement"
    typer.echo(f"The {done} of claim {claim} (frequency {frequency}) is written to {out}.")


def _find(data: bytes, number: str, file: Path) -> "SubmittedClaim":
    from overturn.domain.submission import SubmittedClaim
    from overturn.x12 import read_file

    contents = (t.content for t in read_file(data).transactions if isinstance(t.content, list))
    claims = [c for content in contents for c in content if isinstance(c, SubmittedClaim)]
    found = [c for c in claims if c.patient_control_number == number]
    if len(found) == 1:
        return found[0]
    reason = (
        f"{file} holds {len(found) or 'no'} claim{'s' if found else ''} {number}, of {len(claims)} in all"
    )
    raise typer.BadParameter(reason, param_hint="--claim")


def _corrections(
    added: list[str], removed: list[str], rendering_npi: str | None, authorization: str | None
) -> "Corrections":
    from overturn.domain.remittance import Party
    from overturn.domain.resubmission import Corrections

    provider = None if rendering_npi is None else Party(identifier=rendering_npi)
    return Corrections(tuple(_line_corrections(added, removed)), provider, authorization)


def _line_corrections(added: list[str], removed: list[str]) -> "list[LineCorrection]":
    from overturn.domain.resubmission import LineCorrection

    to_add = [_line_and_modifier(text, "--modifier") for text in added]
    to_remove = [_line_and_modifier(text, "--remove-modifier") for text in removed]
    return [
        LineCorrection(
            line,
            add_modifiers=tuple(m for number, m in to_add if number == line),
            remove_modifiers=tuple(m for number, m in to_remove if number == line),
        )
        for line in sorted({number for number, _ in (*to_add, *to_remove)})
    ]


def _line_and_modifier(text: str, option: str) -> tuple[int, str]:
    line, colon, modifier = text.partition(":")
    if not colon or not (line.isascii() and line.isdigit()):
        raise typer.BadParameter(f"{text} is not a line and a modifier such as 2:KX", param_hint=option)
    return int(line), modifier
