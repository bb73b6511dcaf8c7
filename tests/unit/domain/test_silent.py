"""Silent denials: cuts that no code tells, with dollars only where they can be priced."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.domain.codes import Category, Confidence
from overturn.domain.contracts import ContractPrice
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ZERO, ServiceLine
from overturn.domain.remittance_details import LineDetails
from overturn.reference.causes import with_cause_tables
from overturn.rulebook import Rulebook, load_rulebook
from tests.unit.domain.causes.proofs import DAY, answer, decide, on_line, only_denial, sent_claim, sent_line

AETNA = PayerContext("aetna", "AETNA", "Commercial")
SHIPPED = with_cause_tables(load_rulebook())


def agreed(**prices: str) -> Rulebook:
    """The shipped rules with what Aetna agreed to pay for a unit."""
    rows = [
        ContractPrice("aetna", code.removeprefix("c"), Decimal(price), None, None, None, "contract page 4")
        for code, price in prices.items()
    ]
    return with_cause_tables(replace(load_rulebook(), contracts=tuple(rows)))


def units(line: ServiceLine, billed: int) -> ServiceLine:
    return replace(line, details=LineDetails(submitted_units=Decimal(billed)))


def test_units_left_out_are_worth_what_the_paid_ones_were_allowed() -> None:
    claim = answer(units(on_line("CO-45 70.00 + PR-3 10.00", "97110", units=1), 3))
    decision = decide(SHIPPED, AETNA, claim)
    (denial,) = decision.denials
    assert (denial.cause, denial.denied_amount) == ("partial_units", Decimal("60.00"))
    assert (decision.contractual_amount, decision.denied_amount) == (Decimal("10.00"), Decimal("60.00"))
    assert decision.lines[1].denied_amount == Decimal("60.00")
    assert "1 of 3 units were paid" in denial.explanation


def test_our_own_claim_tells_the_units_the_remittance_leaves_out() -> None:
    claim = answer(on_line("CO-45 70.00", "97110", units=1))
    sent = sent_claim(sent_line(1, "97110", units=2))
    assert only_denial(SHIPPED, AETNA, claim, sent=sent).denied_amount == Decimal("30.00")


def test_units_that_a_code_refuses_keep_that_code() -> None:
    claim = answer(units(on_line("CO-45 20.00 + CO-151 40.00", "97110", units=1), 2))
    assert only_denial(SHIPPED, AETNA, claim).carc == "151"


def test_less_than_the_contract_is_an_underpayment() -> None:
    claim = answer(on_line("CO-45 70.00", "97110", units=2))
    denial = only_denial(agreed(c97110="18.25"), AETNA, claim)
    assert (denial.cause, denial.denied_amount) == ("below_contract", Decimal("6.50"))
    assert "$30.00 is allowed, and $36.50 is agreed" in denial.explanation


@pytest.mark.parametrize("price", ["15.00", "9.00"])
def test_what_was_agreed_or_more_is_none(price: str) -> None:
    claim = answer(on_line("CO-45 70.00", "97110", units=2))
    assert not decide(agreed(c97110=price), AETNA, claim).denials


def test_a_full_write_off_is_one_only_against_a_contract() -> None:
    claim = answer(on_line("CO-45 100.00", "97110"))
    assert not decide(SHIPPED, AETNA, claim).denials
    assert only_denial(agreed(c97110="31.00"), AETNA, claim).denied_amount == Decimal("31.00")


def test_a_downcoding_is_priced_by_the_contract_where_it_is_known() -> None:
    claim = answer(replace(on_line("CO-45 60.00", "97161"), submitted_procedure="97163"))
    decision = decide(agreed(c97161="40.00", c97163="58.00"), AETNA, claim)
    (denial,) = decision.denials
    assert (denial.cause, denial.denied_amount) == ("downcoded_evaluation", Decimal("18.00"))
    assert decision.denied_amount == Decimal("18.00")
    assert denial.unpriced_amount == Decimal("0.00")
    unpriced = only_denial(SHIPPED, AETNA, claim)
    assert (unpriced.denied_amount, unpriced.unpriced_amount) == (Decimal("0.00"), Decimal("60.00"))
    assert "at most $60.00" in unpriced.explanation


def test_a_downcoding_that_the_contract_prices_alike_has_a_price_of_nothing() -> None:
    claim = answer(replace(on_line("CO-45 60.00", "97161"), submitted_procedure="97163"))
    denial = only_denial(agreed(c97161="58.00", c97163="58.00"), AETNA, claim)
    assert (denial.denied_amount, denial.unpriced_amount) == (Decimal("0.00"), Decimal("0.00"))


def test_what_an_earlier_payer_paid_is_no_part_of_what_a_cut_can_be_worth() -> None:
    line = replace(on_line("OA-23 50.00 + CO-45 20.00", "97161"), submitted_procedure="97163")
    denial = only_denial(SHIPPED, AETNA, answer(line, status_code="2"))
    assert denial.unpriced_amount == Decimal("20.00")


def test_what_the_patient_owes_is_no_part_of_what_a_cut_can_be_worth() -> None:
    claim = answer(replace(on_line("CO-45 60.00 + PR-3 15.00", "97161"), submitted_procedure="97163"))
    assert only_denial(SHIPPED, AETNA, claim).unpriced_amount == Decimal("60.00")


def test_medicare_s_lowest_fee_of_a_locality_is_the_measure() -> None:
    row = ContractPrice("medicare", None, None, "National", None, None, "fee schedule")
    rules = with_cause_tables(replace(load_rulebook(), contracts=(row,)))
    medicare = PayerContext("medicare", "NOVITAS", "Medicare FFS")
    claim = answer(on_line("CO-45 80.00", "97110"), on=DAY.replace(year=2025))
    denial = only_denial(rules, medicare, claim)
    assert denial.cause == "below_contract"
    assert Decimal("0.01") < denial.denied_amount < Decimal("10.00")
    assert not decide(
        rules, medicare, answer(on_line("CO-45 60.00", "97110"), on=DAY.replace(year=2025))
    ).denials


def test_nothing_paid_without_any_reason_is_asked_after_and_invents_no_dollars() -> None:
    line = replace(on_line("CO-45 20.00", "97110"), adjustments=[], paid_amount=Decimal("0.00"))
    denial = only_denial(SHIPPED, AETNA, answer(line))
    assert (denial.cause, denial.denied_amount) == ("zero_paid_without_reason", Decimal("0.00"))
    assert denial.unpriced_amount == Decimal("100.00")
    assert denial.confidence is Confidence.LOW


@pytest.mark.parametrize("adjustments", ["CO-50 100.00 + CO-50 -100.00", "CO-50 0.00"])
def test_adjustments_that_come_to_nothing_say_nothing(adjustments: str) -> None:
    line = replace(on_line(adjustments, "97110"), paid_amount=Decimal("0.00"))
    denial = only_denial(SHIPPED, AETNA, answer(line))
    assert (denial.cause, denial.confidence) == ("zero_paid_without_reason", Confidence.LOW)
    assert "the payer's adjustments (CO-50) come to nothing" in denial.explanation


AMOUNTS = st.decimals("-100", "100", places=2)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["CO-50", "CO-45", "PR-1", "CO-151", "ZZ-9"]), AMOUNTS), max_size=5)
)
def test_a_line_s_denial_is_worth_what_its_bucket_holds(said: list[tuple[str, Decimal]]) -> None:
    line = on_line(" + ".join(f"{code} {amount}" for code, amount in said) or "CO-45 0.00", "97110", units=1)
    decision = decide(agreed(c97110="60.00"), AETNA, answer(line))
    denied = sum((denial.denied_amount for denial in decision.denials), Decimal(0))
    assert denied == max(decision.denied_amount, Decimal(0))
    assert decision.adjusted_amount == line.adjusted_amount
    assert not any(denial.denied_amount and denial.unpriced_amount for denial in decision.denials)
    assert all(ZERO <= denial.unpriced_amount <= line.charge_amount + 500 for denial in decision.denials)


def test_a_deductible_or_a_second_payer_leaves_no_silent_denial() -> None:
    deductible = answer(on_line("CO-45 60.00 + PR-1 40.00", "97110"))
    second = answer(on_line("OA-23 100.00", "97110"), status_code="2")
    for claim in (deductible, second):
        assert not decide(agreed(c97110="40.00"), AETNA, claim).denials


@settings(max_examples=25, deadline=None)  # each builds the tables anew
@given(
    written_off=st.decimals(0, 100, places=2),
    price=st.decimals(0, 200, places=2),
    paid=st.integers(1, 4),
    billed=st.integers(1, 8),
)
def test_every_adjusted_dollar_stays_in_one_bucket(
    written_off: Decimal, price: Decimal, paid: int, billed: int
) -> None:
    line = units(on_line(f"CO-45 {written_off}", "97110", units=paid), billed)
    row = ContractPrice("aetna", "97110", price, None, None, None, "contract")
    rules = with_cause_tables(replace(SHIPPED, contracts=(row,)))
    decision = decide(rules, AETNA, answer(line))
    assert decision.adjusted_amount == written_off
    assert decision.contractual_amount >= 0
    assert decision.denied_amount == sum((d.denied_amount for d in decision.denials), Decimal(0))
    assert all(d.category in {Category.CODING, Category.OTHER} for d in decision.denials)
