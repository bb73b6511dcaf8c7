"""Where a claim stands after everything its payers have said, in whatever order they said it.

Adjudications are put in order by their own dates, reversals are paired with what they reverse, and the
latest one still standing is in force (docs/adr/0007): a reversal alone is no denial, denied dollars are
counted once in the current state, and a later remittance that pays takes a denial away. Of several payers
each has its own in force; the next one answers only for what the one before left open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from overturn.domain.remittance import REVERSAL_STATUS, ZERO, sum_amounts

PAYER_RANKS = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
"""CLP02 says for whom a payer speaks: as primary, secondary or tertiary. Other codes do not tell."""

PRIOR_PAYER_CARC = "23"
"""CARC 23: what an earlier payer paid or adjusted, repeated by the next payer. Not money of this payer."""


@dataclass(frozen=True, slots=True)
class Adjudication:
    """One CLP and how its adjusted dollars were classified."""

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

    @property
    def rank(self) -> int:
        """1 for the primary payer, 2 for the secondary, ... Where CLP02 does not tell, a payer that repeats
        another one's money comes after it."""
        return PAYER_RANKS.get(self.status_code, 2 if self.prior_payer_amount else 1)

    @property
    def order(self) -> tuple[date, bool, int, UUID]:
        """By date; on one day a reversal before its correction, and the primary payer before the next."""
        day = self.payment_on or date.min
        return (day, self.status_code != REVERSAL_STATUS, self.rank, self.payment_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim's dollars now: charge = paid + contractual + patient + denied + imbalance + unanswered."""

    charge_amount: Decimal
    paid_amount: Decimal  # net of every adjudication, reversals negative
    contractual_amount: Decimal = ZERO
    patient_amount: Decimal = ZERO
    denied_amount: Decimal = ZERO
    imbalance_amount: Decimal = ZERO
    unanswered_amount: Decimal = ZERO
    in_force: Adjudication | None = None


def standing_after(
    adjudication: Adjudication, adjudications: Iterable[Adjudication], *, charge_amount: Decimal
) -> Standing:
    """The claim's standing when this adjudication was its latest: what is dated later is left out."""
    until_then = [a for a in adjudications if a.order <= adjudication.order]
    return settle(until_then, charge_amount=charge_amount)


def settle(adjudications: Iterable[Adjudication], *, charge_amount: Decimal) -> Standing:
    """The claim's standing.

    `charge_amount` is what was billed. With nothing in force (never answered, or reversed and not yet
    corrected) what is not paid is unanswered.
    """
    ordered = sorted(adjudications, key=lambda a: a.order)
    paid = sum((a.paid_amount for a in ordered), ZERO)
    standing = _standing_adjudications(ordered)
    if not standing:
        return Standing(charge_amount, paid, unanswered_amount=charge_amount - paid)
    payers = _by_payer(standing)
    left = _first_payer(payers[0], charge_amount - paid + sum_amounts(p.paid_amount for p in payers[1:]))
    for payer in payers[1:]:
        left = _next_payer(left, payer)
    return Standing(
        charge_amount=charge_amount,
        paid_amount=paid,
        contractual_amount=left.contractual_amount,
        patient_amount=left.patient_amount,
        denied_amount=left.denied_amount,
        imbalance_amount=left.imbalance_amount,
        in_force=standing[-1],
    )


@dataclass(frozen=True, slots=True)
class _Payer:
    """One payer's adjudication in force, and what all its standing ones paid."""

    in_force: Adjudication
    paid_amount: Decimal


@dataclass(frozen=True, slots=True)
class _Left:
    """What the payers so far did not pay, bucket by bucket."""

    contractual_amount: Decimal
    patient_amount: Decimal
    denied_amount: Decimal
    imbalance_amount: Decimal


def _by_payer(standing: Sequence[Adjudication]) -> list[_Payer]:
    ranks = sorted({a.rank for a in standing})
    own = [[a for a in standing if a.rank == rank] for rank in ranks]
    return [_Payer(theirs[-1], sum_amounts(a.paid_amount for a in theirs)) for theirs in own]


def _first_payer(payer: _Payer, unpaid_amount: Decimal) -> _Left:
    said = payer.in_force
    explained = said.contractual_amount + said.patient_amount + said.denied_amount
    return _Left(said.contractual_amount, said.patient_amount, said.denied_amount, unpaid_amount - explained)


def _next_payer(left: _Left, payer: _Payer) -> _Left:
    """What the payer before left open (the patient's part, and what it denied) after the next one answered.

    Its payment counts against the patient's part first; what it pays beyond that takes a denial away. What
    it neither pays nor leaves open is its own write-off. Its CARC 23 only repeats the one before.
    """
    said = payer.in_force
    open_amount = left.patient_amount + left.denied_amount - payer.paid_amount - said.patient_amount
    beyond = max(ZERO, payer.paid_amount + said.patient_amount - left.patient_amount)
    still_denied = max(ZERO, left.denied_amount - beyond) + said.denied_amount
    denied = max(ZERO, min(still_denied, open_amount))
    return _Left(
        contractual_amount=left.contractual_amount + max(ZERO, open_amount - denied),
        patient_amount=said.patient_amount,
        denied_amount=denied,
        imbalance_amount=left.imbalance_amount + min(ZERO, open_amount),
    )


def _standing_adjudications(ordered: Sequence[Adjudication]) -> list[Adjudication]:
    """Those that no reversal takes back. A reversal takes back one of equal and opposite amounts, first one
    with its payer claim control number, and the earliest of several."""
    standing = [a for a in ordered if a.status_code != REVERSAL_STATUS]
    for reversal in (a for a in ordered if a.status_code == REVERSAL_STATUS):
        opposite = [a for a in standing if _opposite(a, reversal) and _precedes(a, reversal, standing)]
        same_number = [
            a for a in opposite if a.payer_claim_control_number == reversal.payer_claim_control_number
        ]
        if reversed_one := next(iter(same_number or opposite), None):
            standing.remove(reversed_one)
    return standing


def _opposite(adjudication: Adjudication, reversal: Adjudication) -> bool:
    return (
        adjudication.charge_amount == -reversal.charge_amount
        and adjudication.paid_amount == -reversal.paid_amount
    )


def _precedes(adjudication: Adjudication, reversal: Adjudication, standing: Sequence[Adjudication]) -> bool:
    """Whether the reversal can mean this one. The only one of the reversal's own day is its correction, and
    what was reversed came in a file we do not have."""
    day, reversed_on = adjudication.payment_on or date.min, reversal.payment_on or date.min
    same_day = [a for a in standing if (a.payment_on or date.min) == reversed_on]
    return day < reversed_on or (day == reversed_on and len(same_day) > 1)
