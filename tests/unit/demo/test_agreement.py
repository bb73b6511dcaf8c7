"""The demo's last line: every figure against the generator's truth, and what is shown when one is wrong."""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from overturn.demo.agreement import compare
from overturn.demo.tables import agreement_line, print_summary
from overturn.reporting.ledger import Ledger
from overturn.reporting.summary import CategoryTotal, NextDeadline, Summary
from overturn.synthetic.month import DEFAULT_MONTH

SUMMARY = Summary(
    files={"posted": 12, "quarantined": 1},
    claims=10,
    adjudicated_claims=8,
    remittances=3,
    payments_amount=Decimal("690.00"),
    provider_adjustments_amount=Decimal("10.00"),
    denials=(CategoryTotal("documentation", claims=2, denials=3, amount=Decimal("180.00")),),
    cases=2,
    unknown_deadlines=1,
    letters=1,
    recovered_cases=1,
    recovered_amount=Decimal("80.00"),
    next_deadlines=(NextDeadline(DEFAULT_MONTH, "SPECIMEN MAC", Decimal("100.00")),),
    ledger=Ledger(
        billed=Decimal("1200.00"), paid=Decimal("700.00"), adjusted=Decimal("400.00"), open=Decimal("100.00")
    ),
)
TRUTH: dict[str, Any] = {
    "totals": {
        "billed": "1200.00",
        "paid": "700.00",
        "adjusted": "300.00",
        "open": "200.00",
        "taken_back": "0.00",
        "cases": 2,
        "recovered_cases": 1,
        "recovered_amount": "80.00",
        "payments_total": "690.00",
        "plb_total": "10.00",
        "denied_by_category": {"documentation": {"claims": 2, "denials": 3, "amount": "180.00"}},
    }
}


def wrong(truth: dict[str, Any]) -> list[str]:
    return [figure.name for figure in compare(SUMMARY, truth) if not figure.agrees]


def test_everything_agrees_when_it_does() -> None:
    assert wrong(TRUTH) == []
    assert "All 12 figures agree" in agreement_line(compare(SUMMARY, TRUTH))


@pytest.mark.parametrize(
    ("figure", "name"),
    [
        ("billed", "billed"),
        ("paid", "paid"),
        ("open", "adjusted or open"),
        ("recovered_amount", "recovered"),
        ("payments_total", "payments"),
        ("plb_total", "provider adjustments"),
    ],
)
def test_one_cent_is_told(figure: str, name: str) -> None:
    truth = deepcopy(TRUTH)
    truth["totals"][figure] = str(Decimal(truth["totals"][figure]) + Decimal("0.01"))
    assert wrong(truth) == [name]


def test_a_missing_and_a_surplus_category_are_told_with_both_figures() -> None:
    truth = deepcopy(TRUTH)
    totals = truth["totals"]["denied_by_category"]
    totals["bundling"] = totals.pop("documentation")
    figures = compare(SUMMARY, truth)
    assert len([f for f in figures if not f.agrees]) == 6
    said = agreement_line(figures)
    assert "6 of 15 figures differ" in said
    assert "documentation dollars: 180.00 in the record, 0 in the truth file" in said


def test_the_ledger_line_names_what_is_left_over() -> None:
    assert str(SUMMARY.ledger) == (
        "billed 1,200.00 = paid 700.00 + adjusted 400.00 + open 100.00, difference 0.00"
    )
    off = replace(SUMMARY, ledger=replace(SUMMARY.ledger, paid=Decimal("699.99")))
    assert str(off.ledger).endswith("difference 0.01")


def test_the_tables_show_every_figure() -> None:
    console = Console(file=StringIO(), width=120)
    print_summary(console, SUMMARY)
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    for expected in (
        "12 posted, 1 quarantined",
        "documentation",
        "180.00",
        "SPECIMEN MAC",
        "difference 0.00",
    ):
        assert expected in shown
