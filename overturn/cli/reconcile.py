"""`overturn reconcile`: the proof that every billed dollar is paid, adjusted or open, and in one place only.

With `--json` it answers one object; amounts are strings of US dollars, `null` where something has no claim:

- `holds`: whether every claim and the ledger hold (the exit code is 0 then, else 1)
- `claims`: how many were settled again from their remittances
- `in_flight`: events and cases the system has yet to handle; while it is not 0, problems may go by themselves
- `ledger`: `billed`, `paid`, `adjusted`, `open`, `taken_back` (a part of `open`), `difference`
- `payments`: `payments` (BPR02), `paid`, `provider_level`, `unexplained`, `difference`
- `provider_money`: PLB pairs that name no claim, at most 200, the newest first: `reason`, `reference`,
  `amount`, `payer_name`, `trace_number`, `payment_on`, `file_name`, `segment_index`
- `problems`: each with `check` (adjustments, standing, balance, cases, ledger), `claim_number`, `claim_id`,
  `case_id`, `amount`, `problem` (what does not hold), `remedy` (what to look for), `places` (file, segment)
- `imbalances`: each with `level` (line, claim, remittance), `amount`, `file_name`, `file_sha256`,
  `segment_index`, `claim_number`, `line_number`, `trace_number`, `payment_on`, `words`
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.database import ask
from overturn.cli.rulebook import DEFAULT_RULES, FOUND_PROBLEMS, RulesFolder, open_rulebook

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.reporting.imbalances import ImbalanceFacts
    from overturn.reporting.provider_money import ProviderMoney
    from overturn.reporting.reconciliation import Problem, Reconciliation
    from overturn.rulebook import Rulebook

PATIENCE_SECONDS = 1.0


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("reconcile")(reconcile)


def reconcile(
    rules: RulesFolder = DEFAULT_RULES,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Prove that billed = paid + adjusted + open, claim by claim. Ends with 1 where a claim does not hold."""
    rulebook = _deciding(rules)
    found = ask(lambda session: _prove(session, rulebook))
    _print(found, as_json=as_json)
    raise typer.Exit(0 if found.holds else FOUND_PROBLEMS)


def _deciding(rules: Path) -> "Rulebook":
    """The rules that decided: unless others are named, the published ones, where there are any."""
    from overturn.rule_sets import RulesInForce

    rulebook = open_rulebook(rules)
    return ask(RulesInForce(rulebook).current) if rules == DEFAULT_RULES else rulebook


async def _prove(session: "AsyncSession", rulebook: "Rulebook") -> "Reconciliation":
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    from overturn.reporting.reconciliation import reconcile as prove

    bars = Bars(TextColumn("Settling again"), BarColumn(), MofNCompleteColumn(), console=_console())
    try:
        return await prove(session, payers=rulebook.payers, denials=rulebook.denials, progress=_patient(bars))
    finally:
        if bars.live.is_started:
            bars.stop()


def _patient(bars: Any) -> Callable[[int, int], None]:
    """A bar that only shows itself to who has waited a second."""
    task = bars.add_task("claims")
    shown_from = time.monotonic() + PATIENCE_SECONDS

    def told(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)
        if time.monotonic() > shown_from and bars.console.is_terminal:
            bars.start()

    return told


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def _print(found: "Reconciliation", *, as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps(_document(found), indent=1, ensure_ascii=False))
        return
    for problem in found.problems:
        _print_problem(problem)
    if found.imbalances:
        print("What payers' own figures leave unexplained:")
    for imbalance in found.imbalances:
        print(f"  {imbalance.file_name}: {imbalance.words}")
    if found.in_flight:
        print(
            f"{found.in_flight} events or cases are still being worked on; run it again when they are done."
        )
    for money in found.provider_money:
        print(
            f"Outside any claim: {money.file_name}, segment {money.segment_index} (PLB {money.reason}), "
            f"reference {money.reference or '(none)'}: {money.amount:,.2f}"
        )
    print(found.payments)
    print(found.ledger)
    print(_verdict(found))


def _print_problem(problem: "Problem") -> None:
    fault = problem.fault
    whose = f"Claim {problem.claim_number}" if problem.claim_id else "Ledger"
    print(f"{whose}: {fault.words} ({fault.amount:.2f}).")
    if problem.places:
        print(f"  Look at: {'; '.join(problem.places)}")
    if fault.case_id:
        print(f"  Case: /cases/{fault.case_id}")
    print(f"  Likely: {fault.remedy}.")


def _verdict(found: "Reconciliation") -> str:
    if found.holds:
        return f"All {found.claims:,} claims hold: every billed dollar is paid, adjusted or open, once."
    wrong = len({p.claim_id for p in found.problems if p.claim_id})
    return f"{wrong:,} of {found.claims:,} claims do not hold (problems: {len(found.problems):,})."


def _document(found: "Reconciliation") -> dict[str, Any]:
    money = found.ledger
    amounts = ("billed", "paid", "adjusted", "open", "taken_back", "difference")
    parts = ("payments", "paid", "provider_level", "unexplained", "difference")
    return {
        "holds": found.holds,
        "claims": found.claims,
        "in_flight": found.in_flight,
        "ledger": {name: str(getattr(money, name)) for name in amounts},
        "payments": {name: str(getattr(found.payments, name)) for name in parts},
        "provider_money": [_provider_money_document(money) for money in found.provider_money],
        "problems": [_problem_document(problem) for problem in found.problems],
        "imbalances": [_imbalance_document(imbalance) for imbalance in found.imbalances],
    }


def _problem_document(problem: "Problem") -> dict[str, Any]:
    fault = problem.fault
    return {
        "check": fault.check,
        "claim_number": problem.claim_number,
        "claim_id": str(problem.claim_id) if problem.claim_id else None,
        "case_id": str(fault.case_id) if fault.case_id else None,
        "amount": str(fault.amount),
        "problem": fault.words,
        "remedy": fault.remedy,
        "places": problem.places,
    }


def _provider_money_document(money: "ProviderMoney") -> dict[str, Any]:
    return {
        "reason": money.reason,
        "reference": money.reference,
        "amount": str(money.amount),
        "payer_name": money.payer_name,
        "trace_number": money.trace_number,
        "payment_on": money.payment_on.isoformat() if money.payment_on else None,
        "file_name": money.file_name,
        "segment_index": money.segment_index,
    }


def _imbalance_document(imbalance: "ImbalanceFacts") -> dict[str, Any]:
    paid_on = imbalance.payment_on
    return asdict(imbalance) | {
        "amount": str(imbalance.amount),
        "payment_on": paid_on.isoformat() if paid_on else None,
        "words": imbalance.words,
    }
