"""Medicare's fee for therapy, against amounts CMS published and by its own arithmetic."""

import csv
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.fee_schedule import (
    NATIONAL,
    LinePrice,
    PaymentRules,
    RelativeValues,
    VisitLine,
    price_visit,
    unit_fee,
)

SHARED = Path(__file__).parents[4] / "shared" / "reference"
GOLDEN = SHARED / "golden_pfall_2020_ohio.csv"


def values(work: str, pe: str, mp: str) -> RelativeValues:
    return RelativeValues(Decimal(work), Decimal(pe), Decimal(mp))


OHIO_2020 = values("1.000", "0.915", "1.049")
EXERCISE = values("0.45", "0.40", "0.02")  # 97110 in 2020
MANUAL = values("0.43", "0.35", "0.02")  # 97140
ACTIVITIES = values("0.44", "0.66", "0.02")  # 97530
EVALUATION = values("1.2", "1.18", "0.05")  # 97162


def rules(factor: str = "36.0896", *, assistant: str = "0.85", sequestration: str = "0.02") -> PaymentRules:
    return PaymentRules(
        Decimal(factor), Decimal("0.50"), Decimal(assistant), Decimal("0.20"), Decimal(sequestration)
    )


def line(hcpcs: str, rvu: RelativeValues, units: int = 1, *modifiers: str, mppr: bool = True) -> VisitLine:
    return VisitLine(hcpcs, units, ("GP", *modifiers), rvu, mppr)


def priced(*lines: VisitLine, deductible: str = "0.00", by: PaymentRules | None = None) -> list[LinePrice]:
    found = price_visit(lines, gpci=OHIO_2020, rules=by or rules(), deductible_left=Decimal(deductible))
    return list(found)


def units(price: LinePrice) -> list[str]:
    return [str(amount) for amount in price.unit_amounts]


def total(prices: list[LinePrice]) -> Decimal:
    return sum((price.allowed_amount for price in prices), Decimal(0))


def test_the_first_unit_is_paid_in_full_and_the_next_with_half_its_practice_expense() -> None:
    (price,) = priced(line("97110", EXERCISE, 2))
    assert units(price) == ["30.21", "23.60"]
    assert price.allowed_amount == Decimal("53.81")


def test_a_procedure_that_is_not_always_therapy_is_never_reduced() -> None:
    (price,) = priced(line("90912", EXERCISE, 3, mppr=False))
    assert units(price) == ["30.21"] * 3


def test_the_visit_with_an_evaluation_reduces_everything_else() -> None:
    prices = priced(line("97162", EVALUATION), line("97110", EXERCISE, 2), line("97140", MANUAL))
    assert [units(price) for price in prices] == [["84.17"], ["23.60", "23.60"], ["22.05"]]
    assert total(prices) == Decimal("153.42")


@pytest.mark.parametrize("first", [True, False])
def test_the_highest_practice_expense_is_paid_in_full_wherever_it_stands(first: bool) -> None:
    lines = [line("97530", ACTIVITIES), line("97110", EXERCISE, 2)]
    prices = priced(*(lines if first else reversed(lines)))
    assert total(prices) == Decimal("85.63")


def test_the_rank_goes_by_practice_expense_not_by_the_whole_fee() -> None:
    costly_work, costly_practice = values("9", "1", "0"), values("1", "2", "0")
    prices = priced(line("AAAAA", costly_work), line("BBBBB", costly_practice))
    assert "in full" in prices[1].steps[0]
    assert "reduced" in prices[0].steps[0]


def test_equal_practice_expense_is_decided_by_the_fee_then_by_the_order() -> None:
    low, high = values("1", "1", "0"), values("2", "1", "0")
    assert "in full" in priced(line("AAAAA", low), line("BBBBB", high))[1].steps[0]
    assert "in full" in priced(line("AAAAA", low), line("BBBBB", low))[0].steps[0]


def test_lines_outside_the_reduction_take_no_part_in_the_ranking() -> None:
    prices = priced(line("29584", values("1", "5", "0"), mppr=False), line("97110", EXERCISE))
    assert units(prices[1]) == ["30.21"]


def test_national_amounts_of_2025() -> None:
    lines = [
        line("97161", values("1.54", "1.45", "0.04")),
        line("97110", values("0.45", "0.43", "0.01")),
        line("97530", values("0.44", "0.62", "0.01")),
    ]
    prices = price_visit(lines, gpci=NATIONAL, rules=rules("32.3465"))
    assert [units(price) for price in prices] == [["98.01"], ["21.83"], ["24.58"]]


def test_an_assistant_costs_fifteen_percent_of_the_payment_and_leaves_coinsurance_alone() -> None:
    """The order reduction, assistant, sequestration is our judgement."""
    prices = priced(line("97530", ACTIVITIES), line("97110", EXERCISE, 1, "CQ"))
    price = prices[1]
    assert (price.allowed_amount, price.coinsurance_amount) == (Decimal("23.60"), Decimal("4.72"))
    assert price.assistant_reduction_amount == Decimal("18.88") - Decimal("16.05")
    assert (price.sequestration_amount, price.medicare_payment_amount) == (Decimal("0.32"), Decimal("15.73"))


def test_a_hundred_dollars_allowed_to_an_assistant_pay_66_64() -> None:
    hundred = line("97110", values("1", "0", "0"), 1, "CO")
    (price,) = price_visit([hundred], gpci=NATIONAL, rules=rules("100"))
    assert price.coinsurance_amount == Decimal("20.00")
    assert price.assistant_reduction_amount == Decimal("12.00")
    assert price.medicare_payment_amount == Decimal("66.64")


def test_before_2022_an_assistant_cost_nothing_and_the_step_says_so() -> None:
    (price,) = priced(line("97110", EXERCISE, 1, "CQ"), by=rules(assistant="1"))
    assert price.assistant_reduction_amount == 0
    assert "assistant (CQ/CO): no reduction on this date" in price.steps


def test_the_deductible_is_met_line_by_line_before_coinsurance() -> None:
    prices = priced(line("97530", ACTIVITIES), line("97110", EXERCISE), deductible="50.00")
    assert [price.deductible_amount for price in prices] == [Decimal("38.43"), Decimal("11.57")]
    assert [price.coinsurance_amount for price in prices] == [0, Decimal("2.41")]
    assert prices[0].medicare_payment_amount == 0


def test_every_step_of_a_line_is_shown() -> None:
    (price,) = priced(line("97110", EXERCISE, 2), deductible="10.00")
    assert [step.split(":")[0] for step in price.steps] == [
        *("unit 1", "each further unit", "allowed", "deductible", "coinsurance", "sequestration"),
        "Medicare pays",
    ]
    assert "0.45 x 1.000 + 0.40 x 0.915 + 0.02 x 1.049" in price.steps[0]


@pytest.mark.skipif(not GOLDEN.is_file(), reason="the published amounts are not beside this tree")
def test_every_published_amount_comes_out_to_the_cent() -> None:
    with GOLDEN.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        rvu = values(row["work_rvu"], row["nonfac_pe_rvu"], row["mp_rvu"])
        gpci = values(row["gpci_w"], row["gpci_pe"], row["gpci_mp"])
        factor = Decimal(row["cf"])
        fee = unit_fee(rvu, gpci=gpci, conversion_factor=factor)
        assert fee == Decimal(row["cms_nonfac_fee"]), row["hcpcs"]
        if reduced := row["cms_therapy_reduced_fee_noninst"]:
            half = unit_fee(rvu, gpci=gpci, conversion_factor=factor, pe_factor=Decimal("0.5"))
            assert half == Decimal(reduced), row["hcpcs"]
    assert len(rows) == 40


@pytest.mark.skipif(not SHARED.is_dir(), reason="the golden payments are not beside this tree")
def test_every_golden_payment_comes_out_to_the_cent() -> None:
    with (SHARED / "golden_payment_tests.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        fee = unit_fee(
            values(row["work_rvu"], row["nonfac_pe_rvu"], row["mp_rvu"]),
            gpci=values(row["gpci_w"], row["gpci_pe"], row["gpci_mp"]),
            conversion_factor=Decimal(row["cf"]),
            pe_factor=Decimal("0.5") if row["mppr_applied"] == "Y" else Decimal(1),
        )
        assert fee == Decimal(row["expected"]), row["test_id"]
    assert len(rows) == 38


RVU = st.decimals(min_value=0, max_value=20, places=2)
VALUES = st.builds(RelativeValues, RVU, RVU, RVU)
LINES = st.lists(
    st.builds(
        VisitLine,
        st.sampled_from(["97110", "97140", "97530"]),
        st.integers(1, 6),
        st.sampled_from([("GP",), ("GP", "CQ"), ("GO", "CO")]),
        VALUES,
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)
MONEY = st.decimals(min_value=0, max_value=2000, places=2)


@given(lines=LINES, deductible=MONEY)
def test_every_allowed_dollar_goes_to_exactly_one_place(lines: list[VisitLine], deductible: Decimal) -> None:
    prices = price_visit(lines, gpci=OHIO_2020, rules=rules(), deductible_left=deductible)
    for price in prices:
        parts = (
            *(price.deductible_amount, price.coinsurance_amount, price.assistant_reduction_amount),
            *(price.sequestration_amount, price.medicare_payment_amount),
        )
        assert sum(parts) == price.allowed_amount == sum(price.unit_amounts)
        assert all(part >= 0 and part == part.quantize(Decimal("0.01"), ROUND_DOWN) for part in parts)
    assert sum(price.deductible_amount for price in prices) <= deductible


@given(lines=LINES)
def test_exactly_one_unit_under_the_reduction_is_paid_in_full(lines: list[VisitLine]) -> None:
    prices = price_visit(lines, gpci=OHIO_2020, rules=rules())
    in_full = [price for price in prices if any("in full" in step for step in price.steps)]
    assert len(in_full) == (1 if any(line.mppr for line in lines) else 0)


@given(lines=LINES)
def test_the_order_of_lines_does_not_change_what_is_allowed(lines: list[VisitLine]) -> None:
    forwards = price_visit(lines, gpci=OHIO_2020, rules=rules())
    backwards = price_visit(lines[::-1], gpci=OHIO_2020, rules=rules())
    assert sum(p.allowed_amount for p in forwards) == sum(p.allowed_amount for p in backwards)
