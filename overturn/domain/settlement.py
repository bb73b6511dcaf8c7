"""Where a claim stands after everything its payers have said, in whatever order they said it.

Adjudications are put in order by their own dates, reversals are paired with what they reverse, and the
latest one still standing is in force (docs/adr/0007): a reversal alone is no denial, denied dollars are
counted once in the current state, and a later remittance that pays takes a denial away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from overturn.domain.remittance import REVERSAL_STATUS, ZERO

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
    def order(self) -> tuple[date, bool, UUID]:
        """By date; on one day a reversal comes before its correction."""
        return (self.payment_on or date.min, self.status_code != REVERSAL_STATUS, self.payment_id)


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
    in_force = standing[-1]
    contractual = in_force.contractual_amount
    if in_force.prior_payer_amount:
        contractual -= paid - in_force.paid_amount
    explained = paid + contractual + in_force.patient_amount + in_force.denied_amount
    return Standing(
        charge_amount=charge_amount,
        paid_amount=paid,
        contractual_amount=contractual,
        patient_amount=in_force.patient_amount,
        denied_amount=in_force.denied_amount,
        imbalance_amount=charge_amount - explained,
        in_force=in_force,
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
