"""What a denial is worth working, and the arithmetic behind it."""

from decimal import Decimal

import pytest

from overturn.domain.codes import NOT_DENIALS, Action, Category, format_dollars, format_stake
from overturn.domain.priority import Odds, Priority, PriorityTable, expect_recovery, prioritise
from overturn.rulebook import Rulebook


def priority_of(rulebook: Rulebook, amount: str, days_left: int | None) -> Priority:
    return prioritise(
        Decimal(amount),
        table=rulebook.priorities,
        category=Category.CODING,
        action=Action.APPEAL,
        days_left=days_left,
    )


def test_the_score_shows_its_arithmetic(rulebook: Rulebook) -> None:
    priority = priority_of(rulebook, "1240.00", 6)
    assert priority.arithmetic == "$1,240.00 x 52 % x 1.5 (6 days left) - $40.00"
    assert (priority.expected_recovery_amount, priority.score) == (Decimal("644.80"), Decimal("927.20"))


def test_what_has_no_price_is_ranked_by_the_most_it_can_be_worth_and_not_expected(rulebook: Rulebook) -> None:
    priority = prioritise(
        Decimal("40.00"),
        unpriced_amount=Decimal("60.00"),
        table=rulebook.priorities,
        category=Category.CODING,
        action=Action.APPEAL,
        days_left=6,
    )
    assert priority.arithmetic.startswith("at most $100.00 x 52 % x 1.5")
    assert (priority.expected_recovery_amount, priority.score) == (Decimal("20.80"), Decimal("38.00"))


@pytest.mark.parametrize(
    ("days", "factor"),
    [(0, "2.0"), (3, "2.0"), (4, "1.5"), (14, "1.25"), (30, "1.1"), (31, "1.0"), (400, "1.0")],
)
def test_urgency_grows_as_the_window_closes(rulebook: Rulebook, days: int, factor: str) -> None:
    assert rulebook.priorities.find_urgency(days) == Decimal(factor)


def test_a_closed_window_is_worth_nothing(rulebook: Rulebook) -> None:
    closed = priority_of(rulebook, "1240.00", -2)
    assert closed.score == Decimal("-40.00")
    assert "2 days overdue" in closed.arithmetic


def test_an_unknown_deadline_sorts_before_the_greatest_score(rulebook: Rulebook) -> None:
    unknown, urgent = priority_of(rulebook, "10.00", None), priority_of(rulebook, "9000.00", 1)
    assert sorted([urgent, unknown], key=lambda p: p.sort_key) == [unknown, urgent]
    assert "deadline unknown" in unknown.arithmetic
    assert "1 day left" in urgent.arithmetic


def test_learned_odds_take_the_place_of_the_published_ones(rulebook: Rulebook) -> None:
    learned = prioritise(
        Decimal("100.00"),
        table=rulebook.priorities,
        category=Category.CODING,
        action=Action.APPEAL,
        days_left=60,
        odds=Odds(Decimal("0.695"), Decimal("0.62"), Decimal("0.75"), n=212, won=148),
    )
    said = "$100.00 x 69.5 % (148 of 212 own cases won, 62 to 75 %) x 1.0"
    assert learned.arithmetic.startswith(said)


def test_the_prior_of_category_and_action_goes_before_that_of_the_action(rulebook: Rulebook) -> None:
    table = rulebook.priorities
    assert table.find_prior(category=Category.BUNDLING, action=Action.APPEAL).probability == Decimal("0.40")
    assert table.find_prior(category=Category.OTHER, action=Action.APPEAL).probability == Decimal("0.52")
    assert table.find_prior(category=Category.OTHER, action=Action.WRITE_OFF).probability == 0


def test_every_denial_has_a_prior_with_a_cost_of_thirty_to_fifty_dollars(rulebook: Rulebook) -> None:
    for category in set(Category) - NOT_DENIALS:
        for action in Action:
            prior = rulebook.priorities.find_prior(category=category, action=action)
            assert 30 <= prior.cost_amount <= 50


def test_a_table_without_priors_says_what_to_add() -> None:
    with pytest.raises(LookupError, match="add a row with blank cells"):
        PriorityTable(priors=(), urgency=()).find_prior(category=Category.CODING, action=Action.APPEAL)


def test_expected_cents_are_rounded_half_up() -> None:
    assert expect_recovery(Decimal("0.25"), Decimal("0.50")) == Decimal("0.13")


def test_dollars_are_written_as_a_biller_writes_them() -> None:
    assert [format_dollars(Decimal(n)) for n in ("1240", "-5.5")] == ["$1,240.00", "-$5.50"]
    stakes = [("80", "0"), ("0", "55.4"), ("80", "55.4")]
    assert [format_stake(Decimal(denied), Decimal(unpriced)) for denied, unpriced in stakes] == [
        "$80.00",
        "at most $55.40",
        "$80.00, and at most $55.40 more",
    ]
