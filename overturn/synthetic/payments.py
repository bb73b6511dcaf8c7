"""Payments: a payer's answers of one day as one remittance, with the money that moves outside claims."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from overturn.synthetic.adjudication import Adjudication
from overturn.synthetic.fees import ZERO
from overturn.synthetic.practice import AETNA, ALL_PAYERS, MEDICARE, Payer
from overturn.synthetic.scenarios import Scenario, Shape
from overturn.synthetic.stories import ClaimStory

INTEREST_AMOUNT: Final = Decimal("-1.37")  # negative: added to the payment
INTEREST_EVERY: Final = 4


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money outside any claim; positive takes it from the payment."""

    reason: str
    reference: str
    amount: Decimal


@dataclass(slots=True)
class Payment:
    """One remittance: a payer, a day, the answers and the provider adjustments."""

    payer: Payer
    paid_on: date
    trace_number: str
    answers: list[tuple[ClaimStory, Adjudication]] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)

    @property
    def claims_paid(self) -> Decimal:
        return sum((answer.paid for _, answer in self.answers), ZERO)

    @property
    def adjusted(self) -> Decimal:
        return sum((adjustment.amount for adjustment in self.provider_adjustments), ZERO)

    @property
    def amount(self) -> Decimal:
        """What reaches the bank: claims paid less provider adjustments."""
        return self.claims_paid - self.adjusted

    @property
    def carries_denial(self) -> bool:
        return any(answer.denials for _, answer in self.answers)


def make_payments(stories: Iterable[ClaimStory]) -> list[Payment]:
    """All payments in the order of their days; no payment is below zero."""
    by_payer: dict[str, dict[date, Payment]] = defaultdict(dict)
    for story in stories:
        for answer in story.adjudications:
            payer = answer.secondary or story.payer
            payment = by_payer[payer.key].setdefault(answer.paid_on, Payment(payer, answer.paid_on, ""))
            payment.answers.append((story, answer))
    series = [_in_order(by_payer[payer.key]) for payer in ALL_PAYERS]
    for payments in series:
        _adjust(payments)
    return sorted((p for payments in series for p in payments), key=lambda p: (p.paid_on, p.payer.key))


def _in_order(days: dict[date, Payment]) -> list[Payment]:
    payments = [days[day] for day in sorted(days)]
    for number, payment in enumerate(payments, start=1):
        payment.trace_number = f"{payment.payer.identifier}{payment.paid_on:%y%m%d}{number:04d}"
    return payments


def _adjust(payments: list[Payment]) -> None:
    """Interest, one recoupment by Medicare, and balances too low to pay carried to the next payment."""
    if payments and payments[0].payer is AETNA:
        for payment in payments[::INTEREST_EVERY]:
            payment.provider_adjustments.append(
                ProviderAdjustment("L6", payment.answers[0][1].control_number, INTEREST_AMOUNT)
            )
    if payments and payments[0].payer is MEDICARE:
        _recoup(payments)
    for number, payment in enumerate(payments):
        for story, answer in payment.answers:
            if story.plan.shape is Shape.RECOVERED_AND_TAKEN_BACK and answer.paid:
                _take_back(payments[number + 1], story, answer, payment.trace_number)
    _carry_negative_balances(payments)


def _recoup(payments: list[Payment]) -> None:
    """Take back what was paid for the first paid claim that a later payment can bear."""
    for number, payment in enumerate(payments[:-1], start=1):
        largest = max(payments[number:], key=lambda later: later.amount)
        for story, answer in payment.answers:
            if story.plan.scenario is Scenario.PAID and 0 < answer.paid <= largest.amount:
                recoupment = ProviderAdjustment("WO", answer.control_number, answer.paid)
                largest.provider_adjustments.append(recoupment)
                story.taken_back = answer.paid
                return


def _take_back(later: Payment, story: ClaimStory, answer: Adjudication, trace_number: str) -> None:
    """All that the answer paid, the reference as X12's interpretation 2370 advises: CLP01, CLP07, TRN02."""
    reference = f"{story.patient_control_number} {answer.control_number} {trace_number}"
    later.provider_adjustments.append(ProviderAdjustment("WO", reference, answer.paid))
    story.taken_back = answer.paid


def _carry_negative_balances(payments: list[Payment]) -> None:
    """FB: a payment below zero becomes zero here and is taken from the payer's next one."""
    carried: ProviderAdjustment | None = None
    for payment in payments:
        if carried:
            payment.provider_adjustments.append(carried)
        carried = None
        if payment.amount < 0:
            owed = -payment.amount
            payment.provider_adjustments.append(ProviderAdjustment("FB", payment.trace_number, -owed))
            carried = ProviderAdjustment("FB", payment.trace_number, owed)
