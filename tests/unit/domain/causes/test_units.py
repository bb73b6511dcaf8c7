"""Units billed against the unit limit, by its adjudication indicator."""

from overturn.domain.classification import Denial
from overturn.domain.codes import Action, Answer, Confidence
from overturn.domain.payers import PayerContext
from overturn.rulebook import Rulebook
from tests.unit.domain.causes.proofs import (
    answer,
    on_line,
    only_denial,
    paid,
    refutation,
    sent_claim,
    sent_line,
)


def test_units_within_the_limit_refute_the_payer(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(on_line("CO-151 100.00", "97110", units=4, rarcs="N362"))
    denial = only_denial(proving, medicare, claim, sent=sent_claim(sent_line(1, "97110", units=4)))
    assert (denial.cause, denial.action, denial.appealable) == ("mue_within_limit", Action.APPEAL, Answer.YES)
    assert "4 units of 97110" in refutation(denial).finding
    assert "the limit is 6 a day (MAI 3). The units are within it (table of 2024Q3" in denial.explanation
    assert denial.confidence is Confidence.HIGH


def test_the_payer_s_own_count_of_units_is_less_sure(proving: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(proving, medicare, answer(on_line("CO-151 100.00", "97110", units=4)))
    assert (denial.cause, denial.confidence) == ("mue_within_limit", Confidence.MEDIUM)


def test_every_line_of_the_day_counts(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(paid("97110", number=1, units=4), on_line("CO-151 100.00", "97110", number=2, units=4))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.action, denial.appealable) == ("mue_units", Action.APPEAL, Answer.YES)
    assert "8 units" in denial.explanation


def test_an_absolute_limit_is_corrected_and_not_appealed(proving: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(proving, medicare, answer(on_line("CO-151 100.00", "97161", units=2)))
    assert (denial.cause, denial.action) == ("mue_units", Action.CORRECTED_CLAIM)
    assert denial.appealable is Answer.NO
    assert denial.guardrail
    assert denial.guardrail.count("absolute") == 1


def test_within_an_absolute_limit_the_payer_is_asked_and_nothing_is_appealed(
    proving: Rulebook, medicare: PayerContext
) -> None:
    denial = only_denial(proving, medicare, answer(on_line("CO-151 100.00", "97161")))
    assert (denial.cause, denial.action) == ("mue_within_limit", Action.CALL_PAYER)
    assert denial.appealable is Answer.NO
    assert refutation(denial)


def test_a_line_without_units_proves_nothing(proving: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(proving, medicare, answer(on_line("CO-151 100.00", "97110", units=0)))
    assert denial.proven is None


def test_a_limit_of_0_is_no_matter_of_minutes(
    proving: Rulebook, medicare: PayerContext, commercial: PayerContext
) -> None:
    claim = answer(on_line("CO-151 100.00", "97010"))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.action) == ("not_separately_payable", Action.WRITE_OFF)
    assert (denial.appealable, "unit limit of this code is 0" in (denial.guardrail or "")) == (
        Answer.NO,
        True,
    )
    assert only_denial(proving, commercial, claim).cause != "not_separately_payable"


def test_medicare_s_limit_is_held_against_another_payer_but_does_not_bind_it(
    proving: Rulebook, commercial: PayerContext
) -> None:
    def decide(procedure: str, units: int) -> Denial:
        claim = answer(on_line("CO-151 100.00", procedure, units=units, rarcs="N362"))
        return only_denial(proving, commercial, claim)

    absolute = decide("97161", 2)
    assert (absolute.cause, absolute.action) == ("mue_units", Action.CORRECTED_CLAIM)
    assert (absolute.appealable, absolute.guardrail) == (Answer.MAYBE, None)
    assert (absolute.confidence, "Medicare's" in absolute.confidence_reason) == (Confidence.MEDIUM, True)
    assert (decide("97110", 8).action, decide("97110", 8).appealable) == (Action.APPEAL, Answer.YES)
    assert refutation(decide("97110", 4)).cause == "mue_within_limit"
    within = decide("97161", 1)
    assert (within.action, within.guardrail) == (Action.APPEAL, None)
