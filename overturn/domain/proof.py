"""Whether one claim's dollars hold: stored is what its remittances make, and each is in one bucket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from overturn.domain.codes import format_dollars as dollars
from overturn.domain.denial_case import Outcome
from overturn.domain.remittance import ZERO, sum_amounts
from overturn.domain.settlement import Standing


class Check(StrEnum):
    """What did not hold."""

    ADJUSTMENTS = "adjustments"  # a payment's adjustments against the buckets they were decided into
    STANDING = "standing"  # the claim as stored against the claim settled again
    BALANCE = "balance"  # billed = paid + adjusted + open
    CASES = "cases"  # every denied dollar has one case, and a case no dollar twice
    LEDGER = "ledger"  # the record as a whole against the sum of its claims


@dataclass(frozen=True, slots=True)
class CaseDollars:
    """One case of a claim; US dollars."""

    id: UUID
    is_open: bool
    outcome: str | None
    denied_amount: Decimal
    recovered_amount: Decimal
    written_off_amount: Decimal
    unpriced_amount: Decimal = ZERO  # the most that its denials without a price can be worth

    @property
    def at_stake_amount(self) -> Decimal:
        return self.denied_amount + self.unpriced_amount


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold, by how many US dollars, and what to do about it."""

    check: Check
    amount: Decimal
    words: str
    remedy: str
    case_id: UUID | None = None


BUCKETS: Final = {
    "charge_amount": "billed",
    "paid_amount": "paid",
    "contractual_amount": "contractual",
    "patient_amount": "patient",
    "denied_amount": "denied",
    "imbalance_amount": "unexplained",
    "unanswered_amount": "unanswered",
    "taken_back_amount": "taken back",
    "unpriced_amount": "denied without a price, at most,",
}
SETTLE_AGAIN: Final = (
    "its last remittance was not settled (look for dead letters), or the rules have changed since"
)
ASK_PAYER: Final = "the payer's figures do not add up, or it answered for another charge than was sent"
READ_REMITTANCE: Final = "compare the adjustments of the remittance with its service lines"
NO_CASE: Final = "no case was opened: look for dead letters of the classifier"
READ_CASE: Final = "compare the timeline of the case with the claim's remittances"


def check_payment(adjusted_amount: Decimal, decided_amount: Decimal) -> Iterator[Fault]:
    """`adjusted_amount` is every adjustment of one CLP, `decided_amount` its three buckets together."""
    if adjusted_amount != decided_amount:
        words = f"adjustments of {dollars(adjusted_amount)} became buckets of {dollars(decided_amount)}"
        yield Fault(Check.ADJUSTMENTS, adjusted_amount - decided_amount, words, READ_REMITTANCE)


def check_claim(stored: Standing, settled: Standing, cases: Sequence[CaseDollars]) -> Iterator[Fault]:
    """Hold a claim as it is stored against the claim settled again from its remittances, and its cases."""
    yield from _check_standing(stored, settled)
    yield from _check_balance(settled)
    yield from _check_cases(settled, cases)
    yield from _check_recovered(settled.paid_amount, cases)
    for case in cases:
        yield from _check_case(case, settled.denied_amount)


def _check_standing(stored: Standing, settled: Standing) -> Iterator[Fault]:
    for field, bucket in BUCKETS.items():
        has, should = getattr(stored, field), getattr(settled, field)
        if has != should:
            words = f"{bucket} is {dollars(has)} on the claim and {dollars(should)} by its remittances"
            yield Fault(Check.STANDING, has - should, words, SETTLE_AGAIN)


def _check_balance(settled: Standing) -> Iterator[Fault]:
    adjusted = settled.contractual_amount + settled.patient_amount
    open_amount = settled.denied_amount + settled.unanswered_amount
    taken_back = settled.taken_back_amount
    left = settled.charge_amount - settled.paid_amount - adjusted - open_amount - taken_back
    if left:
        words = (
            f"billed {dollars(settled.charge_amount)} is not paid {dollars(settled.paid_amount)} + adjusted "
            f"{dollars(adjusted)} + denied or unanswered {dollars(open_amount)}"
            f"{f' + taken back {dollars(taken_back)}' if taken_back else ''}"
        )
        yield Fault(Check.BALANCE, left, words, ASK_PAYER)


def _check_cases(settled: Standing, cases: Sequence[CaseDollars]) -> Iterator[Fault]:
    """Open cases hold the denied dollars; where all are closed, the last one's outcome does."""
    opened = [case for case in cases if case.is_open]
    for case in opened[1:]:
        words = f"a second open case holds {dollars(case.denied_amount)}"
        yield Fault(Check.CASES, case.denied_amount, words, READ_CASE, case.id)
    at_stake = settled.at_stake_amount
    if at_stake <= ZERO:
        return
    holder = next(iter(opened or cases[-1:]), None)
    said = f"{'at most ' if settled.unpriced_amount else ''}{dollars(at_stake)} are"
    if holder is None:
        words = f"{said} denied and have no case"
        yield Fault(Check.CASES, at_stake, words, NO_CASE)
    elif holder.outcome == Outcome.RECOVERED:
        words = f"the case ended as recovered, and {said} still denied"
        yield Fault(Check.CASES, at_stake, words, READ_CASE, holder.id)
    elif at_stake > holder.at_stake_amount:
        words = f"{said} denied, and the case holds {dollars(holder.at_stake_amount)}"
        yield Fault(Check.CASES, at_stake - holder.at_stake_amount, words, READ_CASE, holder.id)


def _check_recovered(paid_amount: Decimal, cases: Sequence[CaseDollars]) -> Iterator[Fault]:
    """What a payer took back is not recovered."""
    recovered = sum_amounts(case.recovered_amount for case in cases)
    if recovered > max(paid_amount, ZERO):
        words = f"{dollars(recovered)} are recovered, and the payers' money here is {dollars(paid_amount)}"
        yield Fault(Check.CASES, recovered - paid_amount, words, READ_CASE, cases[-1].id)


def _check_case(case: CaseDollars, denied_amount: Decimal) -> Iterator[Fault]:
    """Recovered, still denied and written off come out of what was denied; the rest the payer moved
    to the contract or the patient. A closed case has no dollar that is still denied."""
    still_denied = min(denied_amount, case.denied_amount) if case.is_open else ZERO
    spent = case.recovered_amount + case.written_off_amount + still_denied
    if spent > case.at_stake_amount or min(case.recovered_amount, case.written_off_amount) < ZERO:
        words = (
            f"of {dollars(case.denied_amount)} denied, {dollars(case.recovered_amount)} are recovered, "
            f"{dollars(still_denied)} still denied and {dollars(case.written_off_amount)} written off"
        )
        yield Fault(Check.CASES, spent - case.at_stake_amount, words, READ_CASE, case.id)
