"""How long a payer usually takes to answer an appeal, and so when we ask where it stands."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """One row of `rules/answer_times.csv`; None matches any payer, line of business or level."""

    payer_key: str | None
    line_of_business: str | None
    level: int | None
    days: int  # from sending to the first question
    again_days: int  # from one question to the next
    source: str

    def matches(self, payer_key: str | None, line_of_business: str | None, level: int) -> bool:
        return (
            self.payer_key in (None, payer_key)
            and self.line_of_business in (None, line_of_business)
            and self.level in (None, level)
        )


AnswerTimes = tuple[AnswerTime, ...]
"""The first row that matches decides; a loaded table ends in a row for every payer."""


def answer_time(
    times: AnswerTimes, *, payer_key: str | None, line_of_business: str | None, level: int
) -> AnswerTime:
    return next(time for time in times if time.matches(payer_key, line_of_business, level))


def next_question_on(time: AnswerTime, *, sent_on: date, asked: int) -> date:
    """When to ask for the `asked + 1`-th time about what was sent on `sent_on`."""
    return sent_on + timedelta(days=time.days + asked * time.again_days)
