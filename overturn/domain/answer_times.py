"""How long a payer usually takes to answer, and so when its silence is worth a question."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from overturn.domain.deadlines import DeadlineKind


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """One row of `rules/answer_times.csv`; None matches any payer, line of business, level or date.

    `kind` is a claim, an appeal or records, `level` that of the appeal. Times are in calendar days.
    """

    payer_key: str | None
    line_of_business: str | None
    kind: DeadlineKind
    level: int | None
    days: int  # from sending to the first question
    again_days: int  # from one question to the next
    source: str
    effective_from: date | None = None
    effective_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.effective_from or day) <= day <= (self.effective_to or day)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is with a payer: a claim, records, or an appeal of some level, since `sent_on`."""

    kind: DeadlineKind
    payer_key: str | None
    line_of_business: str | None
    sent_on: date
    level: int | None = None

    def fits(self, time: AnswerTime) -> bool:
        return (
            time.kind is self.kind
            and time.payer_key in (None, self.payer_key)
            and time.line_of_business in (None, self.line_of_business)
            and time.level in (None, self.level)
            and time.holds_on(self.sent_on)
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """A claim unanswered past the usual time: since when an answer was due, and by which row."""

    answer_due_on: date
    days_over: int
    rule: AnswerTime


AnswerTimes = tuple[AnswerTime, ...]
"""The first row that fits decides; a loaded table has one of each kind for every payer."""


def answer_time(times: Iterable[AnswerTime], waiting: Waiting) -> AnswerTime:
    """Raises LookupError where no row fits."""
    for time in times:
        if waiting.fits(time):
            return time
    raise LookupError(f"no usual time to answer holds on {waiting.sent_on}: add a row to answer_times.csv")


def next_question_on(time: AnswerTime, *, sent_on: date, asked: int) -> date:
    """When to ask for the `asked + 1`-th time about what was sent on `sent_on`."""
    return sent_on + timedelta(days=time.days + asked * time.again_days)


def silence(times: Iterable[AnswerTime], waiting: Waiting, *, today: date) -> Silence | None:
    """None while the payer is within its usual time."""
    rule = answer_time(times, waiting)
    due_on = next_question_on(rule, sent_on=waiting.sent_on, asked=0)
    return Silence(due_on, (today - due_on).days, rule) if today > due_on else None


def shortest_days(times: Iterable[AnswerTime], kind: DeadlineKind) -> int:
    """No question of this kind is due before so many days."""
    return min(time.days for time in times if time.kind is kind)
