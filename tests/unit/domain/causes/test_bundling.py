"""Bundling: the edit of the day, its indicator and the modifiers decide whether the payer is right."""

import pytest

from overturn.domain.codes import Action, Answer, Category, Confidence
from overturn.domain.payers import PayerContext
from overturn.rulebook import Rulebook
from tests.unit.domain.causes.proofs import (
    LATER,
    answer,
    on_line,
    only_denial,
    paid,
    refutation,
    sent_claim,
    sent_line,
)

CODES = [("CO-236 100.00", ""), ("CO-97 100.00", "M80"), ("CO-B15 100.00", "M80")]


@pytest.mark.parametrize(("adjustment", "rarcs"), CODES)
def test_an_open_pair_without_a_modifier_gets_one_by_reopening(
    proving: Rulebook, medicare: PayerContext, adjustment: str, rarcs: str
) -> None:
    claim = answer(paid("97150", number=1), on_line(adjustment, "97110", number=2, rarcs=rarcs))
    denial = only_denial(proving, medicare, claim)
    assert (denial.category, denial.cause) == (Category.BUNDLING, "ncci_modifier_missing")
    assert (denial.action, denial.appealable) == (Action.REOPENING, Answer.YES)
    assert "97150 (column 1) with 97110 (column 2)" in denial.explanation
    assert "2024Q3" in denial.explanation
    assert denial.confidence is Confidence.HIGH


def test_other_payers_take_a_corrected_claim_and_are_asked_by_medicare_s_table(
    proving: Rulebook, commercial: PayerContext
) -> None:
    claim = answer(paid("97150", number=1), on_line("CO-236 100.00", "97110", number=2))
    denial = only_denial(proving, commercial, claim)
    assert denial.action is Action.CORRECTED_CLAIM
    assert (denial.confidence, "Medicare's" in denial.confidence_reason) == (Confidence.MEDIUM, True)


def test_a_modifier_on_the_claim_makes_it_an_appeal(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(paid("97150", number=1), on_line("CO-236 100.00", "97110", "GP", "59", number=2))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.action) == ("ncci_modifier_ignored", Action.APPEAL)
    assert "carries modifier 59" in refutation(denial).finding


def test_a_modifier_that_only_our_own_claim_shows_counts_too(
    proving: Rulebook, medicare: PayerContext
) -> None:
    claim = answer(paid("97150", number=1), on_line("CO-236 100.00", "97110", number=2))
    sent = sent_claim(sent_line(1, "97150"), sent_line(2, "97110", "GP", "XU"))
    proof = refutation(only_denial(proving, medicare, claim, sent=sent))
    own = proof.places[0]
    assert (own.document, own.segment_index, own.segment) == ("837P", 32, "SV1")


def test_indicator_0_is_never_appealed_and_says_why(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(paid("97140", number=1), on_line("CO-236 100.00", "97124", "GP", "59", number=2))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.action) == ("ncci_never_together", Action.WRITE_OFF)
    assert denial.appealable is Answer.NO
    assert denial.guardrail
    assert "indicator 0" in denial.guardrail


@pytest.mark.parametrize(
    ("first", "denied"),
    [("97530", "97162"), ("97162", "97140"), ("97162", "97110"), ("97140", "97530"), ("97530", "97116")],
)
def test_without_an_active_edit_the_payer_is_refuted(
    proving: Rulebook, medicare: PayerContext, first: str, denied: str
) -> None:
    claim = answer(paid(first, number=1), on_line("CO-236 100.00", denied, number=2))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.action, denial.appealable) == ("ncci_no_edit", Action.APPEAL, Answer.YES)
    proof = refutation(denial)
    assert (proof.tables[0].quarter, proof.tables[0].stale) == ("2024Q3", False)
    assert denial.confidence is Confidence.HIGH


def test_what_became_of_the_edit_is_part_of_the_argument(proving: Rulebook, medicare: PayerContext) -> None:
    ended = answer(paid("97140", number=1), on_line("CO-236 100.00", "97530", number=2))
    assert "ended on 2019-12-31" in refutation(only_denial(proving, medicare, ended)).finding
    never = answer(paid("97530", number=1), on_line("CO-236 100.00", "97162", number=2))
    assert "never applied" in refutation(only_denial(proving, medicare, never)).finding


def test_a_stale_table_and_another_s_table_lower_the_confidence(
    proving: Rulebook, medicare: PayerContext, commercial: PayerContext
) -> None:
    claim = answer(paid("97162", number=1), on_line("CO-236 100.00", "97140", number=2), on=LATER)
    stale = only_denial(proving, medicare, claim)
    assert (stale.confidence, refutation(stale).tables[0].stale) == (Confidence.MEDIUM, True)
    assert only_denial(proving, commercial, claim).confidence is Confidence.LOW


def test_a_line_alone_or_beside_an_unknown_code_proves_nothing(
    proving: Rulebook, medicare: PayerContext
) -> None:
    alone = only_denial(proving, medicare, answer(on_line("CO-236 100.00", "97140")))
    assert (alone.proven, alone.cause) == (None, "ncci_pair")
    beside = answer(paid("99213", number=1), on_line("CO-236 100.00", "97161", number=2))
    assert only_denial(proving, medicare, beside).proven is None


def test_a_denied_column_1_is_no_proof_either_way(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(on_line("CO-236 100.00", "97150"), paid("97110", number=2))
    assert only_denial(proving, medicare, claim).proven is None


def test_a_global_period_is_no_matter_of_pairs(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(paid("97162", number=1), on_line("CO-97 100.00", "97140", number=2, rarcs="M144"))
    assert only_denial(proving, medicare, claim).cause == "global_period"


def test_a_code_that_is_never_paid_alone_is_not_called_unbundled(
    proving: Rulebook, medicare: PayerContext
) -> None:
    claim = answer(paid("97110", number=1), on_line("CO-97 100.00", "97010", number=2))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.appealable) == ("not_separately_payable", Answer.NO)


def test_of_two_evaluations_of_a_discipline_one_is_paid(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(paid("97161", number=1), on_line("CO-236 100.00", "97163", number=2))
    denial = only_denial(proving, medicare, claim)
    assert (denial.cause, denial.appealable) == ("two_evaluations", Answer.NO)
    other = answer(paid("97161", number=1), on_line("CO-236 100.00", "97166", "GO", number=2))
    assert only_denial(proving, medicare, other).cause != "two_evaluations"


def test_an_unprocessable_claim_stays_so_whatever_the_tables_say(
    proving: Rulebook, medicare: PayerContext
) -> None:
    claim = answer(paid("97162", number=1), on_line("CO-236 100.00", "97140", number=2), rarcs="MA130")
    denial = only_denial(proving, medicare, claim)
    assert (denial.action, denial.appealable) == (Action.NEW_CLAIM, Answer.NO)
