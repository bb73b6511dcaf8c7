"""Calendar arithmetic for filing windows: months that end early, weekends, holidays handed in."""

import calendar
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
SATURDAY: Final = 5


def add_months(start: date, months: int) -> date:
    """The same day some months later, or that month's last day: 2024-02-29 + 12 -> 2025-02-28."""
    years, month = divmod(start.month - 1 + months, 12)
    return _within_month(start.year + years, month + 1, start.day)


def end_of_month(day: date) -> date:
    """The last day of the month."""
    return _within_month(day.year, day.month, 31)


def is_business_day(day: date, holidays: AbstractSet[date]) -> bool:
    """True from Monday to Friday, unless it is one of the holidays."""
    return day.weekday() < SATURDAY and day not in holidays


def next_business_day(day: date, holidays: AbstractSet[date]) -> date:
    """The day itself when it is a business day, else the first one after it."""
    while not is_business_day(day, holidays):
        day += DAY
    return day


def add_business_days(day: date, count: int, holidays: AbstractSet[date]) -> date:
    """The business day that lies `count` business days after `day`."""
    for _ in range(count):
        day = next_business_day(day + DAY, holidays)
    return day


def subtract_business_days(day: date, count: int, holidays: AbstractSet[date]) -> date:
    """The business day that lies `count` business days before `day`; never later than `day`."""
    while count > 0 or not is_business_day(day, holidays):
        day -= DAY
        if count > 0 and is_business_day(day, holidays):
            count -= 1
    return day


def _within_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
