"""The chance of recovery starts from published figures and follows the practice's own outcomes."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.codes import Action, Category
from overturn.domain.recovery_odds import EndedCases, Likeness, RecoveryOdds, age_band
from overturn.rulebook import Rulebook

KX_APPEAL = Likeness(Category.DOCUMENTATION, Action.APPEAL, "complete", "medicare", "0 to 30 days")


def odds_of(rulebook: Rulebook, *record: EndedCases) -> RecoveryOdds:
    return RecoveryOdds(record, table=rulebook.priorities)


def test_on_day_one_the_published_figure_speaks(rulebook: Rulebook) -> None:
    odds = odds_of(rulebook).find(KX_APPEAL)
    assert (odds.chance, odds.n) == (Decimal("0.600"), 0)
    assert odds.basis == "published figure, n 0, 38 to 79 %"
    assert odds.low < odds.chance < odds.high


def test_many_own_outcomes_outweigh_it_and_are_named(rulebook: Rulebook) -> None:
    odds = odds_of(rulebook, EndedCases(KX_APPEAL, ended=212, won=148)).find(KX_APPEAL)
    assert abs(odds.chance - Decimal("0.698")) < Decimal("0.01")
    assert (odds.n, odds.won) == (212, 148)
    assert odds.basis.startswith("148 of 212 own cases won, 6")
    assert Decimal("0.10") < odds.high - odds.low < Decimal("0.14")


def test_three_wins_do_not_make_a_certainty(rulebook: Rulebook) -> None:
    odds = odds_of(rulebook, EndedCases(KX_APPEAL, ended=3, won=3)).find(KX_APPEAL)
    assert Decimal("0.60") < odds.chance < Decimal("0.80")


def test_a_payer_that_differs_is_known_by_its_own_cases(rulebook: Rulebook) -> None:
    hard = replace(KX_APPEAL, payer="hard")
    payers = [replace(KX_APPEAL, payer=f"payer-{n}") for n in range(6)]
    record = [EndedCases(payer, ended=60, won=48) for payer in payers]
    odds = odds_of(rulebook, *record, EndedCases(hard, ended=60, won=6))
    assert odds.find(hard).chance < Decimal("0.20")
    assert odds.find(payers[0]).chance > Decimal("0.75")
    assert odds.find(replace(KX_APPEAL, payer="never seen")).chance > Decimal("0.60")


def test_few_cases_of_a_payer_hardly_count_where_payers_are_alike(rulebook: Rulebook) -> None:
    payers = [replace(KX_APPEAL, payer=f"payer-{n}") for n in range(12)]
    record = [EndedCases(payer, ended=100, won=70) for payer in payers]
    unlucky = replace(KX_APPEAL, payer="unlucky")
    odds = odds_of(rulebook, *record, EndedCases(unlucky, ended=4, won=1)).find(unlucky)
    assert odds.chance > Decimal("0.65")


def test_a_practice_that_beats_the_published_figures_does_so_where_it_has_no_cases_yet(
    rulebook: Rulebook,
) -> None:
    elsewhere = Likeness(Category.BUNDLING, Action.APPEAL, "complete", "medicare", "0 to 30 days")
    better = odds_of(rulebook, EndedCases(KX_APPEAL, ended=200, won=180)).find(elsewhere)
    assert Decimal("0.50") < better.chance < Decimal("0.65")  # the published figure is 0.40
    assert better.n == 0


def test_what_nobody_recovers_stays_at_nothing(rulebook: Rulebook) -> None:
    hopeless = replace(KX_APPEAL, action=Action.WRITE_OFF)
    odds = odds_of(rulebook, EndedCases(KX_APPEAL, ended=50, won=50)).find(hopeless)
    assert odds.low == odds.chance == odds.high == 0


def test_a_hole_in_the_table_of_priors_is_said(rulebook: Rulebook) -> None:
    table = replace(rulebook.priorities, priors=())
    with pytest.raises(LookupError, match="no recovery prior"):
        RecoveryOdds((), table=table).find(KX_APPEAL)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (None, "unknown"),
        (0, "0 to 30 days"),
        (30, "0 to 30 days"),
        (31, "31 to 60 days"),
        (121, "over 120 days"),
    ],
)
def test_age_is_counted_in_bands(days: int | None, band: str) -> None:
    assert age_band(days) == band


@given(
    ended=st.integers(0, 500),
    share=st.floats(0, 1),
    category=st.sampled_from([Category.CODING, Category.BUNDLING, Category.DOCUMENTATION]),
)
def test_a_chance_is_within_its_interval_and_more_wins_never_lower_it(
    rulebook: Rulebook, ended: int, share: float, category: Category
) -> None:
    likeness, won = replace(KX_APPEAL, category=category), int(ended * share)
    fewer = odds_of(rulebook, EndedCases(likeness, ended=ended + 1, won=won)).find(likeness)
    more = odds_of(rulebook, EndedCases(likeness, ended=ended + 1, won=won + 1)).find(likeness)
    assert 0 <= fewer.low <= fewer.chance <= fewer.high <= 1
    assert more.chance >= fewer.chance


def test_the_order_of_the_record_changes_nothing(rulebook: Rulebook) -> None:
    record = [EndedCases(replace(KX_APPEAL, payer=f"payer-{n}"), ended=n + 2, won=n) for n in range(4)]
    answers = {odds_of(rulebook, *some).find(KX_APPEAL) for some in permutations(record)}
    assert len(answers) == 1
