"""The demo's summary as a person reads it."""

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from overturn.demo.agreement import Figure
from overturn.reporting.summary import Summary


def print_summary(console: Console, summary: Summary) -> None:
    """Files, claims, dollars, denials by category, cases, letters, next deadlines and the ledger line."""
    console.print(_counts(summary))
    console.print(_denials(summary))
    console.print(_deadlines(summary))
    console.print(str(summary.ledger), soft_wrap=True)


def agreement_line(figures: Sequence[Figure]) -> str:
    """Whether the record says what the generator meant, and where it does not."""
    wrong = [f for f in figures if not f.agrees]
    if not wrong:
        return (
            f"[green]All {len(figures)} figures agree with the generator's truth file, to the cent.[/green]"
        )
    lines = [f"  {f.name}: {f.record} in the record, {f.truth} in the truth file" for f in wrong]
    return "\n".join(
        [f"[red]{len(wrong)} of {len(figures)} figures differ from the truth file:[/red]", *lines]
    )


def _counts(summary: Summary) -> Table:
    table = Table("", "count", "dollars", title="What came in, and what came of it")
    table.columns[1].justify = table.columns[2].justify = "right"
    files = ", ".join(f"{count} {state}" for state, count in summary.files.items())
    table.add_row(f"files ({files})", str(sum(summary.files.values())), "")
    table.add_row("claims", str(summary.claims), _dollars(summary.ledger.billed))
    table.add_row("  answered by a payer", str(summary.adjudicated_claims), "")
    table.add_row("remittances", str(summary.remittances), _dollars(summary.payments_amount))
    table.add_row("cases opened", str(summary.cases), _dollars(_denied(summary)))
    table.add_row("  recovered", str(summary.recovered_cases), _dollars(summary.recovered_amount))
    table.add_row("  with an unknown deadline", str(summary.unknown_deadlines), "")
    table.add_row("letters drafted", str(summary.letters), "")
    return table


def _denials(summary: Summary) -> Table:
    table = Table("denied because of", "claims", "lines", "dollars", title="Denials by category")
    for column in table.columns[1:]:
        column.justify = "right"
    for denied in summary.denials:
        name = denied.category.replace("_", " ")
        table.add_row(name, str(denied.claims), str(denied.denials), _dollars(denied.amount))
    return table


def _deadlines(summary: Summary) -> Table:
    table = Table("due", "payer", "dollars", title="Next deadlines")
    table.columns[2].justify = "right"
    for deadline in summary.next_deadlines:
        table.add_row(deadline.due_on.isoformat(), deadline.payer_name, _dollars(deadline.amount))
    return table


def _denied(summary: Summary) -> Decimal:
    return sum((d.amount for d in summary.denials), Decimal("0.00"))


def _dollars(amount: Decimal) -> str:
    return f"{amount:,.2f}"
