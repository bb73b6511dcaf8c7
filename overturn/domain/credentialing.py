"""A payer that does not know a provider yet: which claims that costs, and what becomes of each of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from overturn.domain.codes import Action

FOLLOW_UP_DAYS: Final = 30
"""An open incident is looked at again so often, whatever else happens: payers take 60 to 90 days."""


class GapState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"  # nobody has an effective date
    ASKED = "asked"  # the payer was asked for a retroactive date
    DATED = "dated"  # the payer gave an effective date
    REFUSED = "refused"  # the payer will not enrol the provider
    CLOSED = "closed"  # none of its claims is open any more


ANSWERS: Final = (GapState.DATED, GapState.ASKED, GapState.REFUSED)
"""What the practice may say of an incident."""


class SignKind(StrEnum):
    """Where a sign of a gap stands."""

    CAUSE = "cause"  # of a classified denial
    CLAIM_STATUS = "claim_status"  # status code and entity of a 277CA, as 562:82


GapSigns = dict[SignKind, frozenset[str]]


class Means(StrEnum):
    """What a payer allows for services before the effective date."""

    BILL = "bill"  # they are payable all the same, some days back
    APPEAL = "appeal"  # it can be asked for an earlier date


class Remedy(StrEnum):
    """What becomes of one claim of an incident that has its answer."""

    BILL = "bill"
    APPEAL = "appeal"
    WRITE_OFF = "write_off"  # proposed: a person decides
    ASK = "ask"  # its date of service is not known: a person looks


@dataclass(frozen=True, slots=True)
class RetroactiveRule:
    """One row of `rules/retroactive_enrolment.csv`; `days_back` None: any number of days."""

    payer_key: str | None
    line_of_business: str | None
    means: Means
    days_back: int | None
    source: str
    confidence: str
    effective_from: date | None = None
    effective_to: date | None = None

    def fits(self, payer_key: str | None, line_of_business: str | None, on: date) -> bool:
        return (
            self.payer_key in (None, payer_key)
            and self.line_of_business in (None, line_of_business)
            and (self.effective_from or on) <= on <= (self.effective_to or on)
        )

    def reaches(self, service_on: date, effective_on: date | None) -> bool:
        """Whether a service lies within the days before the effective date; without one only an unlimited
        rule reaches it."""
        if self.days_back is None:
            return True
        return effective_on is not None and service_on >= effective_on - timedelta(days=self.days_back)


@dataclass(frozen=True, slots=True)
class Remedied:
    """A remedy and the sentence that says why, with its source."""

    remedy: Remedy
    because: str


def find_remedy(
    service_on: date | None,
    effective_on: date | None,
    rules: Iterable[RetroactiveRule],
    *,
    payer_key: str | None,
    line_of_business: str | None,
) -> Remedied:
    """What to do for a claim first served on `service_on`; `effective_on` None where the payer refused."""
    if service_on is None:
        return Remedied(Remedy.ASK, "its date of service is not known: compare it with the effective date")
    if effective_on and service_on >= effective_on:
        return Remedied(Remedy.BILL, f"served on or after the effective date, {effective_on}")
    fitting = [rule for rule in rules if rule.fits(payer_key, line_of_business, service_on)]
    before = f"before the effective date, {effective_on}" if effective_on else "without an effective date"
    for means in Means:
        for rule in fitting:
            if rule.means is means and rule.reaches(service_on, effective_on):
                why = f"{before}; {rule.source} (confidence {rule.confidence})"
                return Remedied(Remedy(means.value), f"served on {service_on}, {why}")
    why = f"served on {service_on}, {before}, and no rule lets this payer go back"
    return Remedied(Remedy.WRITE_OFF, why)


def is_answered(state: GapState, effective_on: date | None, today: date) -> bool:
    """Its claims can be released: the effective date is here, or there will be none."""
    dated = state is GapState.DATED and effective_on is not None and effective_on <= today
    return dated or state is GapState.REFUSED


def billing_action(action: Action, *, replaceable: bool) -> Action:
    """How a released claim goes out; `replaceable` where the payer has a number for it and takes
    replacements (Medicare Part B takes none)."""
    if action in {Action.CORRECTED_CLAIM, Action.NEW_CLAIM}:
        return action
    return Action.CORRECTED_CLAIM if replaceable else Action.NEW_CLAIM


def next_look(
    today: date,
    *,
    opened_on: date,
    effective_on: date | None,
    limits: Iterable[date],
    reminder_days: Iterable[int],
) -> date:
    """The next day on which an open incident asks for attention; always after today."""
    left = tuple(reminder_days)
    days = {limit - timedelta(days=days) for limit in limits for days in left}
    if effective_on:
        days.add(effective_on)
    since = max((today - opened_on).days, 0)
    days.add(opened_on + timedelta(days=(since // FOLLOW_UP_DAYS + 1) * FOLLOW_UP_DAYS))
    return min(day for day in days if day > today)
