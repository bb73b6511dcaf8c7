"""Providers, authorizations, filing limits and duplicates: what our claim and the record say of them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from overturn.domain.causes.tables import Acceptance, ClaimRecord, EarlierClaim, Enrolment
from overturn.domain.classification import Denial
from overturn.domain.codes import Action, Answer, Confidence
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import Party
from overturn.reference.causes import with_cause_tables
from overturn.rulebook import Rulebook, load_rulebook
from tests.unit.domain.causes.proofs import (
    DAY,
    answer,
    on_line,
    only_denial,
    refutation,
    sent_claim,
    sent_line,
)

NPI = "2999000112"
NUMBER_SEGMENTS = ("CLM*SPECIMEN1*100", "REF*G1*AUTH1", "LX*1")
UNITED = PayerContext("unitedhealthcare", "UNITEDHEALTHCARE", "Commercial")


def enrolled(first: date, last: date | None = None) -> Rulebook:
    row = Enrolment(NPI, "aetna", first, last, "letter of 2024-01-15")
    return with_cause_tables(replace(load_rulebook(), enrolments=(row,)))


def test_an_assistant_may_not_render(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(on_line("CO-185 100.00", "97110"))
    sent = sent_claim(sent_line(1, "97110"), rendering_taxonomy="225200000X")
    denial = only_denial(proving, medicare, claim, sent=sent)
    assert (denial.cause, denial.action) == ("assistant_rendering", Action.CORRECTED_CLAIM)
    assert "CQ" in denial.explanation
    unprocessable = answer(on_line("CO-16 100.00", "97110", rarcs="N290"), rarcs="MA130")
    assert only_denial(proving, medicare, unprocessable, sent=sent).action is Action.NEW_CLAIM


def test_an_assistant_who_renders_one_line_is_found_there(proving: Rulebook, medicare: PayerContext) -> None:
    claim = answer(on_line("CO-B7 100.00", "97110"))
    segments = ("CLM", "PRV*PE*PXC*225100000X", "LX*1", "SV1", "LX*2", "SV1", "PRV*PE*PXC*225200000X")
    line = replace(sent_line(1, "97110"), segment_index=30, rendering_npi=NPI)

    def decide(taxonomy: str) -> Denial:
        own = replace(line, rendering_taxonomy=taxonomy)
        sent = sent_claim(own, segments=segments, rendering_taxonomy="225100000X")
        return only_denial(proving, medicare, claim, sent=sent)

    denial = decide("225200000X")
    assert denial.cause == "assistant_rendering"
    assert denial.proven
    assert [(place.segment_index, place.value) for place in denial.proven.places] == [(31, "225200000X")]
    assert decide("225100000X").cause == "rendering_npi_not_enrolled"


@pytest.mark.parametrize(
    ("adjustment", "rarcs"), [("CO-B7 100.00", ""), ("CO-185 100.00", ""), ("CO-96 100.00", "N198")]
)
def test_the_enrolment_of_the_day_decides(commercial: PayerContext, adjustment: str, rarcs: str) -> None:
    claim = answer(on_line(adjustment, "97110", rarcs=rarcs), rendering_provider=Party(identifier=NPI))
    there = only_denial(enrolled(DAY), commercial, claim)
    assert (there.cause, there.action) == ("rendering_npi_enrolled", Action.APPEAL)
    assert "letter of 2024-01-15" in refutation(there).finding
    not_yet = only_denial(enrolled(DAY + timedelta(days=1)), commercial, claim)
    assert (not_yet.cause, not_yet.action) == ("rendering_npi_not_enrolled", Action.ENROL_THEN_RESUBMIT)
    assert "and not on 2024-08-01" in not_yet.explanation
    over = only_denial(enrolled(date(2020, 1, 1), DAY - timedelta(days=1)), commercial, claim)
    assert over.cause == "rendering_npi_not_enrolled"


@pytest.mark.parametrize(("adjustment", "rarcs"), [("CO-197 100.00", ""), ("CO-16 100.00", "M62")])
def test_a_number_on_our_claim_refutes_a_missing_authorization(
    proving: Rulebook, commercial: PayerContext, adjustment: str, rarcs: str
) -> None:
    claim = answer(on_line(adjustment, "97110", rarcs=rarcs))
    sent = sent_claim(sent_line(1, "97110"), segments=NUMBER_SEGMENTS, prior_authorization="AUTH1")
    denial = only_denial(proving, commercial, claim, sent=sent)
    assert (denial.cause, denial.action) == ("authorization_number_was_there", Action.APPEAL)
    (place,) = refutation(denial).places
    assert (place.document, place.segment_index, place.segment, place.value) == ("837P", 26, "REF", "AUTH1")
    without = sent_claim(sent_line(1, "97110"), segments=NUMBER_SEGMENTS[:1])
    assert only_denial(proving, commercial, claim, sent=without).proven is None


def accepted(on: date) -> ClaimRecord:
    return ClaimRecord(acceptance=Acceptance(on, "PAYERNUMBER", 7))


def test_an_acceptance_on_the_last_day_refutes_late_filing(proving: Rulebook) -> None:
    claim = answer(on_line("CO-29 100.00", "97110"))
    last = DAY + timedelta(days=90)
    denial = only_denial(proving, UNITED, claim, record=accepted(last))
    assert (denial.cause, denial.action, denial.appealable) == ("filed_in_time", Action.APPEAL, Answer.YES)
    assert refutation(denial).places[0].value == "PAYERNUMBER"
    late = only_denial(proving, UNITED, claim, record=accepted(last + timedelta(days=1)))
    assert (late.cause, late.action) == ("filing_limit_missed", Action.WRITE_OFF)
    assert "1 day after the last day" in late.explanation


def test_the_payer_s_own_date_of_receipt_counts_as_proof(proving: Rulebook) -> None:
    claim = answer(on_line("CO-29 100.00", "97110"), received_on=DAY, segments=["CLP*1", "DTM*050*20240801"])
    (place,) = refutation(only_denial(proving, UNITED, claim)).places
    assert (place.segment_index, place.segment, place.element, place.value) == (11, "DTM", 2, "20240801")


def test_our_date_of_sending_proves_nothing(proving: Rulebook) -> None:
    sent = sent_claim(sent_line(1, "97110"), submitted_on=DAY)
    assert only_denial(proving, UNITED, answer(on_line("CO-29 100.00", "97110")), sent=sent).proven is None


def test_medicare_s_late_filing_has_no_appeal_even_when_it_was_in_time(
    proving: Rulebook, medicare: PayerContext
) -> None:
    claim = answer(on_line("CO-29 100.00", "97110", rarcs="N211"))
    denial = only_denial(proving, medicare, claim, record=accepted(DAY))
    assert (denial.cause, denial.action) == ("filed_in_time", Action.CALL_PAYER)
    assert denial.appealable is Answer.NO
    assert "405.926" in (denial.guardrail or "")


def test_windows_of_secondary_payers_and_replacements_run_from_elsewhere(proving: Rulebook) -> None:
    claim = answer(on_line("CO-29 100.00", "97110"))
    first = sent_claim(sent_line(1, "97110"))
    for sent in (replace(first, payer_responsibility="S"), replace(first, frequency_code="7")):
        assert only_denial(proving, UNITED, claim, sent=sent, record=accepted(DAY)).proven is None


def test_a_duplicate_of_a_paid_claim_is_closed_and_one_of_an_unpaid_claim_is_asked_after(
    proving: Rulebook, commercial: PayerContext
) -> None:
    claim = replace(answer(), adjustments=on_line("OA-18 100.00", "97110").adjustments)

    def with_earlier(*earlier: EarlierClaim) -> ClaimRecord:
        return ClaimRecord(earlier=earlier)

    paid = EarlierClaim("FIRST", answered=True, settled_amount=Decimal("60.00"))
    unpaid = EarlierClaim("FIRST", answered=True, settled_amount=Decimal("0.00"))
    waiting = EarlierClaim("FIRST", answered=False, settled_amount=Decimal("0.00"))
    closed = only_denial(proving, commercial, claim, record=with_earlier(paid))
    assert (closed.cause, closed.action, closed.appealable) == ("duplicate_of_paid", Action.NONE, Answer.NO)
    asked = only_denial(proving, commercial, claim, record=with_earlier(unpaid))
    assert (asked.cause, asked.action) == ("duplicate_of_unpaid", Action.CALL_PAYER)
    assert refutation(asked).confidence is Confidence.MEDIUM
    assert only_denial(proving, commercial, claim, record=with_earlier(waiting)).proven is None
