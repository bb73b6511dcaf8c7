"""A payer is silent only when its usual time is over."""

from datetime import date, timedelta

import pytest

from overturn.domain.answer_times import AnswerTime, AnswerTimes

SENT = date(2026, 1, 5)
TIMES = AnswerTimes(
    [
        AnswerTime("north_plan", 14, "contract", effective_from=date(2026, 1, 1)),
        AnswerTime("north_plan", 45, "old contract", effective_to=date(2025, 12, 31)),
        AnswerTime(None, 30, "own choice"),
    ]
)


@pytest.mark.parametrize(("payer", "days"), [("north_plan", 14), ("south_plan", 30), (None, 30)])
def test_silence_begins_the_day_after_the_last_usual_day(payer: str | None, days: int) -> None:
    last = SENT + timedelta(days=days)
    assert TIMES.silence(payer, sent_on=SENT, today=last) is None
    silence = TIMES.silence(payer, sent_on=SENT, today=last + timedelta(days=1))
    assert silence is not None
    assert (silence.answer_due_on, silence.days_over, silence.rule.days) == (last, 1, days)


def test_the_row_that_held_when_the_claim_was_sent_decides() -> None:
    silence = TIMES.silence("north_plan", sent_on=date(2025, 12, 20), today=date(2026, 3, 1))
    assert silence is not None
    assert silence.rule.source == "old contract"


def test_the_shortest_time_bounds_what_has_to_be_looked_at() -> None:
    assert TIMES.shortest_days == 14


def test_no_row_at_all_is_said() -> None:
    with pytest.raises(LookupError, match=r"no usual time to answer holds on 2026-01-05"):
        AnswerTimes([]).silence(None, sent_on=SENT, today=SENT)
