"""KX by the accumulator, GP, GO and GN by code and therapist, CQ and CO of assistants."""

from dataclasses import replace
from decimal import Decimal

import pytest

from overturn.domain.causes.tables import ClaimRecord
from overturn.domain.codes import Action, Answer, Category, Confidence
from overturn.domain.payers import PayerContext
from overturn.domain.therapy_threshold import Bucket
from overturn.rulebook import Rulebook
from tests.unit.domain.causes.proofs import (
    LATER,
    answer,
    on_line,
    only_denial,
    refutation,
    sent_claim,
    sent_line,
)

ABOVE = ClaimRecord(allowed_before={Bucket.PT_SLP: Decimal("2481.00")})
BELOW = ClaimRecord(allowed_before={Bucket.PT_SLP: Decimal("2480.00"), Bucket.OT: Decimal("9000.00")})


def test_the_accumulator_says_that_kx_is_missing(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(on_line("PR-119 100.00", "97110"), on=LATER)
    denial = only_denial(proving, medicare, claim, record=ABOVE)
    assert (denial.cause, denial.action, denial.appealable) == ("missing_kx", Action.REOPENING, Answer.YES)
    assert "$2,481.00 of PT and SLP allowed in 2026" in denial.explanation
    assert "do not bill the patient" in (denial.guardrail or "")


def test_119_is_never_the_patient_s_before_kx_is_tried(proving: Rulebook, medicare: PayerContext) -> None:
    for record in (ABOVE, BELOW, ClaimRecord()):
        claim = answer(on_line("PR-119 100.00", "97110"), on=LATER)
        assert only_denial(proving, medicare, claim, record=record).action is Action.REOPENING


@pytest.mark.parametrize("remark", ["N822", "N823"])
def test_a_wrong_modifier_remark_is_a_missing_kx_where_the_threshold_was_passed(
    proving: Rulebook, medicare: PayerContext, remark: str
) -> None:
    claim = answer(on_line("CO-16 100.00", "97110", rarcs=remark), on=LATER, rarcs="MA130")
    denial = only_denial(proving, medicare, claim, record=ABOVE)
    assert (denial.cause, denial.action, denial.appealable) == ("missing_kx", Action.NEW_CLAIM, Answer.NO)
    assert only_denial(proving, medicare, claim, record=BELOW).proven is None


def test_the_other_bucket_does_not_count(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(on_line("PR-119 100.00", "97110", "GP"), on=LATER)
    assert only_denial(proving, medicare, claim, record=BELOW).proven is None


@pytest.mark.parametrize("adjustment", ["CO-16 100.00", "CO-4 100.00"])
def test_an_always_therapy_line_without_its_modifier_is_named(
    proving: Rulebook, medicare: PayerContext, adjustment: str
) -> None:
    rarcs = "N822" if adjustment.startswith("CO-16") else ""
    claim = answer(on_line(adjustment, "97110", "59", rarcs=rarcs))
    denial = only_denial(proving, medicare, claim)
    assert (denial.category, denial.cause) == (Category.MODIFIER_KX, "missing_therapy_modifier")
    assert "has none of GP, GO and GN" in denial.explanation


def test_an_evaluation_and_a_therapist_tell_the_discipline(proving: Rulebook, medicare: PayerContext) -> None:
    by_code = answer(on_line("CO-16 100.00", "97161", "GO", rarcs="N823"))
    assert "it was GP therapy" in only_denial(proving, medicare, by_code).explanation
    sent = sent_claim(sent_line(1, "97110", "GN"), rendering_taxonomy="225100000X")
    by_therapist = answer(on_line("CO-16 100.00", "97110", "GN", rarcs="N823"))
    denial = only_denial(proving, medicare, by_therapist, sent=sent)
    assert (denial.cause, "put GP on the line" in denial.explanation) == ("wrong_therapy_modifier", True)


def test_modifiers_that_stand_on_our_claim_refute_the_payer(
    proving: Rulebook, medicare: PayerContext
) -> None:
    claim = answer(on_line("CO-16 100.00", "97110", "59", rarcs="N822"))
    sent = sent_claim(sent_line(1, "97110", "GP", "KX"))
    denial = only_denial(proving, medicare, claim, sent=sent)
    assert (denial.cause, denial.action) == ("therapy_modifier_was_there", Action.CALL_PAYER)
    assert refutation(denial).places[0].value == "GP KX"


def test_modifiers_that_the_remittance_itself_shows_refute_the_payer(
    proving: Rulebook, medicare: PayerContext, commercial: PayerContext
) -> None:
    claim = answer(on_line("CO-16 100.00", "97110", "GP", "KX", rarcs="N822"))
    denial = only_denial(proving, medicare, claim)
    (place,) = refutation(denial).places
    assert (place.document, place.segment, place.element, place.value) == ("835", "SVC", 1, "GP KX")
    assert (denial.cause, denial.confidence) == ("therapy_modifier_was_there", Confidence.MEDIUM)
    without_kx = answer(on_line("CO-16 100.00", "97110", "GP", rarcs="N822"))
    assert only_denial(proving, medicare, without_kx).cause == "missing_kx"
    assert only_denial(proving, commercial, without_kx).cause == "therapy_modifier_was_there"
    bare = answer(on_line("CO-16 100.00", "97110", "59", rarcs="N822"))
    assert only_denial(proving, commercial, bare).cause == "missing_therapy_modifier"


def test_the_rendering_provider_of_a_line_goes_before_that_of_the_claim(
    proving: Rulebook, medicare: PayerContext
) -> None:
    def cause(claims: str | None, lines: str | None, *, npi: str | None = "1999999984") -> str:
        line = replace(sent_line(1, "97110"), rendering_npi=npi, rendering_taxonomy=lines)
        sent = sent_claim(line, rendering_taxonomy=claims)
        return only_denial(proving, medicare, answer(on_line("CO-4 100.00", "97110")), sent=sent).cause

    therapist, assistant = "225100000X", "225200000X"
    assert cause(therapist, assistant) == "assistant_modifier_missing"
    assert cause(assistant, therapist) == "modifier_mismatch"
    assert cause(assistant, None) == "modifier_mismatch"
    assert cause(assistant, None, npi=None) == "assistant_modifier_missing"


def test_an_assistant_s_modifier_has_its_place(proving: Rulebook, medicare: PayerContext) -> None:
    def cause(procedure: str, *modifiers: str, taxonomy: str | None = None) -> str:
        claim = answer(on_line("CO-4 100.00", procedure, *modifiers))
        sent = sent_claim(sent_line(1, procedure, *modifiers), rendering_taxonomy=taxonomy)
        return only_denial(proving, medicare, claim, sent=sent).cause

    assert cause("97161", "GP", "CQ") == "assistant_evaluation"
    assert cause("97110", "GO", "CQ") == "assistant_modifier_mismatch"
    assert cause("97110", "GP", taxonomy="225200000X") == "assistant_modifier_missing"
    assert cause("97110", "GP", "CQ", taxonomy="225200000X") == "modifier_mismatch"
