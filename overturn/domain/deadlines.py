"""Filing windows into dates: by when a claim, a correction or an appeal must reach the payer, and why.

A window comes from `rules/filing_windows.csv`. Where no window is known the answer says what is missing;
there is no default (a wrong date costs the claim).
"""

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from overturn.domain.business_days import (
    add_months,
    end_of_month,
    next_business_day,
    subtract_business_days,
)

NO_LEVEL: Final = 0
"""The level of everything that is not an appeal; appeals count from 1."""


class DeadlineKind(StrEnum):
    """What has to arrive in time."""

    CLAIM = "claim"
    CORRECTED_CLAIM = "corrected_claim"
    APPEAL = "appeal"
    REOPENING = "reopening"  # for any reason
    GOOD_CAUSE_REOPENING = "good_cause_reopening"
    CLERICAL_REOPENING = "clerical_reopening"
    RECORDS = "records"
    RECOUPMENT_REBUTTAL = "recoupment_rebuttal"
    RECOUPMENT_STOP = "recoupment_stop"  # the appeal that keeps the payer from withholding
    REPAYMENT = "repayment"

    UPIC_RECORDS = "upic_records"  # asked for by a program integrity contractor of Medicare


LEVELLED: Final = frozenset({DeadlineKind.APPEAL, DeadlineKind.RECOUPMENT_STOP})
"""What stands on a ladder of appeals and has a window for each step."""


class WindowUnit(StrEnum):
    """How a window is measured. The last three are calendar rules or the lack of one."""

    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    MONTHS_AFTER_MONTH = "months_after_month"  # until the end of the n-th month after the start's month
    DAYS_AFTER_YEAR = "days_after_year"  # n days after 31 December of the start's year
    YEARS_AFTER_YEAR = "years_after_year"  # until 31 December of the n-th year after the start's year
    ANY_TIME = "any_time"
    UNKNOWN = "unknown"


class CountedFrom(StrEnum):
    """The event that starts a window, as a field of `StartDates`."""

    SERVICE = "service_on"
    NOTICE = "notice_on"
    RECEIPT = "received_on"
    FIRST_NOTICE = "first_notice_on"


class Roll(StrEnum):
    """What happens when the last day is no business day."""

    NONE = "none"
    NEXT_BUSINESS_DAY = "next_business_day"


@dataclass(frozen=True, slots=True)
class StartDates:
    """The dates a window may be counted from. `received_on` is proof of actual receipt, if there is any."""

    service_on: date | None = None
    notice_on: date | None = None  # remittance or decision that is being answered
    received_on: date | None = None
    first_notice_on: date | None = None  # the original remittance, where a later decision is being answered


@dataclass(frozen=True, slots=True)
class FilingWindow:
    """One row of `rules/filing_windows.csv`. `amount` is None for ANY_TIME and UNKNOWN."""

    id: str
    payer_key: str | None  # None: any payer of that line of business
    line_of_business: str | None  # None: any
    state: str | None  # None: any
    kind: DeadlineKind
    level: int
    level_name: str
    amount: int | None
    unit: WindowUnit
    counted_from: CountedFrom
    presumed_receipt_days: int
    roll: Roll
    note: str
    source: str
    confidence: str
    effective_from: date | None = None
    effective_to: date | None = None


@dataclass(frozen=True, slots=True)
class SafeMargin:
    """How many business days before the due date the practice wants to be done."""

    kind: DeadlineKind
    payer_key: str | None
    business_days: int


@dataclass(frozen=True, slots=True)
class FilingWindows:
    """All windows and margins of one version of the rules."""

    version: str
    windows: tuple[FilingWindow, ...]
    margins: tuple[SafeMargin, ...]


@dataclass(frozen=True, slots=True)
class WindowReference:
    """The window that was used, with how far its source can be trusted (high, medium, low)."""

    id: str
    version: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class DerivationStep:
    """One step of the arithmetic: what was done, the date after it, and the reason."""

    step: str
    date: date
    because: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day to be received by the payer, our own earlier day, and how they were derived."""

    due_on: date
    safe_on: date
    level_name: str
    rule: WindowReference
    derivation: tuple[DerivationStep, ...]


@dataclass(frozen=True, slots=True)
class OpenDeadline:
    """A window that never closes (Medicare clerical-error reopening)."""

    level_name: str
    rule: WindowReference
    because: str


@dataclass(frozen=True, slots=True)
class UnknownDeadline:
    """No date can be given; `missing` says what the practice has to supply."""

    missing: str


DeadlineAnswer = Deadline | OpenDeadline | UnknownDeadline

_START_NAMES = {
    CountedFrom.SERVICE: "date of service",
    CountedFrom.NOTICE: "date of the remittance or decision",
    CountedFrom.RECEIPT: "date the remittance or decision was received",
    CountedFrom.FIRST_NOTICE: "date of the original remittance",
}


def derive_deadline(
    kind: DeadlineKind,
    *,
    windows: FilingWindows,
    payer_key: str | None,
    line_of_business: str | None,
    starts: StartDates,
    level: int = 1,
    state: str | None = None,
    holidays: AbstractSet[date] = frozenset(),
    state_holidays: AbstractSet[date] = frozenset(),
) -> DeadlineAnswer:
    """The last day a claim, correction, reopening or appeal must be received; `level` is that of an appeal.

    Medicare appeals: 120 days from receipt of the determination, presumed 5 days after its date
    (42 CFR 405.942(a)); claims: one calendar year from service (42 CFR 424.44).

    No row says that a payer observes its state's own holidays: they bring our own day forward, and never move
    the last day back.
    """
    wanted = (kind, level if kind in LEVELLED else NO_LEVEL)
    question = _Question(payer_key, line_of_business, state, _latest(starts))
    fits = [w for w in windows.windows if (w.kind, w.level) == wanted and question.fits(w)]
    found = max(fits, key=_specificity, default=None)
    asked = _asked(kind, payer_key, line_of_business, level)
    if found is None:
        return UnknownDeadline(f"no filing window is known for {asked}: set the window in the payer's rules")
    if found.unit is WindowUnit.UNKNOWN:
        return UnknownDeadline(f"the window for {asked} is not published ({found.note}): set the window")
    reference = WindowReference(found.id, windows.version, found.source, found.confidence)
    if found.unit is WindowUnit.ANY_TIME:
        return OpenDeadline(found.level_name, reference, found.note)
    steps = _start(found, starts)
    if not steps:
        return UnknownDeadline(
            f"{asked} is counted from the {_START_NAMES[found.counted_from]}: give that date"
        )
    steps += _window_end(found, steps[-1].date, holidays)
    safe = _safe_step(found.kind, found.payer_key, steps[-1].date, windows.margins, holidays | state_holidays)
    return Deadline(steps[-1].date, safe.date, found.level_name, reference, (*steps, safe))


def _asked(kind: DeadlineKind, payer_key: str | None, line_of_business: str | None, level: int) -> str:
    named = f"{payer_key or 'an unknown payer'}, {line_of_business or 'unknown line of business'}"
    return f"{named}, {kind.replace('_', ' ')}" + (f" level {level}" if kind in LEVELLED else "")


def _latest(starts: StartDates) -> date | None:
    dates = [getattr(starts, field.name) for field in fields(starts)]
    return max((day for day in dates if day), default=None)


@dataclass(frozen=True, slots=True)
class _Question:
    """Whose window is asked for, and on which day it must be in force."""

    payer_key: str | None
    line_of_business: str | None
    state: str | None
    on: date | None

    def fits(self, window: FilingWindow) -> bool:
        business = (self.line_of_business or "").casefold()
        return (
            window.payer_key in (None, self.payer_key)
            and (window.line_of_business is None or window.line_of_business.casefold() == business)
            and window.state in (None, self.state)
            and (self.on is None or _in_force(window, self.on))
        )


def _in_force(window: FilingWindow, on: date) -> bool:
    return (window.effective_from or on) <= on <= (window.effective_to or on)


def _specificity(window: FilingWindow) -> tuple[bool, bool, bool]:
    """A payer's own window before that of a whole line of business, then the narrower one."""
    return (window.payer_key is not None, window.line_of_business is not None, window.state is not None)


def _start(window: FilingWindow, starts: StartDates) -> list[DerivationStep]:
    """Where counting begins; receipt of a notice is proven, or else presumed some days after its date."""
    if window.counted_from is not CountedFrom.RECEIPT:
        day: date | None = getattr(starts, window.counted_from.value)
        if window.counted_from is CountedFrom.FIRST_NOTICE and window.level <= 1:
            day = day or starts.notice_on  # up to the first appeal there is no earlier notice
        return [DerivationStep("start", day, _START_NAMES[window.counted_from])] if day else []
    if starts.received_on:
        return [DerivationStep("start", starts.received_on, "proven date of receipt")]
    if not starts.notice_on:
        return []
    days = window.presumed_receipt_days
    because = f"receipt is presumed {days} days after that date" if days else "no later receipt is proven"
    return [
        DerivationStep("start", starts.notice_on, _START_NAMES[CountedFrom.NOTICE]),
        DerivationStep("receipt", starts.notice_on + timedelta(days=days), because),
    ]


def _window_end(window: FilingWindow, start: date, holidays: AbstractSet[date]) -> list[DerivationStep]:
    due = _count(window, start)
    steps = [DerivationStep("window", due, f"{_measure(window)}: {window.level_name} ({window.source})")]
    rolled = next_business_day(due, holidays)
    if window.roll is Roll.NEXT_BUSINESS_DAY and rolled != due:
        steps.append(
            DerivationStep("roll", rolled, "the last day is a weekend or holiday: next business day")
        )
    return steps


def _count(window: FilingWindow, start: date) -> date:
    amount = window.amount or 0
    match window.unit:
        case WindowUnit.MONTHS:
            return add_months(start, amount)
        case WindowUnit.YEARS:
            return add_months(start, 12 * amount)
        case WindowUnit.MONTHS_AFTER_MONTH:
            return end_of_month(add_months(start.replace(day=1), amount))
        case WindowUnit.DAYS_AFTER_YEAR:
            return date(start.year, 12, 31) + timedelta(days=amount)
        case WindowUnit.YEARS_AFTER_YEAR:
            return date(start.year + amount, 12, 31)
        case _:
            return start + timedelta(days=amount)


def _measure(window: FilingWindow) -> str:
    unit = {
        WindowUnit.MONTHS_AFTER_MONTH: "months after the month",
        WindowUnit.DAYS_AFTER_YEAR: "days after the end of the year",
        WindowUnit.YEARS_AFTER_YEAR: "year's end after the year",
    }.get(window.unit, window.unit.value.removesuffix("s") if window.amount == 1 else window.unit.value)
    return f"{window.amount} {unit}"


def _safe_step(
    kind: DeadlineKind,
    payer_key: str | None,
    due: date,
    margins: tuple[SafeMargin, ...],
    holidays: AbstractSet[date],
) -> DerivationStep:
    fits = [m for m in margins if m.kind is kind and m.payer_key in (None, payer_key)]
    margin = max(fits, key=lambda m: m.payer_key is not None, default=None)
    days = margin.business_days if margin else 0
    because = f"own margin: {days} business days before the due date"
    return DerivationStep("safe", subtract_business_days(due, days, holidays), because)


STATED: Final = WindowReference("stated", "", "set by a person of the practice", "own")


def stated_deadline(
    due_on: date,
    *,
    kind: DeadlineKind,
    because: str,
    windows: FilingWindows,
    payer_key: str | None,
    holidays: AbstractSet[date] = frozenset(),
) -> Deadline:
    """The last day as a person of the practice states it, for a reason, with the practice's own margin."""
    safe = _safe_step(kind, payer_key, due_on, windows.margins, holidays)
    return Deadline(due_on, safe.date, "", STATED, (DerivationStep("stated", due_on, because), safe))


def deadline_document(answer: DeadlineAnswer) -> dict[str, Any]:
    """The answer in plain JSON values, as `overturn deadline --json` prints it and a case keeps it.

    A date with its derivation; `open` with the reason where the window never closes; `unknown` with what is
    missing.
    """
    match answer:
        case UnknownDeadline(missing=missing):
            return {"due_on": None, "unknown": missing}
        case OpenDeadline(rule=rule, because=because):
            return {
                "due_on": None,
                "open": because,
                "level_name": answer.level_name,
                "rule": asdict(rule),
                "derivation": [],
            }
        case Deadline():
            return {
                "due_on": answer.due_on.isoformat(),
                "safe_on": answer.safe_on.isoformat(),
                "level_name": answer.level_name,
                "rule": asdict(answer.rule),
                "derivation": [asdict(s) | {"date": s.date.isoformat()} for s in answer.derivation],
            }
