"""Overturn rates: counted, with how sure they are; and a suggestion only where enough is known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.letter_rates import ENOUGH, SentLetters, overturn_rate, rates_by, suggestions


def sent(version: str, ended: int, won: int, *, letter: str = "bundling", payer: str = "A") -> SentLetters:
    return SentLetters(letter, "v", version, payer, "ncci_pair", ended, won)


def test_a_rate_has_its_n_and_interval() -> None:
    rate = overturn_rate("x", ended=40, won=10)
    assert (rate.share, rate.ended, rate.won) == (Decimal("0.250"), 40, 10)
    # Jeffreys' exact interval of 10 of 40 is 0.136 to 0.398; the normal law of the log-odds is close to it.
    assert abs(rate.low - Decimal("0.136")) < Decimal("0.015")
    assert abs(rate.high - Decimal("0.398")) < Decimal("0.015")


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_a_rate_lies_in_its_interval_and_that_between_none_and_all(counted: tuple[int, int]) -> None:
    rate = overturn_rate("x", ended=counted[0], won=counted[1])
    assert 0 <= rate.low <= rate.share <= rate.high <= 1
    assert rate.low < rate.high


@given(st.integers(1, 200), st.integers(0, 200), st.integers(2, 20))
def test_more_of_the_same_is_surer(ended: int, won: int, times: int) -> None:
    won = min(won, ended)
    few = overturn_rate("x", ended=ended, won=won)
    many = overturn_rate("x", ended=ended * times, won=won * times)
    assert many.high - many.low <= few.high - few.low


@pytest.mark.parametrize(("ended", "won"), [(0, 0), (3, 4), (3, -1)])
def test_what_is_no_rate_is_refused(ended: int, won: int) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        overturn_rate("x", ended=ended, won=won)


def test_rates_are_summed_by_what_is_asked_and_the_surest_comes_first() -> None:
    record = [sent("v1", 3, 1, payer="A"), sent("v2", 4, 4, payer="A"), sent("v1", 10, 2, payer="B")]
    assert [(rate.name, rate.ended, rate.won) for rate in rates_by(record, lambda one: one.payer)] == [
        ("B", 10, 2),
        ("A", 7, 5),
    ]


def test_the_better_version_is_suggested_and_whether_it_may_be_chance() -> None:
    (near,) = suggestions([sent("old", 40, 16), sent("new", 40, 20)])
    assert (near.best.name, near.other.name, near.clear) == ("new", "old", False)
    (far,) = suggestions([sent("old", 400, 80), sent("new", 400, 240)])
    assert (far.best.name, far.clear) == ("new", True)


@pytest.mark.parametrize(
    "record",
    [
        [],
        [sent("only", 500, 400)],
        [sent("old", 400, 80), sent("new", ENOUGH - 1, ENOUGH - 1)],
        [sent("old", 40, 20), sent("new", 20, 10)],
        [sent("old", 40, 5), sent("new", 40, 35, letter="units")],
    ],
)
def test_nothing_is_suggested_on_too_little_or_between_equals(record: list[SentLetters]) -> None:
    assert suggestions(record) == ()
