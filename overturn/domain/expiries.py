"""What of the practice's own data ends before long: contracts, enrolments, authorizations, visits."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from overturn.domain.authorizations import Authorization, AuthorizationUse
from overturn.domain.business_days import add_months
from overturn.domain.causes.tables import Enrolment
from overturn.domain.contracts import ContractPrice

REVALIDATION_YEARS: Final = 5
"""Medicare has each enrolment confirmed so often (42 CFR 424.515(a))."""


class Ending(StrEnum):
    """What comes to its end."""

    CONTRACT = "contract"
    ENROLMENT = "enrolment"
    REVALIDATION = "revalidation"
    AUTHORIZATION = "authorization"
    VISITS = "visits"


@dataclass(frozen=True, slots=True)
class Expiry:
    """One thing that ends. `left` is days until `ends_on`, or visits; `threshold` is the smallest of those
    set that it has come under; `names` say which it is, and may name a patient's account."""

    ending: Ending
    payer_key: str
    names: tuple[str, ...]
    left: int
    threshold: int
    ends_on: date | None = None


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Notice:
    """When it is told: so many days before, smaller ones again; so many visits left, or fewer."""

    days: Sequence[int]
    few_visits: int

    def of_days(self, left: int) -> int | None:
        """The threshold that so many days have come under; None: too early, or over."""
        return min((days for days in self.days if 0 <= left <= days), default=None)


def expiring_contracts(prices: Iterable[ContractPrice], *, notice: Notice, today: date) -> Iterator[Expiry]:
    """One for each payer and day on which prices end that no later row follows."""
    last = _latest(prices, lambda one: (one.payer_key, one.procedure, one.locality), _end_of)
    ends: dict[tuple[str, date], list[str]] = defaultdict(list)
    for price in last:
        if price.effective_to is not None:
            ends[price.payer_key, price.effective_to].append(price.procedure or price.locality or "")
    for (payer, day), names in sorted(ends.items()):
        yield from _dated(Ending.CONTRACT, payer, tuple(sorted(names)), day, notice=notice, today=today)


def expiring_enrolments(
    rows: Iterable[Enrolment], *, medicare: frozenset[str], notice: Notice, today: date
) -> Iterator[Expiry]:
    """Enrolments that end, and those of `medicare` payers that are to be revalidated."""
    for row in _latest(rows, lambda one: (one.payer_key, one.npi), _end_of):
        if row.effective_to is not None:
            day, ending = row.effective_to, Ending.ENROLMENT
        elif row.payer_key in medicare:
            day, ending = _next_revalidation(row.effective_from, today), Ending.REVALIDATION
        else:
            continue
        yield from _dated(ending, row.payer_key, (row.npi,), day, notice=notice, today=today)


def expiring_authorizations(
    uses: Iterable[AuthorizationUse], *, notice: Notice, today: date
) -> Iterator[Expiry]:
    """Those that end with none to follow, and those in force with few visits left."""
    held = [use for use in uses if use.authorization.required]
    for use in _latest(held, _same_service, lambda one: _end_of(one.authorization)):
        known, left = use.authorization, use.visits_left(today)
        names = (known.number or "", known.account)
        if known.effective_to is not None:
            day = known.effective_to
            yield from _dated(Ending.AUTHORIZATION, known.payer_key, names, day, notice=notice, today=today)
        if left is not None and left <= notice.few_visits and known.in_force(today):
            yield Expiry(Ending.VISITS, known.payer_key, names, left, notice.few_visits, known.effective_to)


def _same_service(use: AuthorizationUse) -> Hashable:
    known = use.authorization
    return known.payer_key, known.account, known.procedures, known.discipline


def _end_of(row: ContractPrice | Enrolment | Authorization) -> date:
    return row.effective_to or date.max


def _latest(
    rows: Iterable[Item], same: Callable[[Item], Hashable], end: Callable[[Item], date]
) -> list[Item]:
    """Of the rows about one thing, the one that holds longest: what follows another takes its end away."""
    found: dict[Hashable, Item] = {}
    for row in rows:
        key = same(row)
        if key not in found or end(row) > end(found[key]):
            found[key] = row
    return list(found.values())


def _dated(
    ending: Ending, payer_key: str, names: tuple[str, ...], day: date, *, notice: Notice, today: date
) -> Iterator[Expiry]:
    left = (day - today).days
    threshold = notice.of_days(left)
    if threshold is not None:
        yield Expiry(ending, payer_key, names, left, threshold, day)


def _next_revalidation(enrolled_on: date, today: date) -> date:
    """The first whole number of periods after the enrolment that is not over."""
    months = 12 * REVALIDATION_YEARS
    day = add_months(enrolled_on, months)
    while day < today:
        months += 12 * REVALIDATION_YEARS
        day = add_months(enrolled_on, months)
    return day
