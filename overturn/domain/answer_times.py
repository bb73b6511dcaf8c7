"""How long a payer usually takes to answer a claim, and so from when on silence is worth a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """One row of `rules/answer_times.csv`; `payer_key` None is every payer without a row of its own."""

    payer_key: str | None
    days: int
    source: str
    effective_from: date | None = None
    effective_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.effective_from or day) <= day <= (self.effective_to or day)


@dataclass(frozen=True, slots=True)
class Silence:
    """A claim unanswered past the usual time: since when an answer was due, and by which row."""

    answer_due_on: date
    days_over: int
    rule: AnswerTime


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Every row; a loaded table always has one for a payer that is in no row."""

    times: Sequence[AnswerTime]

    def silence(self, payer_key: str | None, *, sent_on: date, today: date) -> Silence | None:
        """None while the payer is within its usual time. Raises LookupError where no row holds."""
        rule = self._find(payer_key, sent_on)
        due_on = sent_on + timedelta(days=rule.days)
        return Silence(due_on, (today - due_on).days, rule) if today > due_on else None

    @property
    def shortest_days(self) -> int:
        return min(time.days for time in self.times)

    def _find(self, payer_key: str | None, sent_on: date) -> AnswerTime:
        held = [time for time in self.times if time.holds_on(sent_on)]
        own = [time for time in held if time.payer_key == payer_key]
        general = [time for time in held if time.payer_key is None]
        if not (own or general):
            raise LookupError(f"no usual time to answer holds on {sent_on}: add a row to answer_times.csv")
        return (own or general)[0]
