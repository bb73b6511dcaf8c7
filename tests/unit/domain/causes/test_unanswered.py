"""A table that is not at hand is said, and a person looks it up."""

import pytest

from overturn.domain.codes import Confidence
from overturn.domain.payers import PayerContext
from overturn.rulebook import Rulebook
from tests.unit.domain.causes.proofs import answer, on_line, only_denial, paid


def test_a_pair_that_no_table_covers_needs_a_person(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(paid("00001", number=1), on_line("CO-236 100.00", "00002", number=2))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.confidence) == ("ncci_pair", Confidence.LOW)
    assert denial.confidence_reason.startswith("no table at hand covers 00001 with 00002: import the quarter")


def test_a_code_without_a_unit_limit_at_hand_needs_a_person(
    proving: Rulebook, medicare: PayerContext
) -> None:
    denial = only_denial(proving, medicare, answer(on_line("CO-151 100.00", "00001", rarcs="N362")))
    assert denial.confidence is Confidence.LOW
    assert denial.confidence_reason == "no unit limit of 00001 is in the tables at hand"


@pytest.mark.parametrize("adjustment", ["CO-50 100.00", "CO-236 100.00"])
def test_where_nothing_is_to_be_looked_up_nothing_is_missing(
    proving: Rulebook, medicare: PayerContext, adjustment: str
) -> None:
    denial = only_denial(proving, medicare, answer(on_line(adjustment, "00001")))
    assert denial.confidence is Confidence.HIGH
