"""Calendar arithmetic: short months, leap days, weekends, holidays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.business_days import (
    add_months,
    end_of_month,
    is_business_day,
    next_business_day,
    subtract_business_days,
)

NEW_YEAR = frozenset({date(2026, 1, 1)})
DATES = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), 6, date(2026, 9, 30)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_keep_the_day_or_take_the_month_s_last(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_the_end_of_february_knows_leap_years() -> None:
    assert end_of_month(date(2024, 2, 3)) == date(2024, 2, 29)
    assert end_of_month(date(2025, 2, 3)) == date(2025, 2, 28)


def test_a_weekend_and_a_holiday_roll_to_the_next_business_day() -> None:
    assert next_business_day(date(2026, 1, 1), NEW_YEAR) == date(2026, 1, 2)
    assert next_business_day(date(2026, 1, 3), NEW_YEAR) == date(2026, 1, 5)
    assert next_business_day(date(2026, 1, 5), NEW_YEAR) == date(2026, 1, 5)


def test_business_days_are_counted_back_over_weekends_and_holidays() -> None:
    assert subtract_business_days(date(2022, 9, 17), 5, frozenset()) == date(2022, 9, 12)
    assert subtract_business_days(date(2026, 1, 5), 2, NEW_YEAR) == date(2025, 12, 31)
    assert subtract_business_days(date(2026, 1, 4), 0, NEW_YEAR) == date(2026, 1, 2)


@given(day=DATES, count=st.integers(0, 40))
def test_counting_back_ends_on_a_business_day_that_is_never_later(day: date, count: int) -> None:
    earlier = subtract_business_days(day, count, NEW_YEAR)
    assert earlier <= day
    assert is_business_day(earlier, NEW_YEAR)
