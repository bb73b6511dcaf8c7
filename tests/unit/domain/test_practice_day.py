"""The date changes when the practice's day does, not at midnight in Greenwich."""

from datetime import UTC, date, datetime

import pytest

from overturn.domain.practice_day import practice_date


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 3, 16, 11, 59, tzinfo=UTC), date(2026, 3, 15)),
        (datetime(2026, 3, 16, 12, tzinfo=UTC), date(2026, 3, 16)),
        (datetime(2026, 3, 17, 3, tzinfo=UTC), date(2026, 3, 16)),  # the evening of the 16th in California
    ],
)
def test_the_practice_changes_its_date_at_noon_utc(instant: datetime, expected: date) -> None:
    assert practice_date(instant) == expected
