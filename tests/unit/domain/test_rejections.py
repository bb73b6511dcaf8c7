"""Rejection codes in our words, never with a value of the file."""

import pytest

from overturn.domain.rejections import (
    CodeKind,
    about_claim,
    batch_codes,
    batch_reason,
    claim_codes,
    claim_reason,
)
from overturn.domain.submission import REJECTED_CATEGORIES, FunctionalAcknowledgement, SegmentError
from overturn.paths import RULES
from overturn.rulebook.rejections import load_rejection_labels

LABELS = {
    (CodeKind.CATEGORY, "A7"): "Invalid",
    (CodeKind.BATCH_STATUS, "R"): "Refused",
    (CodeKind.BATCH_ERROR, "1"): "set error",
    (CodeKind.GROUP_ERROR, "1"): "group error",
    (CodeKind.SEGMENT_ERROR, "8"): "segment error",
    (CodeKind.ELEMENT_ERROR, "7"): "invalid value",
}


def status(category: str, code: str | None = None, entity: str | None = None) -> dict[str, str | None]:
    return {"category": category, "status": code, "entity": entity}


def answer(
    *errors: SegmentError, kind: str = "837", codes: tuple[str, ...] = ()
) -> FunctionalAcknowledgement:
    return FunctionalAcknowledgement(kind, "0001", "R", 3, "1", list(errors), codes)


def test_only_refusing_statuses_are_codes_and_each_once() -> None:
    told = [status("A7", "562", "85"), status("A1", "19"), status("A7", "562", "85"), status("A3")]
    assert claim_codes(told) == ["A7:562:85", "A3"]
    assert claim_codes([status("A2", "20")]) == []


@pytest.mark.parametrize("category", sorted(REJECTED_CATEGORIES))
def test_every_refusing_category_is_a_code(category: str) -> None:
    assert claim_codes([status(category)]) == [category]


def test_the_reason_of_a_claim_names_category_status_and_entity() -> None:
    assert claim_reason(["A7:562:85", "A9:1", "A7"], LABELS) == (
        "Invalid (A7, status code 562, entity 85). Rejected (A9, status code 1). Invalid (A7)."
    )


def test_the_reason_of_a_claim_says_what_and_whose_where_we_have_words_for_it() -> None:
    labels = load_rejection_labels(RULES)
    assert claim_reason(["A3:562:82", "A7:33:IL", "A7:255", "A7:999:85"], labels) == (
        "Returned as unprocessable. About: NPI, rendering provider (A3, status code 562, entity 82). "
        "Rejected: information is invalid. About: subscriber or member number not found, insured "
        "(A7, status code 33, entity IL). "
        "Rejected: information is invalid. About: diagnosis code (A7, status code 255). "
        "Rejected: information is invalid (A7, status code 999, entity 85)."
    )


def test_the_reason_of_a_batch_leads_to_segment_and_element_without_the_value() -> None:
    told = answer(SegmentError("CLM", 22, ("8",), [("5:3", "7", "SECRET")], 9), codes=("1",))
    assert batch_reason(told, LABELS) == (
        "Refused (R). Set error (1). Segment CLM, place 22: segment error (8). "
        "Segment CLM, place 22, element 5:3: invalid value (7)."
    )
    assert batch_codes(told) == ["R", "1", "CLM@22:8", "CLM@22.5:3:7"]


def test_a_whole_group_has_codes_of_its_own() -> None:
    assert batch_reason(answer(kind="", codes=("1",)), LABELS) == "Refused (R). Group error (1)."


def test_a_code_without_words_is_still_shown() -> None:
    told = answer(SegmentError("HI", None, ("99",), [], 9), codes=("77",))
    assert batch_reason(told, LABELS) == "Refused (R). Error (77). Segment HI: error (99)."
    assert batch_reason(told, {}).startswith("The batch was not accepted (R).")


def test_of_many_errors_the_first_are_shown_and_the_rest_counted() -> None:
    many = [SegmentError("CLM", place, ("8",), [], 9) for place in range(8)]
    reason = batch_reason(answer(*many), LABELS)
    assert reason.count("segment error") == 5
    assert reason.endswith("And 3 more.")


def error_of(claim: str | None) -> SegmentError:
    return SegmentError("CLM", 22, ("8",), [], 9, claim_number=claim)


def test_an_error_that_names_another_claim_of_the_batch_is_left_out() -> None:
    told = answer(error_of("P1"), error_of("P2"), error_of(None), error_of("P77"))
    about = about_claim(told, "P1", {"P1", "P2"})
    assert about is not None
    assert [error.claim_number for error in about.errors] == ["P1", None, "P77"]


@pytest.mark.parametrize(("status", "claim", "concerned"), [
    ("E", "P1", True), ("E", "P2", False), ("R", "P1", True), ("R", "P2", True),
])  # fmt: skip
def test_a_batch_taken_in_with_errors_concerns_the_named_claims_alone(
    status: str, claim: str, concerned: bool
) -> None:
    told = answer(error_of("P1"))
    told.status = status
    assert (about_claim(told, claim, {"P1", "P2"}) is not None) == concerned


def test_a_batch_taken_in_with_errors_of_its_own_concerns_every_claim() -> None:
    told = answer(codes=("5",))
    told.status = "E"
    assert about_claim(told, "P2", {"P1", "P2"}) is not None
