"""A claim holds when it is stored as its remittances make it, each dollar in one bucket and one case."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from overturn.domain.denial_case import Outcome
from overturn.domain.proof import CaseDollars, Check, Fault, check_claim, check_payment
from overturn.domain.remittance import ZERO
from overturn.domain.settlement import Standing

STANDING = Standing(
    charge_amount=Decimal("250.00"),
    paid_amount=Decimal("130.00"),
    contractual_amount=Decimal("20.00"),
    patient_amount=Decimal("10.00"),
    denied_amount=Decimal("90.00"),
)
PAID = replace(STANDING, paid_amount=Decimal("220.00"), denied_amount=ZERO)


def case(
    number: int = 1,
    *,
    denied: str = "90.00",
    recovered: str = "0.00",
    written_off: str = "0.00",
    outcome: Outcome | None = None,
) -> CaseDollars:
    return CaseDollars(
        id=UUID(int=number),
        is_open=outcome is None,
        outcome=outcome,
        denied_amount=Decimal(denied),
        recovered_amount=Decimal(recovered),
        written_off_amount=Decimal(written_off),
    )


def faults(*cases: CaseDollars, stored: Standing = STANDING, settled: Standing = STANDING) -> list[Fault]:
    return list(check_claim(stored, settled, cases))


@pytest.mark.parametrize(
    ("cases", "standing"),
    [
        ([case()], STANDING),
        ([case(outcome=Outcome.WRITTEN_OFF, written_off="90.00")], STANDING),
        ([case(outcome=Outcome.UPHELD)], STANDING),
        ([case(1, outcome=Outcome.UPHELD), case(2)], STANDING),
        ([case(denied="120.00", recovered="30.00")], STANDING),
        ([case(outcome=Outcome.RECOVERED, recovered="90.00")], PAID),
        ([case(outcome=Outcome.RECOVERED, recovered="60.00")], PAID),
        ([], PAID),
        ([], Standing(Decimal("150.00"), ZERO, unanswered_amount=Decimal("150.00"))),
    ],
    ids=[
        *("open", "written off", "upheld", "denied again", "partly back", "recovered", "rest moved"),
        *("never denied", "never answered"),
    ],
)
def test_a_claim_that_holds_has_no_fault(cases: list[CaseDollars], standing: Standing) -> None:
    assert faults(*cases, stored=standing, settled=standing) == []


def test_each_bucket_that_is_stored_otherwise_is_told_with_its_difference() -> None:
    wrong = replace(STANDING, paid_amount=Decimal("125.00"), contractual_amount=Decimal("25.00"))
    found = faults(case(), stored=wrong)
    assert [(f.check, f.amount) for f in found] == [
        (Check.STANDING, Decimal("-5.00")),
        (Check.STANDING, Decimal("5.00")),
    ]
    assert found[0].words == "paid is $125.00 on the claim and $130.00 by its remittances"


def test_a_dollar_in_no_bucket_is_told() -> None:
    short = replace(STANDING, contractual_amount=Decimal("15.00"), imbalance_amount=Decimal("5.00"))
    [found] = faults(case(), stored=short, settled=short)
    assert (found.check, found.amount) == (Check.BALANCE, Decimal("5.00"))


def test_a_dollar_in_two_buckets_is_told() -> None:
    double = replace(STANDING, patient_amount=Decimal("100.00"), imbalance_amount=Decimal("-90.00"))
    [found] = faults(case(), stored=double, settled=double)
    assert (found.check, found.amount) == (Check.BALANCE, Decimal("-90.00"))


@pytest.mark.parametrize(
    ("cases", "amount", "says"),
    [
        ([], "90.00", "have no case"),
        ([case(1), case(2, denied="70.00")], "70.00", "second open case"),
        ([case(denied="60.00")], "30.00", "the case holds $60.00"),
        ([case(outcome=Outcome.RECOVERED, recovered="90.00")], "90.00", "ended as recovered"),
        ([case(recovered="40.00")], "40.00", "$90.00 still denied"),
        ([case(recovered="-5.00")], "-5.00", "-$5.00 are recovered"),
        (
            [case(outcome=Outcome.PARTLY_RECOVERED, recovered="40.00", written_off="60.00")],
            "10.00",
            "$60.00 written off",
        ),
    ],
    ids=["none", "two open", "too small", "not recovered", "counted twice", "negative", "overspent"],
)
def test_what_is_wrong_with_the_cases_is_told(cases: list[CaseDollars], amount: str, says: str) -> None:
    [found] = faults(*cases)
    assert (found.check, found.amount) == (Check.CASES, Decimal(amount))
    assert says in found.words
    assert found.remedy
    assert found.case_id == (cases[-1].id if cases else None)


def test_adjustments_that_reach_no_bucket_are_told() -> None:
    assert list(check_payment(Decimal("70.00"), Decimal("70.00"))) == []
    [found] = check_payment(Decimal("70.00"), Decimal("60.00"))
    assert (found.check, found.amount) == (Check.ADJUSTMENTS, Decimal("10.00"))


def test_what_was_taken_back_is_a_bucket_of_its_own_and_not_recovered() -> None:
    taken = replace(PAID, paid_amount=Decimal("70.00"), taken_back_amount=Decimal("150.00"))
    gone = case(outcome=Outcome.RECOVERED)
    assert faults(gone, stored=taken, settled=taken) == []
    [found] = faults(replace(gone, recovered_amount=Decimal("90.00")), stored=taken, settled=taken)
    assert (found.check, found.amount) == (Check.CASES, Decimal("20.00"))
    assert "$90.00 are recovered, and the payers' money here is $70.00" in found.words


def test_a_denial_without_a_price_has_a_case_and_is_in_no_sum() -> None:
    unpriced = replace(PAID, unpriced_amount=Decimal("50.00"))
    held = replace(case(denied="0.00"), unpriced_amount=Decimal("50.00"))
    assert faults(held, stored=unpriced, settled=unpriced) == []
    assert faults(replace(held, is_open=False, outcome="upheld"), stored=unpriced, settled=unpriced) == []
    [found] = faults(stored=unpriced, settled=unpriced)
    assert (found.check, found.amount) == (Check.CASES, Decimal("50.00"))
    assert found.words == "at most $50.00 are denied and have no case"
    [less] = faults(replace(held, unpriced_amount=Decimal("20.00")), stored=unpriced, settled=unpriced)
    assert less.amount == Decimal("30.00")
