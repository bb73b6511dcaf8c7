"""When a deadline rings."""

from datetime import UTC, date, datetime, timedelta

from workflows.denial_case.alarms import Alarm, next_alarm

DAYS = (14, 7, 1, 0)
DUE = date(2026, 3, 16)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def ring(now: datetime, *, done: datetime | None = None, days: tuple[int, ...] = DAYS) -> Alarm:
    alarm = next_alarm(DUE, days, done=done or now, now=now)
    assert alarm is not None
    return alarm


def test_all_alarms_in_order() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    rung: list[Alarm] = []
    while not rung or not rung[-1].is_end:
        rung.append(ring(now))
        now = rung[-1].at
    assert [(alarm.at.date(), alarm.days_left) for alarm in rung] == [
        (date(2026, 3, 2), 14),
        (date(2026, 3, 9), 7),
        (date(2026, 3, 15), 1),
        (date(2026, 3, 16), 0),
        (date(2026, 3, 17), -1),
    ]


def test_without_a_due_date_nothing_rings() -> None:
    now = noon(DUE)
    assert next_alarm(None, DAYS, done=now, now=now) is None


def test_what_was_past_at_the_start_does_not_ring() -> None:
    assert ring(noon(DUE) - timedelta(days=10)).days_left == 7


def test_of_several_missed_reminders_the_latest_rings() -> None:
    opened = noon(DUE) - timedelta(days=30)
    assert ring(noon(DUE) - timedelta(hours=1), done=opened) == Alarm(noon(DUE) - timedelta(days=1), 1)


def test_a_missed_end_rings_at_once_and_alone() -> None:
    opened = noon(DUE) - timedelta(days=30)
    now = noon(DUE) + timedelta(days=40)
    assert ring(now, done=opened).is_end
    assert ring(now).is_end
    assert ring(now).at <= now


def test_the_last_day_lasts_until_it_is_over_in_hawaii() -> None:
    end = ring(noon(DUE))
    assert end.is_end
    assert end.at - timedelta(hours=10) > datetime(2026, 3, 17, tzinfo=UTC)


def test_without_reminders_the_end_still_rings() -> None:
    assert ring(noon(date(2026, 1, 1)), days=()).is_end
