"""The plan of a month: as many claims as asked for, every fate in it, thirteen in a hundred denied."""

from random import Random

import pytest

from overturn.synthetic.denial_reasons import CATEGORY_WEIGHTS
from overturn.synthetic.scenarios import FEWEST_CLAIMS, Plan, Scenario, plan_claims


def plans(claims: int, seed: int = 3) -> list[Plan]:
    return plan_claims(Random(seed), claims)  # noqa: S311 - repeatable on purpose


@pytest.mark.parametrize("claims", [FEWEST_CLAIMS, 41, 60, 99, 100, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_every_scenario_and_category_occurs_whatever_the_size(claims: int, seed: int) -> None:
    made = plans(claims, seed)
    assert len(made) == claims + 1  # the foreign claim
    assert {plan.scenario for plan in made} == set(Scenario)
    categories = {reason.category for plan in made for reason in plan.reasons}
    assert categories == {*CATEGORY_WEIGHTS, "other"}


def test_about_thirteen_percent_of_answered_claims_are_denied() -> None:
    made = plans(2000)
    answered = [p for p in made if p.scenario not in {Scenario.REJECTED, Scenario.UNANSWERED}]
    denied = [p for p in answered if p.reasons]
    assert 0.12 < len(denied) / len(answered) < 0.14


def test_a_missing_kx_is_always_among_the_denials() -> None:
    assert any(plan.cause == "missing_kx" for plan in plans(FEWEST_CLAIMS))


def test_only_payers_that_give_a_reason_are_planned_for_it() -> None:
    assert all(plan.payer in reason.payers for plan in plans(1000) for reason in plan.reasons)


def test_too_few_claims_are_refused_with_the_number_that_would_do() -> None:
    with pytest.raises(ValueError, match="ask for 40 or more"):
        plans(FEWEST_CLAIMS - 1)
