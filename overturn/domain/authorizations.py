"""What payers authorised for a patient, and how much of it the practice's own claims have used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

VISITS_LEFT_ALERT: Final = 2
"""An authorization with so many visits left, or fewer, is running out."""


class Discipline(StrEnum):
    """Of therapy, as the modifier of a line says it."""

    PT = "PT"
    OT = "OT"
    SLP = "SLP"


DISCIPLINES: Final = {"GP": Discipline.PT, "GO": Discipline.OT, "GN": Discipline.SLP}


@dataclass(frozen=True, slots=True)
class Authorization:
    """One payer's word for one patient. `account` is the member's number, or a claim's own number;
    `number` is None where the payer said that none is required. No `visits` and no `units`: no such limit.
    No `procedures` and no `discipline`: any. `reference` is where the payer said so."""

    payer_key: str
    account: str
    number: str | None
    effective_from: date
    effective_to: date | None
    visits: int | None = None
    units: Decimal | None = None
    procedures: tuple[str, ...] = ()
    discipline: Discipline | None = None
    reference: str = ""

    @property
    def required(self) -> bool:
        return self.number is not None

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def names(self, procedure: str | None, modifiers: Iterable[str]) -> bool:
        """Whether it is for this service; a modifier that tells no discipline leaves it open."""
        told = {DISCIPLINES[modifier] for modifier in modifiers if modifier in DISCIPLINES}
        fits = self.discipline is None or not told or self.discipline in told
        return fits and (not self.procedures or procedure is None or procedure in self.procedures)


@dataclass(frozen=True, slots=True)
class UsedLine:
    """A line that took from an authorization: paid, owed by the patient, or not answered yet."""

    service_on: date
    procedure: str | None
    modifiers: frozenset[str]
    units: Decimal


@dataclass(frozen=True, slots=True)
class AuthorizationUse:
    """An authorization with the lines of the patient's other claims."""

    authorization: Authorization
    lines: tuple[UsedLine, ...] = ()

    def visits_used(self, *, until: date, without: date | None = None) -> int:
        """Days of service up to and with `until`; `without` is a day that is asked about and not counted."""
        return len({line.service_on for line in self._counted(until)} - {without})

    def units_used(self, *, until: date) -> Decimal:
        return sum((line.units for line in self._counted(until)), Decimal(0))

    def has_room(self, on: date, units: Decimal) -> bool:
        """Whether a visit of that day, with so many units, still fits."""
        known = self.authorization
        visits_fit = known.visits is None or self.visits_used(until=on, without=on) < known.visits
        return visits_fit and (known.units is None or self.units_used(until=on) + units <= known.units)

    def visits_left(self, today: date) -> int | None:
        """None where the number of visits is not limited."""
        visits = self.authorization.visits
        return None if visits is None else max(visits - self.visits_used(until=today), 0)

    def used_today(self, today: date) -> str:
        """How much is used by now: `10 of 10 visits`; empty where nothing is limited."""
        return self._words(today, self.visits_used(until=today))

    def used_before(self, on: date) -> str:
        """The same before a visit of that day."""
        return self._words(on, self.visits_used(until=on, without=on))

    def _words(self, on: date, visits: int) -> str:
        known, said = self.authorization, []
        if known.visits is not None:
            said.append(f"{visits} of {known.visits} visits")
        if known.units is not None:
            said.append(f"{self.units_used(until=on).normalize():f} of {known.units.normalize():f} units")
        return " and ".join(said)

    def _counted(self, until: date) -> list[UsedLine]:
        known = self.authorization
        return [
            line
            for line in self.lines
            if known.in_force(line.service_on)
            and line.service_on <= until
            and known.names(line.procedure, line.modifiers)
        ]


@dataclass(frozen=True, slots=True)
class RetroactiveAuthorization:
    """One row of `rules/retroactive_authorizations.csv`: so many days after the service a payer still
    authorises it."""

    payer_key: str
    days_after: int
    effective_from: date | None
    effective_to: date | None
    source: str

    def last_day(self, service_on: date) -> date | None:
        """The last day to ask for a service; None where the row does not hold on that day."""
        if not (self.effective_from or service_on) <= service_on <= (self.effective_to or service_on):
            return None
        return service_on + timedelta(days=self.days_after)


def ask_until(
    rows: Sequence[RetroactiveAuthorization], payer_key: str | None, service_on: date
) -> tuple[date, str] | None:
    """The last day to ask this payer for a service that had none, and the source; None: no rule."""
    days = [
        (day, row.source) for row in rows if row.payer_key == payer_key and (day := row.last_day(service_on))
    ]
    return max(days, default=None)
