"""When a case's deadline rings: reminders some days before it, and its end.

A date has no time zone and a practice has one. All alarms ring at 12:00 UTC: a reminder then meets the
morning of its day in the United States, and the end comes on the day after, when the last day is over
even in Hawaii (UTC-10) and American Samoa (UTC-11). Nobody loses an evening.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

RINGS_AT: Final = time(12, tzinfo=UTC)
AFTER_THE_LAST_DAY: Final = -1


class Alarm(NamedTuple):
    """`days_left` counts to the due date; the end has -1."""

    at: datetime
    days_left: int

    @property
    def is_end(self) -> bool:
        return self.days_left == AFTER_THE_LAST_DAY


def practice_date(instant: datetime) -> date:
    """The date that alarms go by: like them, it changes at 12:00 UTC."""
    return (instant - timedelta(hours=RINGS_AT.hour)).date()


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
    return sorted(Alarm(datetime.combine(due_on - timedelta(days=left), RINGS_AT), left) for left in days)
