"""`overturn deadline`: by when something has to reach a payer, with every step of the arithmetic."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from overturn.cli.rulebook import DEFAULT_RULES, RulesFolder, open_rulebook

if TYPE_CHECKING:
    from overturn.domain.deadlines import DeadlineAnswer, StartDates
    from overturn.rulebook import Rulebook

UNKNOWN = 1
YEARS_AHEAD = 6  # the longest window is four years
Kind: TypeAlias = Literal[
    "claim",
    "corrected_claim",
    "appeal",
    "reopening",
    "good_cause_reopening",
    "clerical_reopening",
    "records",
    "recoupment_rebuttal",
    "recoupment_stop",
    "repayment",
    "upic_records",
]
"""The values of DeadlineKind, which is not imported before a deadline is asked for."""

FROM_SERVICE = frozenset({"claim", "corrected_claim"})
DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("deadline")(answer_deadline)


def answer_deadline(
    *,
    payer: Annotated[str, typer.Option(help="Payer key of rules/payers.csv, or its name.")],
    kind: Annotated[Kind, typer.Option(help="What has to arrive.")],
    start: Annotated[
        datetime,
        typer.Option(
            "--from", formats=DAY, help="Date of service for claims, else of the remittance answered."
        ),
    ],
    lob: Annotated[str | None, typer.Option(help="Line of business; the payer's own when left out.")] = None,
    level: Annotated[int, typer.Option(min=1, help="Level of the appeal.")] = 1,
    received: Annotated[datetime | None, typer.Option(formats=DAY, help="Proven date of receipt.")] = None,
    service_date: Annotated[
        datetime | None, typer.Option(formats=DAY, help="For appeals counted from the date of service.")
    ] = None,
    first_remittance: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Date of the original remittance.")
    ] = None,
    state: Annotated[str | None, typer.Option(help="State whose rule applies, as TX.")] = None,
    rules: RulesFolder = DEFAULT_RULES,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Derive one deadline and show how. Ends with 1 where the window is unknown."""
    from overturn.domain.deadlines import StartDates, UnknownDeadline

    starts = StartDates(
        service_on=start.date() if kind in FROM_SERVICE else _day(service_date),
        notice_on=_day(first_remittance) if kind in FROM_SERVICE else start.date(),
        received_on=_day(received),
        first_notice_on=_day(first_remittance),
    )
    answer = _derive(open_rulebook(rules), kind, payer, lob, starts=starts, level=level, state=state)
    _print(answer, as_json=as_json)
    if isinstance(answer, UnknownDeadline):
        raise typer.Exit(UNKNOWN)


def _derive(
    rulebook: "Rulebook",
    kind: Kind,
    payer: str,
    line_of_business: str | None,
    *,
    starts: "StartDates",
    level: int,
    state: str | None,
) -> "DeadlineAnswer":
    from overturn.domain.deadlines import DeadlineKind, derive_deadline
    from overturn.rulebook.holidays import federal_holidays, state_holidays

    known = rulebook.payers.find(payer)
    year = max(day.year for day in (starts.service_on, starts.notice_on, starts.received_on) if day)
    return derive_deadline(
        DeadlineKind(kind),
        windows=rulebook.filing_windows,
        payer_key=known.key if known else None,
        line_of_business=line_of_business or (known.line_of_business if known else None),
        starts=starts,
        level=level,
        state=state,
        holidays=federal_holidays(year - 1, year + YEARS_AHEAD),
        state_holidays=state_holidays(state, year - 1, year + YEARS_AHEAD),
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _print(answer: "DeadlineAnswer", *, as_json: bool) -> None:
    import json

    from overturn.domain.deadlines import Deadline, OpenDeadline, UnknownDeadline, deadline_document

    if as_json:
        print(json.dumps(deadline_document(answer), indent=1))
        return
    match answer:
        case UnknownDeadline(missing=missing):
            print(f"Unknown: {missing}.")
        case OpenDeadline(level_name=name, because=because):
            print(f"{name}: no last day; {because}.")
        case Deadline():
            print(f"{answer.level_name}: received by {answer.due_on}, done by {answer.safe_on}.")
            for step in answer.derivation:
                print(f"  {step.date}  {step.step}: {step.because}")
            print(f"Rule {answer.rule.id}, confidence {answer.rule.confidence}.")
