"""What was taken back of a claim is one sum, in whatever order its remittances came, and counted once."""

from datetime import date
from decimal import Decimal
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.claim_take_back import TakenBack, Told, allocate, taken_back

DAYS = [date(2026, 9, day) for day in (1, 8, 15, 22)]
SETTLED = DAYS[-1]
AMOUNTS = st.decimals(min_value=-500, max_value=500, places=2)


def told(place: int, paid: str = "0", taken: str = "0", *, reverses: bool = False) -> Told:
    return Told(UUID(int=place), DAYS[place], Decimal(paid), reverses, Decimal(taken))


def summed(*remittances: Told, denied_on: date | None = None) -> tuple[str, str, str]:
    """Demanded, withheld and given back; the same for every order."""
    pictures = {
        taken_back(order, settled_on=SETTLED, denied_on=denied_on) for order in permutations(remittances)
    }
    [money] = pictures
    return f"{money.demanded:.0f}", f"{money.withheld:.0f}", f"{money.given_back:.0f}"


def test_a_plb_takes_what_it_says() -> None:
    assert summed(told(0, "70"), told(1, taken="70")) == ("70", "70", "0")


def test_what_comes_back_is_given_back_and_was_demanded_all_the_same() -> None:
    assert summed(told(0, "70"), told(1, taken="70"), told(2, taken="-50")) == ("70", "20", "50")


def test_a_lower_correction_takes_the_difference() -> None:
    assert summed(told(0, "70"), told(1, "-40", reverses=True)) == ("40", "40", "0")


def test_a_recovery_that_is_put_off_is_demanded_now_and_withheld_later() -> None:
    put_off = [told(0, "70"), told(1, "-40", taken="-40", reverses=True)]
    assert summed(*put_off) == ("40", "0", "0")
    assert summed(*put_off, told(2, taken="40")) == ("40", "40", "0")


def test_a_reversal_alone_takes_nothing_until_it_is_corrected() -> None:
    remittances = [told(0, "70"), told(2, "-70", reverses=True)]
    assert taken_back(remittances, settled_on=DAYS[0]) == TakenBack()
    assert taken_back(remittances, settled_on=None) == TakenBack()


def test_a_correction_that_pays_the_same_takes_nothing() -> None:
    assert summed(told(0, "70"), told(1, "-70", reverses=True), told(2, "70")) == ("0", "0", "0")


def test_what_a_correction_denies_is_a_denial_and_no_take_back() -> None:
    remittances = [told(0, "70"), told(1, "-70", taken="-70", reverses=True), told(2, taken="70")]
    assert summed(*remittances, denied_on=DAYS[1])[0] == "0"
    assert summed(*remittances, denied_on=DAYS[0]) == ("70", "70", "0")  # an earlier denial is another matter


def test_the_practice_heard_of_it_by_the_first_remittance_that_took() -> None:
    money = taken_back([told(2, taken="10"), told(1, taken="60"), told(0, "70")], settled_on=SETTLED)
    assert money.first_on == DAYS[1]


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        ("90", ["70", "20"], ["70", "20"]),
        ("30", ["70", "20"], ["30", "0"]),
        ("100", ["70", "20"], ["70", "30"]),
        ("-40", ["70", "20"], ["0", "-40"]),
        ("50", ["70", None], ["50", "0"]),
    ],
)
def test_the_oldest_recoupment_is_filled_first(
    total: str, shares: list[str | None], parts: list[str]
) -> None:
    given_shares = [None if share is None else Decimal(share) for share in shares]
    assert allocate(Decimal(total), given_shares) == [Decimal(part) for part in parts]


@given(total=AMOUNTS, shares=st.lists(st.none() | st.decimals(0, 500, places=2), min_size=1, max_size=5))
def test_every_dollar_is_in_exactly_one_recoupment(total: Decimal, shares: list[Decimal | None]) -> None:
    assert sum(allocate(total, shares)) == total


@given(
    amounts=st.lists(st.tuples(AMOUNTS, AMOUNTS, st.booleans()), max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_no_order_of_arrival_changes_the_sums(
    amounts: list[tuple[Decimal, Decimal, bool]],
    order: object,
) -> None:
    remittances = [
        Told(UUID(int=place), DAYS[place], paid, reverses, taken)
        for place, (paid, taken, reverses) in enumerate(amounts)
    ]
    shuffled = list(remittances)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    money = taken_back(remittances, settled_on=SETTLED)
    assert taken_back(shuffled, settled_on=SETTLED) == money
    assert money.demanded >= money.withheld
    assert money.given_back >= 0
