"""What one payer said of one claim, line by line, and how a line is known again in its next answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from overturn.domain.remittance import REVERSAL_STATUS, ZERO, sum_amounts

PAYER_RANKS: Final = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
"""CLP02 says for whom a payer speaks: as primary, secondary or tertiary. Other codes do not tell."""

PRIOR_PAYER_CARC: Final = "23"
"""CARC 23: what an earlier payer paid or adjusted, repeated by the next payer. Not money of this payer."""

PREVIOUSLY_PAID_CARC: Final = "B13"
"""CARC B13: what the same payer paid before, repeated. A denial only where no such payment is known."""


@dataclass(frozen=True, slots=True)
class LineIdentity:
    """What a line is known by. Procedure and modifiers as billed; `charge_amount` in US dollars."""

    procedure: str | None
    modifiers: frozenset[str]
    service_on: date | None
    charge_amount: Decimal
    control_number: str | None = None  # REF*6R

    @property
    def negative(self) -> "LineIdentity":
        """The same line in a reversal, and the other way round."""
        return replace(self, charge_amount=-self.charge_amount)


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What was said of one line, or (`number` and `identity` None) of the claim beyond its lines."""

    number: int | None  # ServiceLine.line_number
    identity: LineIdentity | None
    charge_amount: Decimal
    paid_amount: Decimal
    contractual_amount: Decimal = ZERO
    patient_amount: Decimal = ZERO
    denied_amount: Decimal = ZERO
    previously_paid_amount: Decimal = ZERO  # sum of CARC B13, part of denied_amount
    unpriced_amount: Decimal = ZERO  # the most that a denial without a price can be worth; in no sum

    def after(self, paid_amount: Decimal) -> "LineAnswer":
        """The same where so much was paid for the line before: repeating that denies nothing."""
        repeated = min(self.previously_paid_amount, paid_amount, self.denied_amount)
        return replace(self, denied_amount=self.denied_amount - max(repeated, ZERO))


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One CLP and how its adjusted dollars were classified; the amounts are those of claim and lines."""

    payment_id: UUID
    payment_on: date | None
    status_code: str
    payer_claim_control_number: str | None
    charge_amount: Decimal
    paid_amount: Decimal
    contractual_amount: Decimal = ZERO
    patient_amount: Decimal = ZERO
    denied_amount: Decimal = ZERO
    prior_payer_amount: Decimal = ZERO  # sum of CARC 23, part of contractual_amount
    lines: tuple[LineAnswer, ...] = ()

    @property
    def is_reversal(self) -> bool:
        return self.status_code == REVERSAL_STATUS

    @property
    def rank(self) -> int:
        """1 for the primary payer, 2 for the secondary, ... Where CLP02 does not tell, a payer that repeats
        another one's money comes after it."""
        return PAYER_RANKS.get(self.status_code, 2 if self.prior_payer_amount else 1)

    @property
    def order(self) -> tuple[date, bool, int, UUID]:
        """By date; on one day a reversal before its correction, and the primary payer before the next."""
        return (self.payment_on or date.min, not self.is_reversal, self.rank, self.payment_id)

    @property
    def at_stake_amount(self) -> Decimal:
        """What is denied, and the most that denials without a price can be worth."""
        return self.denied_amount + sum_amounts(line.unpriced_amount for line in self.lines)

    @property
    def lines_charge_amount(self) -> Decimal:
        return sum_amounts(line.charge_amount for line in self.lines)

    @property
    def beyond_lines(self) -> LineAnswer:
        """What the CLP says beyond its lines; all of it where it has none."""
        lines = self.lines
        return LineAnswer(
            number=None,
            identity=None,
            charge_amount=ZERO if lines else self.charge_amount,
            paid_amount=self.paid_amount - sum_amounts(line.paid_amount for line in lines),
            contractual_amount=self.contractual_amount - sum_amounts(a.contractual_amount for a in lines),
            patient_amount=self.patient_amount - sum_amounts(a.patient_amount for a in lines),
            denied_amount=self.denied_amount - sum_amounts(a.denied_amount for a in lines),
        )


_Same = Callable[[LineIdentity, LineIdentity], bool]


def _same_service(one: LineIdentity, other: LineIdentity) -> bool:
    return (one.procedure, one.service_on, one.charge_amount) == (
        other.procedure,
        other.service_on,
        other.charge_amount,
    )


def _same_number(one: LineIdentity, other: LineIdentity) -> bool:
    return one.control_number is not None and one.control_number == other.control_number


WAYS: Final[tuple[_Same, ...]] = (
    lambda one, other: _same_number(one, other) and _same_service(one, other),
    _same_number,
    lambda one, other: _same_service(one, other) and one.modifiers == other.modifiers,
    _same_service,
)
"""How a line is known again, the surest way first. Modifiers come last: a payer drops them, and a corrected
claim adds the one that was missing."""


def find_same(line: LineIdentity, among: Sequence[LineIdentity | None]) -> list[int]:
    """The places of those that are this line; several where nothing tells them apart.

    Two lines with line control numbers of their own that differ are never the same.
    """
    possible = [
        (place, other)
        for place, other in enumerate(among)
        if other and not (line.control_number and other.control_number and not _same_number(line, other))
    ]
    for same in WAYS:
        found = [place for place, other in possible if same(line, other)]
        if found:
            return found
    return []


LinePlace = tuple[UUID, int]
"""A line of one answer: the payment's id and the line's number in it."""


def distinct_lines(adjudications: Iterable[Adjudication]) -> dict[LinePlace, LinePlace]:
    """For each line of each answer, the place where the same line stood first; in the order given."""
    first: dict[LinePlace, LinePlace] = {}
    known: list[tuple[LinePlace, LineIdentity]] = []
    for adjudication in adjudications:
        free = list(known)
        for line in adjudication.lines:
            if line.identity is None or line.number is None:
                continue
            place = (adjudication.payment_id, line.number)
            found = find_same(line.identity, [identity for _, identity in free])
            if found:
                first[place] = free.pop(found[0])[0]
            else:
                first[place] = place
                known.append((place, line.identity))
    return first
