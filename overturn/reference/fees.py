"""Fee schedule look-ups by date of service: RVUs, geographic indices, constants; each with its source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Generic, TypeVar

from overturn.domain.fee_schedule import NATIONAL, RelativeValues

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)

MULTIPLE_THERAPY: Final = "5"
PAID_BY_VALUES: Final = frozenset({"A", "R", "T"})
BUNDLED: Final = "B"
NOT_PAID_BY_VALUES: Final = {
    "C": "is priced by the contractor, not by RVUs",
    "I": "is not valid for Medicare, which wants another code",
    "N": "is not covered by Medicare",
}
LISTED: Final = 6
FIRST_YEAR_OF_TWO_FACTORS: Final = 2026


class UnknownFeeError(Exception):
    """A figure is not in the tables at hand; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Value_co]):
    """A looked-up value with its origin; stale where the date lies outside the table's time."""

    value: Value_co
    source: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class CodeValues:
    """One row of a PPRRVU release: status, RVUs outside a facility, multiple procedure indicator."""

    hcpcs: str
    status: str
    relative_values: RelativeValues
    multiple_procedure: str


@dataclass(frozen=True, slots=True)
class Release:
    """One PPRRVU release, in force until the next one, at most to the end of its year."""

    name: str
    effective_from: date
    effective_to: date
    find: "Mapping[str, CodeValues]"
    conversion_factor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Locality:
    """The geographic indices of a Medicare locality in a year."""

    contractor: str
    locality: str
    state: str
    name: str
    effective_from: date
    effective_to: date
    gpci: RelativeValues
    source: str

    @property
    def key(self) -> str:
        return f"{self.state} {self.contractor}-{self.locality} {self.name}"


@dataclass(frozen=True, slots=True)
class Constant:
    """A figure of law or rule, for a time."""

    name: str
    effective_from: date
    effective_to: date | None
    value: Decimal
    source: str

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True)
class FeeTables:
    """All fee tables at hand."""

    releases: Sequence[Release]
    localities: Sequence[Locality]
    constants: Sequence[Constant]

    def relative_values(self, hcpcs: str, on: date) -> Found[RelativeValues]:
        """RVUs of a procedure outside a facility, from a release of the date's year."""
        found = self._code(hcpcs, [r for r in self.releases if r.effective_from.year == on.year], on)
        if found is None:
            raise UnknownFeeError(
                f"No RVUs of {on.year} for {hcpcs} are at hand: import the year's PPRRVU file with `overturn "
                "reference import pprrvu FILE`, or give rvu with the line."
            )
        code = found.value
        if code.status == BUNDLED:
            zero = RelativeValues(Decimal(0), Decimal(0), Decimal(0))
            return Found(zero, f"{found.source}: status B, never paid by itself", found.stale)
        if code.status not in PAID_BY_VALUES:
            why = NOT_PAID_BY_VALUES.get(code.status, f"has status {code.status} and no fee")
            raise UnknownFeeError(f"{hcpcs} {why} ({found.source}): leave it out, or give rvu with the line.")
        return Found(code.relative_values, found.source, found.stale)

    def multiple_procedure(self, hcpcs: str, on: date) -> Found[bool]:
        """Whether a procedure is always therapy (indicator 5), by the nearest release up to the date."""
        found = self._code(hcpcs, [r for r in self.releases if r.effective_from <= on], on)
        if found is None:
            raise UnknownFeeError(
                f"Whether {hcpcs} is always therapy is not known here: say mppr true or false with the line."
            )
        return Found(found.value.multiple_procedure == MULTIPLE_THERAPY, found.source, found.stale)

    def conversion_factor(self, on: date, *, qualifying_apm: bool = False) -> Found[Decimal]:
        """Dollars per RVU; since 2026 a qualifying APM participant has its own."""
        own = qualifying_apm and on.year >= FIRST_YEAR_OF_TWO_FACTORS
        found = self.constant_if_any(f"conversion_factor{'_qualifying_apm' if own else ''}", on)
        if found is None and not own:
            found = self._released_factor(on)
        if found is None:
            raise UnknownFeeError(f"No conversion factor for {on} is at hand: give conversion_factor.")
        return found

    def constant(self, name: str, on: date) -> Found[Decimal]:
        """A constant that must be known for the date."""
        found = self.constant_if_any(name, on)
        if found is None:
            raise UnknownFeeError(f"No {name.replace('_', ' ')} for {on} is at hand, so nothing is priced.")
        return found

    def constant_if_any(self, name: str, on: date) -> Found[Decimal] | None:
        """A constant that did not always exist."""
        return next(
            (Found(c.value, c.source) for c in self.constants if c.name == name and c.in_force(on)), None
        )

    def gpci(self, locality: str, on: date) -> Found[RelativeValues]:
        """Indices of a locality named as `CA 01182-18`, `01182-18`, `CA 18`, by its name, or by a state that
        has one locality; `National` stands for 1.000 each."""
        if _words(locality) == "NATIONAL":
            return Found(NATIONAL, "national: every index is 1.000")
        of_year = [row for row in self.localities if row.effective_from <= on <= row.effective_to]
        if not of_year:
            raise UnknownFeeError(
                f"No GPCIs for {on.year} are at hand: import them with `overturn reference import gpci "
                "FILE`, or give gpci."
            )
        fits = _localities_named(locality, of_year)
        if len(fits) == 1:
            return Found(fits[0].gpci, f"GPCI of {fits[0].key}: {fits[0].source}")
        raise UnknownFeeError(_which(locality, fits, of_year, on))

    def _code(self, hcpcs: str, releases: Sequence[Release], on: date) -> Found[CodeValues] | None:
        def distance(release: Release) -> tuple[int, int]:
            if release.effective_from <= on:
                return (0, (on - release.effective_from).days)
            return (1, (release.effective_from - on).days)

        for release in sorted(releases, key=distance):
            if (code := release.find.get(hcpcs)) is not None:
                stale = not release.effective_from <= on <= release.effective_to
                return Found(code, release.name, stale)
        return None

    def _released_factor(self, on: date) -> Found[Decimal] | None:
        fits = [
            r
            for r in self.releases
            if r.conversion_factor and r.effective_from.year == on.year and r.effective_from <= on
        ]
        newest = max(fits, key=lambda release: release.effective_from, default=None)
        if newest is None or newest.conversion_factor is None:
            return None
        return Found(newest.conversion_factor, newest.name, on > newest.effective_to)


def _localities_named(text: str, rows: Sequence[Locality]) -> list[Locality]:
    """The localities a text may mean, the most certain reading first."""
    wanted = _words(text)
    if number := re.search(r"\b(\d{5})\D*(\d{2})\b", text):
        return [row for row in rows if (row.contractor, row.locality) == number.groups()]
    state, _, rest = wanted.partition(" ")
    if re.fullmatch(r"\d{1,2}", rest):
        return [row for row in rows if (row.state, row.locality) == (state, rest.zfill(2))]
    by_name = [r for r in rows if wanted in {_words(r.name), f"{r.state} {_words(r.name)}"}]
    return by_name or [row for row in rows if row.state == wanted]


def _which(locality: str, fits: Sequence[Locality], of_year: Sequence[Locality], on: date) -> str:
    state = _words(locality)[:2]
    near = list(fits) or [row for row in of_year if row.state == state]
    listed = "; ".join(row.key for row in near[:LISTED]) + (" ..." if len(near) > LISTED else "")
    problem = "names several localities" if len(fits) > 1 else f"is no locality of {on.year}"
    choose = f" Choose one of: {listed}." if near else " Write it as CA 01182-18: contractor and locality."
    return f"{locality!r} {problem}.{choose}"


def _words(text: str) -> str:
    return " ".join(re.findall(r"[A-Z0-9]+", text.upper()))
