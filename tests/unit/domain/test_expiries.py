"""What ends before long, once for each threshold, and what something later takes its end away from."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.authorizations import Authorization, AuthorizationUse, UsedLine
from overturn.domain.causes.tables import Enrolment
from overturn.domain.contracts import ContractPrice
from overturn.domain.expiries import (
    Ending,
    Expiry,
    Notice,
    expiring_authorizations,
    expiring_contracts,
    expiring_enrolments,
)

TODAY = date(2026, 3, 16)
NOTICE = Notice((60, 30, 14), few_visits=2)
MEDICARE = frozenset({"medicare"})


def soon(days: int) -> date:
    return TODAY + timedelta(days=days)


def price(procedure: str, to: date | None, since: date | None = None) -> ContractPrice:
    return ContractPrice("aetna", procedure, Decimal("31.50"), None, since, to, "contract")


def contracts(*prices: ContractPrice) -> list[Expiry]:
    return list(expiring_contracts(prices, notice=NOTICE, today=TODAY))


def enrolments(*rows: Enrolment) -> list[Expiry]:
    return list(expiring_enrolments(rows, medicare=MEDICARE, notice=NOTICE, today=TODAY))


def authorizations(*uses: AuthorizationUse) -> list[Expiry]:
    return list(expiring_authorizations(uses, notice=NOTICE, today=TODAY))


def use(
    number: str = "A1", to: date | None = None, visits: int | None = None, used: int = 0
) -> AuthorizationUse:
    known = Authorization("aetna", "MEMBER1", number, soon(-60), to, visits)
    days = [soon(-n) for n in range(1, used + 1)]
    return AuthorizationUse(known, tuple(UsedLine(day, "97110", frozenset(), Decimal(1)) for day in days))


@pytest.mark.parametrize(
    ("left", "threshold"),
    [(-1, None), (0, 14), (14, 14), (15, 30), (30, 30), (31, 60), (60, 60), (61, None)],
)
def test_the_smallest_threshold_it_has_come_under(left: int, threshold: int | None) -> None:
    assert NOTICE.of_days(left) == threshold
    found = [one.threshold for one in contracts(price("97110", soon(left)))]
    assert found == ([] if threshold is None else [threshold])


def test_prices_of_one_payer_that_end_on_one_day_are_one_thing() -> None:
    (found,) = contracts(price("97140", soon(20)), price("97110", soon(20)), price("97530", soon(200)))
    assert found == Expiry(Ending.CONTRACT, "aetna", ("97110", "97140"), 20, 30, soon(20))


def test_a_price_that_another_follows_does_not_end() -> None:
    assert contracts(price("97110", soon(20)), price("97110", None, since=soon(21))) == []
    assert contracts(price("97110", soon(20)), price("97110", soon(300), since=soon(21))) == []


def test_an_enrolment_ends_or_is_to_be_revalidated_every_five_years() -> None:
    ends = Enrolment("2999000134", "cigna", date(2020, 1, 1), soon(10), "letter")
    medicare = Enrolment("2999000134", "medicare", date(2016, 4, 1), None, "letter")
    other = Enrolment("2999000134", "aetna", date(2016, 4, 1), None, "letter")
    found = enrolments(ends, medicare, other)
    assert [(one.ending, one.payer_key, one.ends_on) for one in found] == [
        (Ending.ENROLMENT, "cigna", soon(10)),
        (Ending.REVALIDATION, "medicare", date(2026, 4, 1)),
    ]
    renewed = Enrolment("2999000134", "cigna", soon(11), None, "letter")
    assert enrolments(ends, renewed) == []


def test_an_authorization_ends_or_runs_out_of_visits() -> None:
    assert authorizations(use(to=soon(14))) == [
        Expiry(Ending.AUTHORIZATION, "aetna", ("A1", "MEMBER1"), 14, 14, soon(14))
    ]
    assert authorizations(use(visits=10, used=7)) == []
    (found,) = authorizations(use(visits=10, used=8))
    assert (found.ending, found.left, found.threshold) == (Ending.VISITS, 2, 2)
    assert [one.ending for one in authorizations(use(visits=1, to=soon(3)))] == [
        Ending.AUTHORIZATION,
        Ending.VISITS,
    ]


def test_an_authorization_that_another_follows_is_not_told() -> None:
    assert authorizations(use(to=soon(10), visits=1), use("A2", to=soon(100), visits=12)) == []
    free = AuthorizationUse(Authorization("aetna", "MEMBER1", None, soon(-10), soon(5)))
    assert authorizations(free) == []


@given(st.integers(0, 400), st.sets(st.integers(0, 90), min_size=1))
def test_day_by_day_each_threshold_is_come_under_once_and_in_order(days: int, thresholds: set[int]) -> None:
    notice = Notice(tuple(thresholds), few_visits=0)
    met = [found for left in range(days, -1, -1) if (found := notice.of_days(left)) is not None]
    assert met == sorted(met, reverse=True)
    if days >= max(thresholds):
        assert set(met) == thresholds
