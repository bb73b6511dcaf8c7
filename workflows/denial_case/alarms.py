"""When a case's deadline rings: reminders some days before it, and its end.

A date has no time zone and a practice has one. All alarms ring when the practice's day begins: a reminder on
the morning of its day, and the end on the day after, when the last day is over everywhere.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from overturn.domain.practice_day import DAY_BEGINS

AFTER_THE_LAST_DAY: Final = -1


class Alarm(NamedTuple):
    """`days_left` counts to the due date; the end has -1."""

    at: datetime
    days_left: int

    @property
    def is_end(self) -> bool:
        return self.days_left == AFTER_THE_LAST_DAY


def next_alarm(
    due_on: date | None, reminder_days: Iterable[int], *, done: datetime, now: datetime
) -> Alarm | None:
    """The alarm to ring or to wait for; None where there is no due date.

    Alarms up to the instant `done` are done. Of several that came since (no worker ran), only the latest
    rings; an end that lies in the past rings at once, whenever the case was opened.
    """
    if due_on is None:
        return None
    every = _alarms(due_on, reminder_days)
    ahead = [alarm for alarm in every if alarm.at > done]
    missed = [alarm for alarm in ahead if alarm.at <= now]
    return (missed[-1:] or ahead[:1] or every[-1:])[0]


def _alarms(due_on: date, reminder_days: Iterable[int]) -> list[Alarm]:
    """All alarms of a deadline in order; the end is always the last."""
    days = {*reminder_days, AFTER_THE_LAST_DAY}
    return sorted(Alarm(datetime.combine(due_on - timedelta(days=left), DAY_BEGINS), left) for left in days)


def days_left(days: int) -> str:
    """As a person reads it."""
    return "1 day left" if days == 1 else f"{days} days left"
