"""`overturn classify`: every denial in 835 files with category, next step and evidence; nothing is stored.

Claims (837P) and their acknowledgements (277CA) among the files are what the remittances are read with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.rulebook import DEFAULT_RULES, FOUND_PROBLEMS, RulesFolder, open_rulebook
from overturn.cli.tables import reference_tables

if TYPE_CHECKING:
    from overturn.cli.claims_at_hand import ClaimsAtHand
    from overturn.domain.classification import Denial
    from overturn.domain.remittance import ClaimPayment, Remittance
    from overturn.rulebook import Rulebook


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("classify")(classify_files)


def classify_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False, readable=True)
    ],
    rules: RulesFolder = DEFAULT_RULES,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON, one object for each denial.")
    ] = False,
) -> None:
    """Find every denial in remittance files (835). Claims (837P) and acknowledgements (277CA) among the
    files prove more. Ends with 1 where a file could not be read in full."""
    from overturn.cli.claims_at_hand import gather_claims

    rulebook = open_rulebook(rules)
    denials: list[dict[str, Any]] = []
    ours = gather_claims(files)
    problems = ours.problems
    with reference_tables():
        for path in _with_progress([path for path in files if path not in ours.files]):
            denials += _denials_of(path, rulebook, ours, problems)
    if ours.files and len(ours.files) == len(files):
        problems.append("No file holds a remittance (835), so there is nothing to classify.")
    _print(denials, as_json=as_json)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(FOUND_PROBLEMS)


def _with_progress(files: Sequence[Path]) -> Iterator[Path]:
    if len(files) == 1:
        return iter(files)
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return iter(track(files, "Classifying", console=console, transient=True, disable=not console.is_terminal))


def _denials_of(
    path: Path, rulebook: "Rulebook", ours: "ClaimsAtHand", problems: list[str]
) -> Iterator[dict[str, Any]]:
    """The denials of one file; a transaction that cannot be trusted is left out and said so."""
    from overturn.x12 import read_transactions

    stream = read_transactions(path.read_bytes())
    remittances = 0
    for transaction in stream:
        problems += [f"{path}: {finding.message}" for finding in transaction.findings]
        if transaction.remittance:
            remittances += 1
            if transaction.postable:
                yield from _denials_in(transaction.remittance, path, rulebook, ours)
            else:
                held = (
                    f"The remittance {transaction.control_number} was not classified: see the problems above."
                )
                problems.append(f"{path}: {held}")
    problems += [f"{path}: {finding.message}" for finding in stream.findings]
    if not remittances:
        problems.append(f"{path}: The file holds no remittance (835), so there is nothing to classify.")


def _denials_in(
    remittance: "Remittance", path: Path, rulebook: "Rulebook", ours: "ClaimsAtHand"
) -> Iterator[dict[str, Any]]:
    from overturn.domain.classification import classify

    for claim in remittance.claims:
        payer = rulebook.payers.resolve(
            name=remittance.payer.name,
            identifier=remittance.payer.identifier,
            filing_indicator=claim.filing_indicator,
        )
        decision = classify(
            claim,
            table=rulebook.denials,
            payer=payer,
            submitted=ours.submitted.get(claim.patient_control_number or ""),
            paid_on=remittance.payment_on,
            record=ours.record(claim),
        )
        for denial in decision.denials:
            yield {"file": str(path), **_shape(claim, denial, rulebook, payer.key)}


def _shape(
    claim: "ClaimPayment", denial: "Denial", rulebook: "Rulebook", payer_key: str | None
) -> dict[str, Any]:
    from overturn.domain.priority import expect_recovery

    prior = rulebook.priorities.find_prior(category=denial.category, action=denial.action)
    return {
        "patient_control_number": claim.patient_control_number,
        "line": denial.line,
        "category": denial.category,
        "cause": denial.cause,
        "action": denial.action,
        "appealable": denial.appealable,
        "preventable": denial.preventable,
        "denied_amount": str(denial.denied_amount),
        "unpriced_amount": str(denial.unpriced_amount),
        "expected_recovery_amount": str(expect_recovery(denial.denied_amount, prior.probability)),
        "rule": asdict(denial.rule),
        "evidence": [asdict(evidence) for evidence in denial.evidence],
        "explanation": denial.explanation,
        "guardrail": denial.guardrail,
        "confidence": denial.confidence,
        "confidence_reason": denial.confidence_reason,
        "queue": _queue(denial, rulebook, payer_key),
        "playbook": list(denial.steps),
        "reasoning": asdict(denial.reasoning),
        "proof": asdict(denial.proven) if denial.proven else None,
    }


def _queue(denial: "Denial", rulebook: "Rulebook", payer_key: str | None) -> str:
    """Days left are the case's, by the day it is opened: a row that asks for them does not fit here."""
    from overturn.domain.routing import Routed

    denied = Routed(
        category=denial.category,
        action=denial.action,
        confidence=denial.confidence,
        payer_key=payer_key,
        amount=denial.denied_amount,
        route=denial.route,
    )
    return rulebook.routing.choose_queue(denied).key


def _print(denials: list[dict[str, Any]], *, as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps(denials, ensure_ascii=False, indent=1))
        return
    for denial in denials:
        print(f"{denial['patient_control_number'] or 'no control number'}  {denial['explanation']}")
        print(f"  {denial['category']} / {denial['cause']} -> {denial['action']}  [{denial['rule']['id']}]")
        print(f"  {denial['reasoning']['sentence']}")
        print(f"  Confidence {denial['confidence']}: {denial['confidence_reason']}.")
        if denial["guardrail"]:
            print(f"  Mind: {denial['guardrail']}.")
    print("1 denial." if len(denials) == 1 else f"{len(denials)} denials.")
