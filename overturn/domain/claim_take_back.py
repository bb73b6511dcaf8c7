"""What a payer took back of one claim, by its remittances: as a PLB that names it, or by paying less anew.

A reversal with a lower correction takes the difference. A reversal alone takes nothing, the correction is
still to come; and what the correction denies is a denial, which has a case of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate
from uuid import UUID

from overturn.domain.remittance import ZERO


@dataclass(frozen=True, slots=True)
class Told:
    """What one remittance says of one claim: paid by its CLPs (a reversal is negative), and taken by its PLBs
    (positive where the payer took money). US dollars."""

    id: UUID
    paid_on: date | None
    paid: Decimal
    reverses: bool
    taken: Decimal

    @property
    def order(self) -> tuple[date, UUID]:
        return self.paid_on or date.min, self.id


@dataclass(frozen=True, slots=True)
class TakenBack:
    """US dollars: `demanded` at most so far, of it `withheld` (below zero: put off to a later remittance) and
    `given_back`; `first_on` is the remittance by which the practice heard of it."""

    demanded: Decimal = ZERO
    withheld: Decimal = ZERO
    given_back: Decimal = ZERO
    first_on: date | None = None


def taken_back(
    told: Iterable[Told], *, settled_on: date | None = None, denied_on: date | None = None
) -> TakenBack:
    """Sum up one payer's remittances about one claim; their order of arrival does not matter.

    `settled_on` is the remittance in force: a reversal that is later has not been corrected yet. `denied_on`
    is the latest remittance that a denial case was opened for.
    """
    ordered = sorted(told, key=lambda one: one.order)
    lowered = _lowered(ordered, settled_on, denied_on)
    running = list(accumulate((one.taken for one in ordered), initial=ZERO))
    peak = max(running)
    return TakenBack(
        demanded=lowered + peak,
        withheld=lowered + running[-1],
        given_back=peak - max(running[-1], ZERO),
        first_on=next((one.paid_on for one in ordered if one.taken > 0 or (lowered and one.reverses)), None),
    )


def _lowered(ordered: Sequence[Told], settled_on: date | None, denied_on: date | None) -> Decimal:
    """By how much a correction pays less than the payer had paid before."""
    reversals = [one.paid_on or date.min for one in ordered if one.reverses]
    if not reversals or settled_on is None:
        return ZERO
    is_corrected, is_denied = (
        settled_on >= reversals[-1],
        denied_on is not None and denied_on >= reversals[-1],
    )
    if not is_corrected or is_denied:
        return ZERO
    paid = list(accumulate((one.paid for one in ordered), initial=ZERO))
    return max(paid) - paid[-1]


def allocate(total: Decimal, shares: Sequence[Decimal | None]) -> list[Decimal]:
    """Split what was taken of a claim over its recoupments, the oldest first; every dollar is in one of them.

    A share of None takes all that is left; what exceeds all shares is the last one's.
    """
    parts, left = [], total
    for share in shares[:-1]:
        part = left if share is None else max(min(left, share), ZERO)
        parts.append(part)
        left -= part
    return [*parts, left] if shares else []
