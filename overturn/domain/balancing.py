"""Where a remittance's own figures do not add up: every missing dollar once, at the place that lacks it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from overturn.domain.remittance import Balance, ClaimPayment, Remittance, sum_amounts


class Level(StrEnum):
    """Which of the 835's three sums does not come out (005010X221A1 section 1.10.2.1)."""

    LINE = "line"
    CLAIM = "claim"
    REMITTANCE = "remittance"


@dataclass(frozen=True, slots=True)
class Imbalance:
    """US dollars: of a line or claim, charge less adjustments less payment; of a remittance, its payment less
    what its claims and provider adjustments come to."""

    level: Level
    amount: Decimal
    segment_index: int  # of the SVC, the CLP or the ST
    position: int | None = None  # the claim's place in the remittance, from 1
    line_number: int | None = None


def find_imbalances(remittance: Remittance) -> Iterator[Imbalance]:
    """The remittance's, then each claim's with its lines', in the order of the file."""
    yield from imbalance_of_payment(remittance.balance, remittance.segment_index)
    for position, claim in enumerate(remittance.claims, start=1):
        yield from imbalances_of_claim(claim, position)


def imbalance_of_payment(balance: Balance, segment_index: int) -> Iterator[Imbalance]:
    """The remittance's own, if it has one; `segment_index` is that of its ST."""
    if balance.difference:
        yield Imbalance(Level.REMITTANCE, balance.difference, segment_index)


def imbalances_of_claim(claim: ClaimPayment, position: int) -> Iterator[Imbalance]:
    """What the lines lack is theirs; the claim itself has only what is left beyond them."""
    beyond = claim.imbalance_amount - sum_amounts(line.imbalance_amount for line in claim.service_lines)
    if beyond:
        yield Imbalance(Level.CLAIM, beyond, claim.segment_index, position)
    for line in claim.service_lines:
        if line.imbalance_amount:
            yield Imbalance(Level.LINE, line.imbalance_amount, line.segment_index, position, line.line_number)
