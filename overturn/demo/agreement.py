"""Does the record say what the generator meant? Every figure, to the cent."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from overturn.reporting.summary import Summary


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the demo, as the record and as the generator has it."""

    name: str
    record: Decimal
    truth: Decimal

    @property
    def agrees(self) -> bool:
        return self.record == self.truth


def compare(summary: Summary, truth: dict[str, Any]) -> list[Figure]:
    """Each figure of the truth file beside the record's; see `overturn.synthetic.truth` for definitions."""
    totals = truth["totals"]
    figures = [
        _figure("billed", summary.ledger.billed, totals["billed"]),
        _figure("paid", summary.ledger.paid, totals["paid"]),
        # A case closed without payment moves its dollars from open to adjusted.
        _figure(
            "adjusted or open",
            summary.ledger.adjusted + summary.ledger.open,
            Decimal(totals["adjusted"]) + Decimal(totals["open"]),
        ),
        _figure("taken back", summary.ledger.taken_back, totals["taken_back"]),
        _figure("cases", summary.cases, totals["cases"]),
        _figure("recovered cases", summary.recovered_cases, totals["recovered_cases"]),
        _figure("recovered", summary.recovered_amount, totals["recovered_amount"]),
        _figure("payments", summary.payments_amount, totals["payments_total"]),
        _figure("provider adjustments", summary.provider_adjustments_amount, totals["plb_total"]),
    ]
    found = {d.category: d for d in summary.denials}
    for category in sorted({*found, *totals["denied_by_category"]}):
        record, meant = found.get(category), totals["denied_by_category"].get(category, {})
        figures += [
            _figure(f"{category} claims", record.claims if record else 0, meant.get("claims", 0)),
            _figure(f"{category} denials", record.denials if record else 0, meant.get("denials", 0)),
            _figure(f"{category} dollars", record.amount if record else 0, meant.get("amount", 0)),
        ]
    return figures


def _figure(name: str, record: Decimal | int, truth: Decimal | int | str) -> Figure:
    return Figure(name, Decimal(record), Decimal(truth))
