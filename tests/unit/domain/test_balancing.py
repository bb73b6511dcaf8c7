"""Every dollar a remittance leaves unexplained is found once, at the place that lacks it."""

from decimal import Decimal

import pytest

from overturn.domain.balancing import Imbalance, Level, find_imbalances
from overturn.domain.remittance import Remittance, sum_amounts
from overturn.x12 import read_file
from tests.x12_files import adjudicated_claim, clp, paid_claim, remittance

ONE_LINE_OUT = adjudicated_claim("P1", ("60.00", ["CO*45*30.00"]))
OPPOSITE_LINES = adjudicated_claim("P1", ("60.00", ["CO*45*30.00"]), ("60.00", ["CO*45*50.00"]))
WITHOUT_LINES = [clp("P1", paid="40.00"), "CAS*CO*45*50.00"]
CLAIM_LEVEL_CAS = [clp("P1", paid="60.00"), "CAS*PR*1*40.00", "SVC*HC:97110*100.00*100.00**2"]
MORE_THAN_ITS_LINE = [s.replace("CLP*P1*1*100.00", "CLP*P1*1*125.00") for s in ONE_LINE_OUT]
PAID_APART = [s.replace("CLP*P1*1*100.00*60.00", "CLP*P1*1*100.00*70.00") for s in ONE_LINE_OUT]


def read(content: bytes) -> Remittance:
    [transaction] = read_file(content).transactions
    assert isinstance(transaction.content, Remittance)
    return transaction.content


def amounts(claim: list[str]) -> list[tuple[Level, Decimal]]:
    return [(i.level, i.amount) for i in find_imbalances(read(remittance(claim)))]


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (paid_claim("P1"), []),
        (CLAIM_LEVEL_CAS, []),
        (ONE_LINE_OUT, [(Level.LINE, Decimal("10.00"))]),
        (OPPOSITE_LINES, [(Level.LINE, Decimal("10.00")), (Level.LINE, Decimal("-10.00"))]),
        (WITHOUT_LINES, [(Level.CLAIM, Decimal("10.00"))]),
        (MORE_THAN_ITS_LINE, [(Level.CLAIM, Decimal("25.00")), (Level.LINE, Decimal("10.00"))]),
        (PAID_APART, [(Level.CLAIM, Decimal("-10.00")), (Level.LINE, Decimal("10.00"))]),
    ],
    ids=["balanced", "claim CAS", "line", "opposite lines", "no lines", "claim beyond", "line only"],
)
def test_each_amount_stands_where_it_is_missing(claim: list[str], found: list[tuple[Level, Decimal]]) -> None:
    assert amounts(claim) == found


@pytest.mark.parametrize(
    "claim", [ONE_LINE_OUT, OPPOSITE_LINES, WITHOUT_LINES, MORE_THAN_ITS_LINE, PAID_APART]
)
def test_a_claims_imbalances_add_up_to_what_the_claim_lacks(claim: list[str]) -> None:
    [read_claim] = read(remittance(claim)).claims
    assert sum_amounts(amount for _, amount in amounts(claim)) == read_claim.imbalance_amount


def test_a_payment_that_is_less_than_its_claims_says_by_how_much_and_where() -> None:
    found = list(find_imbalances(read(remittance(paid_claim("P1"), payment="65.00"))))
    assert found == [Imbalance(Level.REMITTANCE, Decimal("-5.00"), segment_index=3)]


def test_a_claim_is_named_by_its_place_in_the_remittance() -> None:
    [found] = find_imbalances(read(remittance(paid_claim("P0"), ONE_LINE_OUT)))
    assert (found.position, found.line_number) == (2, 1)
