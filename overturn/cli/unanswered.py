"""`overturn unanswered`: claims a payer should have answered by now, and the 276 that asks after them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.database import ask
from overturn.cli.rulebook import DEFAULT_RULES, RulesFolder, open_rulebook

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.reporting.unanswered import UnansweredClaim
    from overturn.rulebook import Rulebook
    from overturn.x12.status_request import StatusInquiry

REFUSED = 1


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("unanswered")(list_unanswered)


def list_unanswered(
    rules: RulesFolder = DEFAULT_RULES,
    *,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a 276 that asks after them to this new file.")
    ] = None,
    sender: Annotated[str, typer.Option(help="ISA06 of the 276, as agreed with its receiver.")] = "",
    receiver: Annotated[str, typer.Option(help="ISA08 of the 276.")] = "",
    control_number: Annotated[
        int, typer.Option(min=0, max=999_999_999, help="Of the new interchange; never used before.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """List claims a payer has not answered within its usual time; `--out` writes the question (276)."""
    if out and not (sender and receiver and control_number):
        raise typer.BadParameter("--out needs --sender, --receiver and --control-number", param_hint="--out")
    rulebook = open_rulebook(rules)
    found, inquiries = ask(lambda session: _find(session, rulebook))
    _print(found, as_json=as_json)
    if out and found:
        _write(out, inquiries, sender, receiver, control_number)


async def _find(
    session: "AsyncSession", rulebook: "Rulebook"
) -> "tuple[list[UnansweredClaim], list[StatusInquiry]]":
    from overturn.db.submissions import latest_submissions
    from overturn.domain.practice_day import practice_date
    from overturn.reporting.unanswered import unanswered_claims
    from overturn.x12.status_request import StatusInquiry

    today = practice_date(datetime.now().astimezone())
    found = await unanswered_claims(session, times=rulebook.answer_times, payers=rulebook.payers, today=today)
    sent = await latest_submissions(session, [one.claim.claim_id for one in found])
    return found, [
        StatusInquiry(sent[one.claim.claim_id], one.claim.payer_claim_control_number) for one in found
    ]


def _write(
    out: Path, inquiries: "list[StatusInquiry]", sender: str, receiver: str, control_number: int
) -> None:
    from overturn.cli.new_file import write_new
    from overturn.x12.status_request import write_status_requests
    from overturn.x12.writing import ClaimFileError, Envelope

    reference, now = f"STATUS{control_number}", datetime.now().astimezone()
    try:
        data = write_status_requests(inquiries, Envelope(sender, receiver, control_number, reference, now))
    except ClaimFileError as refused:
        for fault in refused.faults:
            typer.echo(fault, err=True)
        raise typer.Exit(REFUSED) from None
    write_new(out, data)
    typer.echo(f"A 276 that asks after them is written to {out}.", err=True)


def _print(found: "list[UnansweredClaim]", *, as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps([_document(one) for one in found], indent=1, ensure_ascii=False))
        return
    for one in found:
        claim, silence = one.claim, one.silence
        print(
            f"{claim.claim_number}  {claim.payer_name or 'payer not named'}  {claim.charge_amount:,.2f}  "
            f"sent {claim.sent_on}, answer due {silence.answer_due_on} ({silence.days_over} days ago)"
            + ("" if claim.acknowledgement else ", not even acknowledged")
        )
    total = sum(one.claim.charge_amount for one in found)
    print(f"{len(found):,} claims unanswered, {total:,.2f} billed." if found else "No claim is unanswered.")


def _document(one: "UnansweredClaim") -> dict[str, Any]:
    claim, silence = one.claim, one.silence
    return {
        "patient_control_number": claim.claim_number,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "payer": claim.payer_name,
        "charge_amount": str(claim.charge_amount),
        "sent_on": claim.sent_on.isoformat(),
        "acknowledged": claim.acknowledgement == "accepted",
        "answer_due_on": silence.answer_due_on.isoformat(),
        "days_over": silence.days_over,
        "rule": {"days": silence.rule.days, "source": silence.rule.source},
    }
