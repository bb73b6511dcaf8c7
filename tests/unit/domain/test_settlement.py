"""A claim's standing does not depend on the order in which its remittances arrive."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.answers import Adjudication
from overturn.domain.remittance import ZERO
from overturn.domain.settlement import settle

CHARGE = Decimal("180.00")


def adjudication(number: int, day: int, paid: str, **amounts: str) -> Adjudication:
    reversal = amounts.pop("reversal", "")
    sign = -1 if reversal else 1
    number_of_payer = amounts.pop("icn", f"ICN{number}")
    buckets: dict[str, Any] = {f"{name}_amount": sign * Decimal(value) for name, value in amounts.items()}
    return Adjudication(
        payment_id=UUID(int=number),
        payment_on=date(2026, 9, day),
        status_code="22" if reversal else "1",
        payer_claim_control_number=number_of_payer,
        charge_amount=sign * CHARGE,
        paid_amount=sign * Decimal(paid),
        **buckets,
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


def answer(number: int, day: int, status: str, paid: str, **amounts: str) -> Adjudication:
    """A payer's answer on its charge of 180.00; `prior` is its CARC 23."""
    prior = Decimal(amounts.pop("prior", "0"))
    dollars: dict[str, Any] = {f"{name}_amount": Decimal(value) for name, value in amounts.items()}
    return Adjudication(
        payment_id=UUID(int=number),
        payment_on=date(2026, 9, day),
        status_code=status,
        payer_claim_control_number=f"ICN{number}",
        charge_amount=CHARGE,
        paid_amount=Decimal(paid),
        prior_payer_amount=prior,
        **(dollars | {"contractual_amount": dollars.get("contractual_amount", ZERO) + prior}),
    )


def buckets(*adjudications: Adjudication) -> tuple[str, ...]:
    """Paid, contractual, patient, denied, imbalance."""
    s = settle(adjudications, charge_amount=CHARGE)
    amounts = (s.paid_amount, s.contractual_amount, s.patient_amount, s.denied_amount, s.imbalance_amount)
    return tuple(f"{amount:.2f}" for amount in amounts)


PRIMARY = answer(1, 1, "1", "80", contractual="40", patient="20", denied="40")


def test_what_the_primary_denied_stays_denied_when_the_secondary_repeats_it() -> None:
    secondary = answer(2, 9, "2", "20", prior="160")
    assert buckets(PRIMARY, secondary) == ("100.00", "40.00", "0.00", "40.00", "0.00")


def test_what_the_secondary_pays_beyond_the_patients_part_is_no_longer_denied() -> None:
    assert buckets(PRIMARY, answer(2, 9, "2", "50", prior="130")) == (
        "130.00",
        "40.00",
        "0.00",
        "10.00",
        "0.00",
    )


def test_both_payers_denying_the_same_dollars_deny_them_once() -> None:
    secondary = answer(2, 9, "2", "20", prior="120", denied="40")
    assert buckets(PRIMARY, secondary)[3:] == ("40.00", "0.00")


def test_a_secondary_that_does_not_repeat_the_primary_is_understood_all_the_same() -> None:
    primary = answer(1, 1, "1", "100", contractual="60", patient="20")
    assert buckets(primary, answer(2, 9, "2", "20", contractual="160")) == (
        "120.00",
        "60.00",
        "0.00",
        "0.00",
        "0.00",
    )


def test_a_primary_corrected_after_the_secondary_paid_leaves_the_secondarys_word_in_force() -> None:
    first = answer(1, 1, "1", "90", contractual="60", patient="30")
    reversal = Adjudication(
        payment_id=UUID(int=3),
        payment_on=date(2026, 9, 20),
        status_code="22",
        payer_claim_control_number="ICN1",
        charge_amount=-CHARGE,
        paid_amount=Decimal(-90),
    )
    correction = answer(4, 20, "1", "100", contractual="60", patient="20")
    secondary = answer(2, 9, "2", "20", prior="160")
    assert buckets(first, secondary, reversal, correction) == ("120.00", "60.00", "0.00", "0.00", "0.00")


def test_two_payers_of_one_day_are_put_in_their_order() -> None:
    primary = answer(9, 1, "19", "100", contractual="60", patient="20")
    secondary = answer(2, 1, "2", "20", prior="160")
    assert buckets(secondary, primary) == ("120.00", "60.00", "0.00", "0.00", "0.00")


def test_what_two_payers_paid_too_much_is_an_imbalance() -> None:
    primary = answer(1, 1, "1", "100", contractual="60", patient="20")
    assert buckets(primary, answer(2, 9, "2", "30", prior="150"))[4] == "-10.00"


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
