"""The day that a practice, wherever it is in the United States, lives in at an instant."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

DAY_BEGINS: Final = time(12, tzinfo=UTC)
"""By then it is morning in the United States, and the day before is over even in Hawaii (UTC-10) and American
Samoa (UTC-11): nobody loses an evening."""


def practice_date(instant: datetime) -> date:
    """The date that deadlines and people's steps go by; it changes at 12:00 UTC. `instant` is in UTC."""
    return (instant - timedelta(hours=DAY_BEGINS.hour)).date()
