"""Comparing two versions of a letter: an even lot, a right interval, no result before the end."""

import random
from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.letter_trials import (
    Arm,
    ArmCount,
    TrialResult,
    draw,
    is_complete,
    least_difference,
    trial_result,
)

TRIAL = UUID(int=7)


def counts(*won_of: tuple[int, int], waiting: int = 0) -> list[ArmCount]:
    return [
        ArmCount(arm, drawn=ended + waiting, sent=ended, answered=ended, won=won, waiting=waiting)
        for arm, (won, ended) in zip((Arm.FORMER, Arm.NEW), won_of, strict=True)
    ]


def result(former: tuple[int, int], new: tuple[int, int]) -> TrialResult:
    found = trial_result(former[1] + new[1], counts(former, new))
    assert found is not None
    return found


def test_the_lot_is_even_and_the_same_when_drawn_again() -> None:
    lots = [draw(TRIAL, UUID(int=number), 1) for number in range(4_000)]
    assert lots == [draw(TRIAL, UUID(int=number), 1) for number in range(4_000)]
    assert 1_880 < Counter(lots)[Arm.NEW] < 2_120  # 3.8 standard deviations each way


def test_another_trial_or_level_draws_another_lot() -> None:
    cases = [UUID(int=number) for number in range(200)]
    first = [draw(TRIAL, case, 1) for case in cases]
    assert first != [draw(UUID(int=8), case, 1) for case in cases]
    assert first != [draw(TRIAL, case, 2) for case in cases]


@pytest.mark.parametrize(("letters", "points"), [(100, "0.280"), (400, "0.140"), (1_000, "0.089")])
def test_the_size_says_what_difference_it_finds(letters: int, points: str) -> None:
    assert least_difference(letters) == Decimal(points)


def test_a_trial_of_that_size_finds_that_difference_in_about_four_of_five() -> None:
    chance = random.Random(835)  # noqa: S311 - a simulation
    letters, former = 400, 0.43
    new = former + float(least_difference(letters))
    each = letters // 2
    found = 0
    for _ in range(400):
        wins = [sum(chance.random() < share for _ in range(each)) for share in (former, new)]
        found += result((wins[0], each), (wins[1], each)).better is Arm.NEW
    assert 0.72 < found / 400 < 0.88


def test_two_equal_versions_are_hardly_ever_told_apart() -> None:
    chance = random.Random(276)  # noqa: S311 - a simulation
    wrong = 0
    for _ in range(600):
        wins = [sum(chance.random() < 0.4 for _ in range(100)) for _ in range(2)]
        wrong += result((wins[0], 100), (wins[1], 100)).better is not None
    assert wrong / 600 < 0.08


def test_the_published_example_of_the_interval() -> None:
    """Newcombe (1998): 56/70 and 48/80, difference 0.200, 0.0524 to 0.3339 from Wilson's limits."""
    found = result((48, 80), (56, 70))
    assert found.difference == Decimal("0.200")
    assert abs(found.low - Decimal("0.052")) < Decimal("0.01")
    assert abs(found.high - Decimal("0.334")) < Decimal("0.01")
    assert found.better is Arm.NEW


@given(st.data())
def test_the_difference_lies_in_its_interval_and_turns_with_the_versions(data: st.DataObject) -> None:
    ended = data.draw(st.tuples(st.integers(1, 500), st.integers(1, 500)))
    won = [data.draw(st.integers(0, number)) for number in ended]
    there = result((won[0], ended[0]), (won[1], ended[1]))
    back = result((won[1], ended[1]), (won[0], ended[0]))
    assert there.low <= there.difference <= there.high
    assert (back.difference, back.low, back.high) == (-there.difference, -there.high, -there.low)
    assert there.low >= -1
    assert there.high <= 1


@pytest.mark.parametrize(
    ("planned", "counted"),
    [
        (101, counts((20, 50), (40, 50))),  # one letter still to be drawn
        (100, counts((20, 49), (40, 49), waiting=1)),
        (50, counts((20, 50), (0, 0))),  # nothing to compare with
        (40, []),
    ],
)
def test_before_all_is_known_there_is_no_result(planned: int, counted: list[ArmCount]) -> None:
    assert trial_result(planned, counted) is None


def test_letters_never_sent_do_not_keep_a_trial_open() -> None:
    counted = [ArmCount(Arm.FORMER, drawn=30, sent=20, answered=18, won=9), ArmCount(Arm.NEW, drawn=30)]
    assert is_complete(60, counted)
    assert not is_complete(61, counted)
