"""A claim's standing does not depend on the order in which its remittances arrive."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.remittance import ZERO
from overturn.domain.settlement import Adjudication, settle

CHARGE = Decimal("180.00")


def adjudication(number: int, day: int, paid: str, **amounts: str) -> Adjudication:
    reversal = amounts.pop("reversal", "")
    sign = -1 if reversal else 1
    return Adjudication(
        payment_id=UUID(int=number),
        payment_on=date(2026, 9, day),
        status_code="22" if reversal else "1",
        payer_claim_control_number=amounts.pop("icn", f"ICN{number}"),
        charge_amount=sign * CHARGE,
        paid_amount=sign * Decimal(paid),
        **{f"{name}_amount": sign * Decimal(value) for name, value in amounts.items()},
    )


DENIED = adjudication(1, 1, "0.00", denied="180.00")
PAID = adjudication(2, 20, "100.00", contractual="60.00", patient="20.00")


def test_an_unanswered_claim_is_all_open() -> None:
    standing = settle([], charge_amount=CHARGE)
    assert standing.in_force is None
    assert standing.unanswered_amount == CHARGE


def test_a_denial_is_in_force_until_a_later_remittance_pays() -> None:
    assert settle([DENIED], charge_amount=CHARGE).denied_amount == CHARGE
    paid = settle([DENIED, PAID], charge_amount=CHARGE)
    assert (paid.denied_amount, paid.paid_amount, paid.imbalance_amount) == (ZERO, Decimal("100.00"), ZERO)


def test_a_reversal_alone_leaves_the_claim_unanswered_and_not_denied() -> None:
    first = adjudication(1, 1, "100.00", contractual="80.00")
    reversal = adjudication(3, 5, "100.00", contractual="80.00", reversal="yes", icn="ICN1")
    standing = settle([first, reversal], charge_amount=CHARGE)
    assert standing.in_force is None
    assert (standing.denied_amount, standing.paid_amount) == (ZERO, ZERO)
    assert standing.unanswered_amount == CHARGE


def test_reversal_and_correction_leave_the_correction() -> None:
    first = adjudication(1, 1, "100.00", contractual="80.00")
    reversal = adjudication(3, 5, "100.00", contractual="80.00", reversal="yes", icn="ICN1")
    correction = adjudication(4, 5, "120.00", contractual="60.00", icn="ICN1")
    standing = settle([correction, reversal, first], charge_amount=CHARGE)
    assert standing.in_force == correction
    assert standing.paid_amount == Decimal("120.00")
    assert standing.imbalance_amount == ZERO


def test_the_second_payer_repeats_the_first_ones_money_once() -> None:
    primary = adjudication(1, 1, "100.00", contractual="60.00", patient="20.00")
    secondary = Adjudication(
        payment_id=UUID(int=2),
        payment_on=date(2026, 9, 15),
        status_code="2",
        payer_claim_control_number="OTHER",
        charge_amount=CHARGE,
        paid_amount=Decimal("20.00"),
        contractual_amount=Decimal("160.00"),  # OA-23: 100 paid and 60 written off before
        prior_payer_amount=Decimal("160.00"),
    )
    standing = settle([primary, secondary], charge_amount=CHARGE)
    assert standing.paid_amount == Decimal("120.00")
    assert standing.contractual_amount == Decimal("60.00")
    assert standing.imbalance_amount == ZERO


def test_what_the_payer_leaves_unexplained_is_an_imbalance() -> None:
    short = adjudication(1, 1, "100.00", contractual="70.00")
    assert settle([short], charge_amount=CHARGE).imbalance_amount == Decimal("10.00")


SEQUENCE = [
    DENIED,
    adjudication(5, 10, "0.00", denied="180.00", reversal="yes", icn="ICN1"),
    adjudication(6, 10, "90.00", contractual="60.00", denied="30.00", icn="ICN1"),
    adjudication(7, 18, "90.00", contractual="60.00", denied="30.00", reversal="yes", icn="ICN1"),
    adjudication(8, 18, "110.00", contractual="70.00", icn="ICN9"),
]


@given(st.permutations(SEQUENCE), st.integers(min_value=0, max_value=len(SEQUENCE)))
def test_any_order_of_arrival_gives_one_standing(order: list[Adjudication], taken: int) -> None:
    assert settle(order, charge_amount=CHARGE) == settle(SEQUENCE, charge_amount=CHARGE)
    part = settle(order[:taken], charge_amount=CHARGE)
    assert part.charge_amount == (
        part.paid_amount
        + part.contractual_amount
        + part.patient_amount
        + part.denied_amount
        + part.imbalance_amount
        + part.unanswered_amount
    )


def test_a_reversal_takes_back_what_is_dated_before_it_and_not_its_own_correction() -> None:
    reversal = adjudication(3, 5, "0.00", reversal="yes", icn="ICN1")
    again_denied = adjudication(4, 5, "0.00", denied="180.00", icn="ICN1")
    assert settle([reversal, again_denied], charge_amount=CHARGE).in_force == again_denied
    assert settle([DENIED, reversal, again_denied], charge_amount=CHARGE).in_force == again_denied


def test_paid_reversed_and_corrected_on_one_day_leaves_the_correction() -> None:
    first = adjudication(9, 5, "100.00", contractual="80.00", icn="ICN1")
    reversal = adjudication(3, 5, "100.00", contractual="80.00", reversal="yes", icn="ICN1")
    correction = adjudication(4, 5, "120.00", contractual="60.00", icn="ICN1")
    standing = settle([first, reversal, correction], charge_amount=CHARGE)
    assert (standing.in_force, standing.imbalance_amount) == (correction, ZERO)
