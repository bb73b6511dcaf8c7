"""`overturn scrub`: what will be denied about the claims of an 837P, before they are sent."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.rulebook import DEFAULT_RULES, FOUND_PROBLEMS, RulesFolder, open_rulebook
from overturn.cli.tables import reference_tables

if TYPE_CHECKING:
    from overturn.domain.deadlines import DeadlineAnswer
    from overturn.domain.payers import PayerContext
    from overturn.domain.submission import SubmittedClaim
    from overturn.domain.therapy_threshold import Used
    from overturn.reference.scrubbing import ScrubLookups
    from overturn.rulebook import Rulebook

USED_COLUMNS = ("member_id", "bucket", "used_amount")
YEARS_AHEAD = 3


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("scrub")(scrub_file)


def scrub_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.837", exists=True, dir_okay=False, readable=True)],
    *,
    locality: Annotated[
        str, typer.Option(help="Whose fees count towards the therapy threshold, as CA 01182-18.")
    ] = "National",
    used: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV of member_id, bucket (pt_slp or ot), used_amount: allowed this year before.",
        ),
    ] = None,
    today: Annotated[
        datetime | None, typer.Option("--today", formats=["%Y-%m-%d"], help="For the filing window.")
    ] = None,
    rules: RulesFolder = DEFAULT_RULES,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Check claims before they are billed. Ends with 1 where one has an error or the file cannot be read."""
    from overturn.domain.practice_day import practice_date
    from overturn.reference.scrubbing import ScrubLookups
    from overturn.settings import reference_folder

    claims, problems = _claims(file)
    day = today.date() if today else practice_date(datetime.now(UTC))
    rulebook = open_rulebook(rules)
    with reference_tables():
        lookups = ScrubLookups.load(reference_folder(), locality)
        documents = list(_scrubbed(claims, rulebook, lookups, _used(used), day))
    answer = {"file": str(file), "claims": documents, "notes": _notes(claims, lookups), "errors": problems}
    _print(answer, as_json=as_json)
    findings = [finding for document in documents for finding in document["findings"]]
    if problems or any(finding["severity"] == "error" for finding in findings):
        raise typer.Exit(FOUND_PROBLEMS)


def _claims(file: Path) -> "tuple[list[SubmittedClaim], list[str]]":
    from overturn.domain.submission import SubmittedClaim
    from overturn.x12 import read_file

    read = read_file(file.read_bytes())
    contents = (t.content for t in read.transactions if isinstance(t.content, list))
    claims = [claim for content in contents for claim in content if isinstance(claim, SubmittedClaim)]
    problems = [finding.message for finding in read.all_findings]
    if not claims:
        problems.append("The file holds no claims (837P), so there is nothing to scrub.")
    return claims, problems


def _scrubbed(
    claims: "Sequence[SubmittedClaim]",
    rulebook: "Rulebook",
    lookups: "ScrubLookups",
    used: "Used",
    today: date,
) -> Iterator[dict[str, Any]]:
    from overturn.domain.claim_scrub import ClaimToScrub, scrub_claim
    from overturn.domain.payers import MEDICARE_FFS
    from overturn.domain.therapy_threshold import threshold_findings

    payers = [_payer(claim, rulebook) for claim in claims]
    counted = {n: c for n, c in enumerate(claims) if payers[n].line_of_business == MEDICARE_FFS}
    above = threshold_findings(list(counted.values()), lookups.threshold_tables(), used)
    missing_kx = dict(zip(counted, (above.get(place, []) for place in range(len(counted))), strict=True))
    holidays = _holidays(claims)
    for number, (claim, payer) in enumerate(zip(claims, payers, strict=True)):
        filing = _filing(claim, payer, rulebook, holidays)
        found = scrub_claim(ClaimToScrub(claim, payer, lookups.claim_tables(), today, filing))
        findings = sorted([*found, *missing_kx.get(number, [])], key=lambda finding: finding.line or 0)
        yield {
            "patient_control_number": claim.patient_control_number,
            "findings": [asdict(finding) for finding in findings],
        }


def _payer(claim: "SubmittedClaim", rulebook: "Rulebook") -> "PayerContext":
    return rulebook.payers.resolve(
        name=claim.payer.name, identifier=claim.payer.identifier, filing_indicator=claim.filing_indicator
    )


def _holidays(claims: "Sequence[SubmittedClaim]") -> frozenset[date]:
    from overturn.rulebook.holidays import federal_holidays

    years = [line.service_on.year for claim in claims for line in claim.lines if line.service_on]
    return frozenset(federal_holidays(min(years), max(years) + YEARS_AHEAD)) if years else frozenset()


def _filing(
    claim: "SubmittedClaim", payer: "PayerContext", rulebook: "Rulebook", holidays: frozenset[date]
) -> "DeadlineAnswer | None":
    """By when a first claim has to be there; corrected claims are counted from elsewhere."""
    from overturn.domain.deadlines import DeadlineKind, StartDates, derive_deadline

    first = min((line.service_on for line in claim.lines if line.service_on), default=None)
    if first is None or claim.frequency_code not in {"1", None}:
        return None
    return derive_deadline(
        DeadlineKind.CLAIM,
        windows=rulebook.filing_windows,
        payer_key=payer.key,
        line_of_business=payer.line_of_business,
        starts=StartDates(service_on=first),
        state=payer.state,
        holidays=holidays,
    )


def _used(path: Path | None) -> "Used":
    from overturn.domain.therapy_threshold import Bucket
    from overturn.rulebook import RulebookError
    from overturn.rulebook.cells import check_unique, read_rows

    if path is None:
        return {}
    try:
        rows = read_rows(path, USED_COLUMNS)
        check_unique(rows, "member_id", "bucket")
        return {
            (row.text("member_id"), row.choice("bucket", Bucket)): row.decimal("used_amount") for row in rows
        }
    except RulebookError as error:
        raise typer.BadParameter(str(error), param_hint="--used") from None


def _notes(claims: "Sequence[SubmittedClaim]", lookups: "ScrubLookups") -> list[str]:
    """What to know of the tables that were asked, once each."""
    days = {line.service_on for claim in claims for line in claim.lines if line.service_on}
    if not days:
        return []
    latest = max(days)
    ends = [source.effective_to for source in lookups.edits.sources if source.owner == "medicare"]
    newest = max(ends)
    if latest <= newest:
        return []
    stale = (
        f"The newest NCCI tables at hand end on {newest}, and the claims go up to {latest}: edits may be "
        "missing or over. Import the current quarter with `overturn reference import`."
    )
    return [stale]


def _print(answer: dict[str, Any], *, as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps(answer, indent=1))
        return
    for claim in answer["claims"]:
        for finding in claim["findings"]:
            line = f", line {finding['line']}" if finding["line"] else ""
            place = f"{claim['patient_control_number']}{line}"
            print(f"{finding['severity']}: {place}: {finding['message']}")
            print(f"  {finding['fix']}  [{finding['rule']}; {finding['source']}]")
    clean = sum(1 for claim in answer["claims"] if not claim["findings"])
    print(f"{len(answer['claims'])} claims, {clean} without a finding.")
    for note in (*answer["notes"], *answer["errors"]):
        typer.echo(note, err=True)
