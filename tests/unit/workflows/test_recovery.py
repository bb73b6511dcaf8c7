"""What counts as recovered, and what it makes of a case."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.db.tables import Claim, DenialCase
from overturn.domain.denial_case import Outcome
from workflows.denial_case.recovery import ended_outcome, settled_outcome, weigh
from workflows.denial_case.types import CaseStanding

ANOTHER_PAYMENT = uuid4()


def standing(
    *,
    paid: str,
    denied: str,
    in_force: UUID | None = ANOTHER_PAYMENT,
    paid_before: str = "30.00",
    taken_back: str = "0.00",
    case_denied: str = "120.00",
    case_unpriced: str = "0.00",
    unpriced: str = "0.00",
) -> CaseStanding:
    """A case over 120.00 of a claim of 150.00."""
    claim = Claim(
        id=uuid4(),
        patient_control_number="GENERATED",
        charge_amount=Decimal("150.00"),
        paid_amount=Decimal(paid),
        denied_amount=Decimal(denied),
        taken_back_amount=Decimal(taken_back),
        unpriced_amount=Decimal(unpriced),
        current_payment_id=in_force,
    )
    case = DenialCase(
        id=uuid4(),
        claim_id=claim.id,
        round_number=1,
        claim_payment_id=uuid4(),
        category="coding",
        cause="units",
        action="appeal",
        denied_amount=Decimal(case_denied),
        unpriced_amount=Decimal(case_unpriced),
        paid_before_amount=Decimal(paid_before),
        status="needs_work",
        denied_on=date(2026, 1, 2),
    )
    return weigh(case, claim)


@pytest.mark.parametrize(
    ("paid", "denied", "recovered", "still_denied", "outcome"),
    [
        ("150.00", "0.00", "120.00", "0.00", Outcome.RECOVERED),
        ("118.28", "0.00", "88.28", "0.00", Outcome.RECOVERED),  # the rest became contractual
        ("80.00", "70.00", "50.00", "70.00", None),
        ("30.00", "0.00", "0.00", "0.00", Outcome.UPHELD),  # the denial got another name
        ("30.00", "120.00", "0.00", "120.00", None),
        ("50.00", "120.00", "0.00", "120.00", None),  # the next payer paid the patient's part
        ("10.00", "120.00", "0.00", "120.00", None),  # a takeback recovers nothing
        ("190.00", "0.00", "120.00", "0.00", Outcome.RECOVERED),  # never more than was denied
    ],
)
def test_recovered_is_what_the_payments_rose_by(
    paid: str, denied: str, recovered: str, still_denied: str, outcome: Outcome | None
) -> None:
    found = standing(paid=paid, denied=denied)
    assert found.recovered_amount == Decimal(recovered)
    assert found.still_denied_amount == Decimal(still_denied)
    assert settled_outcome(found) is outcome


def test_a_reversal_without_its_correction_leaves_everything_denied() -> None:
    found = standing(paid="0.00", denied="0.00", in_force=None)
    assert found.still_denied_amount == Decimal("120.00")
    assert settled_outcome(found) is None


@pytest.mark.parametrize("ending", [Outcome.UPHELD, Outcome.WRITTEN_OFF])
def test_money_that_came_makes_an_ending_partly_recovered(ending: Outcome) -> None:
    assert ended_outcome(ending, standing(paid="80.00", denied="70.00")) is Outcome.PARTLY_RECOVERED
    assert ended_outcome(ending, standing(paid="30.00", denied="120.00")) is ending


@pytest.mark.parametrize(
    ("paid", "taken_back", "recovered", "gone"),
    [
        ("30.00", "120.00", "0.00", "120.00"),
        ("110.00", "40.00", "80.00", "40.00"),
        ("0.00", "150.00", "0.00", "120.00"),  # what was paid before the denial is gone, too
        ("150.00", "-20.00", "120.00", "0.00"),  # a recovery was put off
    ],
)
def test_what_was_taken_back_was_recovered_once_and_is_not_any_more(
    paid: str, taken_back: str, recovered: str, gone: str
) -> None:
    found = standing(paid=paid, denied="0.00", taken_back=taken_back)
    assert (found.recovered_amount, found.taken_back_amount) == (Decimal(recovered), Decimal(gone))
    assert settled_outcome(found) is Outcome.RECOVERED


@pytest.mark.parametrize(
    ("paid", "unpriced", "worth", "recovered", "outcome"),
    [
        ("30.00", "120.00", "0.00", "0.00", None),  # nothing has changed
        ("80.00", "0.00", "50.00", "50.00", Outcome.RECOVERED),  # it was worth 50.00
        ("30.00", "0.00", "0.00", "0.00", Outcome.UPHELD),  # written off in words this time
        ("190.00", "0.00", "120.00", "120.00", Outcome.RECOVERED),  # never more than was unpaid
        ("60.00", "120.00", "0.00", "0.00", None),  # the next payer paid the patient's part
        ("60.00", "70.00", "30.00", "30.00", None),  # one of two lines was paid
    ],
)
def test_what_has_no_price_is_worth_what_comes_of_it(
    paid: str, unpriced: str, worth: str, recovered: str, outcome: Outcome | None
) -> None:
    found = standing(paid=paid, denied="0.00", unpriced=unpriced, case_denied="0.00", case_unpriced="120.00")
    assert (found.denied_amount, found.recovered_amount) == (Decimal(worth), Decimal(recovered))
    assert found.unpriced_amount == Decimal(unpriced)
    assert settled_outcome(found) is outcome


def test_a_reversal_alone_leaves_it_without_a_price() -> None:
    found = standing(paid="0.00", denied="0.00", in_force=None, case_denied="0.00", case_unpriced="120.00")
    assert (found.denied_amount, found.unpriced_amount) == (Decimal(0), Decimal("120.00"))
    assert settled_outcome(found) is None


def test_a_code_that_comes_later_gives_it_its_price() -> None:
    """The classifier has added the 80.00 of the code to the case; the other 40.00 were paid."""
    found = standing(paid="70.00", denied="80.00", case_denied="80.00", case_unpriced="120.00")
    assert (found.denied_amount, found.recovered_amount) == (Decimal("120.00"), Decimal("40.00"))
    assert found.still_denied_amount == Decimal("80.00")


CENTS = st.decimals(0, 200, places=2)


@given(paid=CENTS, denied=CENTS, unpriced=CENTS, case_denied=CENTS, case_unpriced=CENTS)
def test_no_more_is_recovered_than_was_denied_and_came(
    paid: Decimal, denied: Decimal, unpriced: Decimal, case_denied: Decimal, case_unpriced: Decimal
) -> None:
    found = standing(
        paid=str(paid),
        denied=str(denied),
        unpriced=str(unpriced),
        case_denied=str(case_denied),
        case_unpriced=str(case_unpriced),
    )
    assert 0 <= found.recovered_amount <= found.denied_amount <= case_denied + case_unpriced
    assert found.recovered_amount <= max(paid - Decimal("30.00"), Decimal(0))
    assert (settled_outcome(found) is None) is (denied + unpriced > 0)
