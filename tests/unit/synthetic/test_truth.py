"""The truth file: every dollar has one place, and the figures follow from the claims beneath them."""

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from overturn.synthetic.adjudication import Denial
from overturn.synthetic.denial_reasons import reasons_of
from overturn.synthetic.month import make_month
from overturn.synthetic.scenarios import Scenario
from overturn.synthetic.truth import main_denial

Truth = dict[str, Any]


@pytest.fixture(scope="module")
def truth(folder: Path) -> Truth:
    loaded: Truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return loaded


def total(claims: list[Truth], figure: str) -> Decimal:
    return sum((Decimal(claim[figure]) for claim in claims), Decimal(0))


def test_every_scenario_is_in_the_truth(truth: Truth) -> None:
    assert {claim["scenario"] for claim in truth["claims"]} == {scenario.value for scenario in Scenario}


@pytest.mark.parametrize("seed", range(6))
def test_every_claim_is_paid_adjusted_or_open_to_the_cent(seed: int) -> None:
    truth = make_month(claims=120, seed=seed).truth()
    for claim in truth["claims"]:
        parts = (Decimal(claim[part]) for part in ("paid", "adjusted", "open"))
        assert Decimal(claim["charge"]) == sum(parts), claim["patient_control_number"]
    totals = {name: Decimal(truth["totals"][name]) for name in ("billed", "paid", "adjusted", "open")}
    assert totals["billed"] == totals["paid"] + totals["adjusted"] + totals["open"]


@pytest.mark.parametrize(("figure", "of"), [("charge", "billed"), ("paid", "paid"), ("adjusted", "adjusted")])
def test_totals_are_the_sums_of_the_claims(truth: Truth, figure: str, of: str) -> None:
    assert Decimal(truth["totals"][of]) == total(truth["claims"], figure)


def test_claims_are_counted_by_what_happened_to_them(truth: Truth) -> None:
    scenarios = Counter(claim["scenario"] for claim in truth["claims"])
    totals = truth["totals"]
    assert totals["claims_submitted"] == 60 == len(truth["claims"]) - scenarios["foreign"]
    assert totals["claims_rejected"] == scenarios["rejected"]
    answered = len(truth["claims"]) - scenarios["rejected"] - scenarios["unanswered"]
    assert totals["claims_adjudicated"] == answered


def test_denials_are_counted_once_a_line_as_first_given(truth: Truth) -> None:
    denials = [denial for claim in truth["claims"] for denial in claim["denials"]]
    by_category = truth["totals"]["denied_by_category"]
    assert {d["category"] for d in denials} == set(by_category)
    for category, figures in by_category.items():
        of_category = [d for d in denials if d["category"] == category]
        assert figures["denials"] == len(of_category)
        assert Decimal(figures["amount"]) == total(of_category, "denied_amount")
    assert sum(figures["claims"] for figures in by_category.values()) == truth["totals"]["cases"]


def test_the_largest_denied_line_names_the_case_and_the_lowest_of_equal_ones() -> None:
    bundling, documentation = reasons_of("bundling")[0], reasons_of("documentation")[0]
    small, large = Denial(1, bundling, Decimal("10.00")), Denial(3, documentation, Decimal("10.01"))
    assert main_denial([small, large]) is large
    lower, higher = Denial(2, bundling, Decimal("10.00")), Denial(3, documentation, Decimal("10.00"))
    assert main_denial([higher, lower]) is lower


def test_a_claim_denied_for_two_reasons_keeps_both_and_its_third_line(truth: Truth) -> None:
    claim = next(c for c in truth["claims"] if c["scenario"] == "denied_two_categories")
    assert {d["category"] for d in claim["denials"]} == {"bundling", "documentation"}
    assert len({d["line"] for d in claim["denials"]}) == 2
    assert Decimal(claim["paid"]) + Decimal(claim["patient_responsibility"]) > 0
    assert Decimal(claim["open"]) == total(claim["denials"], "denied_amount")


def test_the_code_in_no_list_is_other_and_asks_for_a_call(truth: Truth) -> None:
    denials = [d for c in truth["claims"] for d in c["denials"] if d["category"] == "other"]
    assert {(d["carc"], d["action"]) for d in denials} == {("999", "call_payer")}


def test_a_recovered_claim_has_its_first_denial_and_nothing_open(truth: Truth) -> None:
    recovered = [c for c in truth["claims"] if c["recovered"]]
    assert len(recovered) == truth["totals"]["recovered_cases"] >= 2
    for claim in recovered:
        assert claim["denials"]
        assert Decimal(claim["open"]) == 0
        assert Decimal(claim["recovered_amount"]) > 0


def test_something_is_recovered_before_the_month_ends() -> None:
    month = make_month(claims=40, seed=1)
    recovered = [s for s in month.stories if s.plan.scenario is Scenario.RECOVERED]
    assert any(s.adjudications[-1].paid_on.month == 9 for s in recovered)


def test_a_missing_kx_is_not_the_patients_to_pay(truth: Truth) -> None:
    claims = [
        c for c in truth["claims"] if any(d["carc"] == "119" for d in c["denials"]) and not c["recovered"]
    ]
    assert claims
    assert all(claim["patient_responsibility"] == "0.00" for claim in claims)
    assert all(claim["open"] == claim["charge"] for claim in claims)


PLAN_FAULTS: dict[str, Callable[[set[str], bool], bool]] = {
    "missing_kx": lambda modifiers, _: "KX" not in modifiers,
    "missing_therapy_modifier": lambda modifiers, _: not modifiers & {"GP", "GO", "GN"},
    "authorization_missing": lambda _, authorized: not authorized,
    "ncci_modifier_missing": lambda modifiers, _: "59" not in modifiers,
}


@pytest.mark.parametrize("cause", PLAN_FAULTS)
def test_the_claim_carries_the_fault_its_denial_names(cause: str) -> None:
    stories = [s for s in make_month(claims=400, seed=2).stories if s.plan.cause == cause]
    assert stories
    for story in stories:
        modifiers = {modifier for line in story.visit.lines for modifier in line.modifiers}
        assert PLAN_FAULTS[cause](modifiers, story.visit.authorization is not None)
