"""Facts into words, chips and marked segments."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from overturn.domain.deadlines import (
    Deadline,
    DerivationStep,
    OpenDeadline,
    UnknownDeadline,
    WindowReference,
    deadline_document,
)
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.reporting.case_page import DenialFacts, PaymentFacts
from overturn.reporting.work_list import DenialCode
from services.web import presenters
from services.web.labels import CodeLabels, load_labels

TODAY = date(2026, 3, 16)
RUNNING = CaseStatus.NEEDS_WORK
RULE = WindowReference("medicare-1", "3f9a", "42 CFR 405.942", "high")


@pytest.mark.parametrize(
    ("due_on", "text", "icon", "tone"),
    [
        (date(2026, 3, 14), "2 d late · Mar 14", "■", "late"),
        (date(2026, 3, 16), "today · Mar 16", "▲", "urgent"),
        (date(2026, 3, 19), "3 d · Mar 19", "▲", "urgent"),
        (date(2026, 3, 20), "4 d · Mar 20", "●", "soon"),
        (date(2026, 3, 26), "10 d · Mar 26", "●", "soon"),
        (date(2026, 3, 27), "11 d · Mar 27", "○", "calm"),
        (date(2027, 1, 4), "294 d · Jan 4, 2027", "○", "calm"),
    ],
)
def test_a_deadline_says_how_long_is_left_in_text_icon_and_tone(
    due_on: date, text: str, icon: str, tone: str
) -> None:
    chip = presenters.deadline_chip(due_on, None, TODAY, RUNNING)
    assert (chip.text, chip.icon, chip.tone) == (text, icon, tone)


def test_an_unknown_deadline_asks_for_the_window_and_says_what_is_missing() -> None:
    chip = presenters.deadline_chip(None, "no window for aetna", TODAY, RUNNING)
    assert (chip.text, chip.hint) == ("unknown: set the window", "no window for aetna")


@pytest.mark.parametrize("status", [CaseStatus.SUBMITTED, CaseStatus.AWAITING_PAYMENT])
def test_a_case_that_was_sent_is_never_late(status: CaseStatus) -> None:
    chip = presenters.deadline_chip(date(2026, 3, 14), None, TODAY, status)
    assert (chip.text, chip.tone) == ("sent, was due Mar 14, 2026", "calm")
    assert presenters.deadline_chip(None, "no window", TODAY, status).text == "sent"


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.EXPIRED])
def test_a_closed_case_is_said_to_be_closed_and_not_sent(outcome: Outcome) -> None:
    chip = presenters.deadline_chip(date(2026, 5, 25), None, TODAY, CaseStatus.RESOLVED, outcome)
    assert (chip.text, chip.tone) == ("closed, was due May 25, 2026", "calm")
    assert presenters.deadline_chip(None, "no window", TODAY, CaseStatus.RESOLVED, outcome).text == "closed"


def test_an_expired_case_warns_of_the_day_it_missed() -> None:
    due_on = date(2026, 5, 25)
    chip = presenters.deadline_chip(due_on, None, date(2026, 6, 1), CaseStatus.RESOLVED, Outcome.EXPIRED)
    assert (chip.text, chip.icon, chip.tone) == ("missed May 25, 2026", "■", "late")


def test_a_derived_deadline_shows_every_step_and_its_source() -> None:
    steps = (
        DerivationStep("start", date(2022, 5, 15), "date of the remittance"),
        DerivationStep("receipt", date(2022, 5, 20), "presumed 5 days after"),
    )
    answer = Deadline(date(2022, 9, 17), date(2022, 9, 9), "redetermination", RULE, steps)
    view = presenters.deadline_view(deadline_document(answer), answer.due_on, date(2022, 9, 10), RUNNING)
    assert view.chip.text == "7 d · Sep 17"
    assert [(row.step, row.on) for row in view.steps] == [
        ("Start", "May 15, 2022"),
        ("Receipt", "May 20, 2022"),
    ]
    assert view.source == "Rule medicare-1 (3f9a): 42 CFR 405.942; confidence high"
    assert view.safe_on == "Sep 9, 2022"


def test_a_window_that_never_closes_says_why_instead_of_a_date() -> None:
    document = deadline_document(
        OpenDeadline("reopening", RULE, "a clerical error can be corrected any time")
    )
    view = presenters.deadline_view(document, None, TODAY, RUNNING)
    assert view.never_closes == "a clerical error can be corrected any time"
    assert (view.chip.tone, view.missing) == ("calm", "")


def test_an_unknown_deadline_is_never_shown_as_no_deadline() -> None:
    document = deadline_document(UnknownDeadline("give the date"))
    view = presenters.deadline_view(document, None, TODAY, RUNNING)
    assert (view.missing, view.chip.tone) == ("give the date", "unknown")


def test_a_case_that_is_not_prepared_yet_has_no_deadline_and_no_steps() -> None:
    view = presenters.deadline_view({}, None, TODAY, CaseStatus.OPENED)
    assert (view.chip.text, view.steps, view.source) == ("no deadline", (), "")


def test_codes_are_shown_once_and_an_unknown_one_bare() -> None:
    codes = [DenialCode("CO", "50", ("N115", "ZZ9")), DenialCode("CO", "50", ("N115",))]
    labels = CodeLabels(carcs={"50": "not necessary"}, rarcs={"N115": "coverage decision"})
    chips = presenters.code_chips(codes, labels)
    assert [(chip.code, chip.label) for chip in chips] == [
        ("CO-50", "not necessary"),
        ("N115", "coverage decision"),
        ("ZZ9", ""),
    ]


def test_the_shipped_labels_cover_the_reasons_billers_meet_every_day() -> None:
    labels = load_labels()
    assert all(labels.carcs[code] for code in ("16", "29", "50", "97", "197"))
    assert all(labels.rarcs.values())


def payment(**changes: Any) -> PaymentFacts:
    facts: dict[str, Any] = {
        "id": uuid4(),
        "status_code": "1",
        "paid_amount": Decimal("0.00"),
        "payer_claim_control_number": None,
        "segment_index": 17,
        "segments": ["CLP*A*1*100*0", "CAS*CO*45*20**50*80", "LQ*HE*N115"],
        "payer_name": None,
        "trace_number": None,
        "payment_on": None,
        "payment_amount": Decimal("0.00"),
        "difference_amount": Decimal("0.00"),
        "file_name": "a.835",
    }
    return PaymentFacts(**{**facts, **changes})


def denial(payment_id: object, *evidence: tuple[int, int]) -> DenialFacts:
    facts: dict[str, Any] = dict.fromkeys(DenialFacts.__slots__)
    proofs = [{"segment_index": s, "segment": "CAS", "element": e, "value": "50"} for s, e in evidence]
    return DenialFacts(**{**facts, "claim_payment_id": payment_id, "evidence": proofs})


def test_the_element_a_decision_rests_on_is_marked_at_its_place_in_the_file() -> None:
    sent = payment()
    shown = presenters.segments(sent, [denial(sent.id, (18, 5))])
    assert [segment.number for segment in shown] == [17, 18, 19]
    assert [segment.marked for segment in shown] == [False, True, False]
    assert [e.text for e in shown[1].elements if e.marked] == ["50"]
    assert "*".join(element.text for element in shown[1].elements) == "CAS*CO*45*20**50*80"


def test_evidence_of_another_remittance_marks_nothing() -> None:
    shown = presenters.segments(payment(), [denial(uuid4(), (18, 5))])
    assert not any(segment.marked for segment in shown)


def test_evidence_past_the_end_of_a_segment_marks_the_segment_only() -> None:
    sent = payment()
    shown = presenters.segments(sent, [denial(sent.id, (19, 9), (99, 1))])
    assert shown[2].marked
    assert not any(element.marked for element in shown[2].elements)


def test_evidence_names_segment_element_and_value() -> None:
    proof = {"segment_index": 18, "segment": "CAS", "element": 5, "value": "50"}
    assert presenters.evidence_words(proof) == "segment 18, CAS05 = 50"


def test_a_place_of_a_proof_names_its_file_and_the_claim_where_that_is_another() -> None:
    place = {"document": "837P", "segment_index": 33, "segment": "SV1", "element": 1, "value": "97110"}
    assert presenters.place_words(place) == "837P segment 33, SV101 = 97110"
    assert presenters.place_words(place | {"claim": "P1"}) == "837P segment 33, SV101 = 97110, of claim P1"


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (
            {"segment_index": 17, "segment": "CLP", "element": 3, "message": "not an amount"},
            "Segment 17 (CLP03): not an amount",
        ),
        ({"segment_index": 2, "segment": "GS", "message": "no GE"}, "Segment 2 (GS): no GE"),
        ({"segment_index": 2, "segment": None, "message": "cut off"}, "Segment 2: cut off"),
        ({"message": "not X12"}, "not X12"),
        ({"code": "encoding"}, "encoding"),
    ],
)
def test_a_finding_says_where_and_what(finding: dict[str, Any], said: str) -> None:
    assert presenters.finding_words(finding) == said


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("modifier_kx", "Modifier KX"),
        ("other", "Other"),
        (None, presenters.NOTHING),
        ("", presenters.NOTHING),
    ],
)
def test_keys_read_as_words(key: str | None, said: str) -> None:
    assert presenters.words(key) == said


def test_small_words() -> None:
    assert presenters.dollars(Decimal("1240.5")) == "$1,240.50"
    assert presenters.dollars(None) == presenters.NOTHING
    assert presenters.percent(Decimal("0.1234")) == "12.3 %"
    assert (presenters.plural(1, "case"), presenters.plural(2000, "case")) == ("1 case", "2,000 cases")
    assert presenters.counted(["277", "277", "835"]) == "277 (2), 835"
    assert presenters.counted([]) == presenters.NOTHING
    assert presenters.plural(0, "match") == "0 matches"
    assert presenters.service_dates(TODAY, TODAY) == "Mar 16, 2026"
    assert presenters.service_dates(TODAY, None) == "Mar 16, 2026"
    assert presenters.service_dates(None, None) == presenters.NOTHING
    assert presenters.service_dates(date(2026, 3, 1), TODAY) == "Mar 1, 2026 to Mar 16, 2026"


def test_a_moment_names_its_time_zone() -> None:
    at = datetime(2026, 3, 16, 12, 5, tzinfo=UTC)
    assert presenters.moment(at).endswith(f"{at.astimezone():%H:%M %Z}")
