"""Which cases are alike, and which of them can go out together."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.appeal_batch import (
    OWED,
    STEP_OF,
    TAKEN,
    Candidate,
    Likeness,
    MemberState,
    Order,
    group_alike,
    moved,
    stand,
)
from overturn.domain.denial_case import TRANSITIONS, CaseStatus, Outcome

ALIKE = Likeness("medicare", "Medicare FFS", "medical_necessity", "visits_exceed", "medical_necessity", 1)
READY = Candidate(CaseStatus.NEEDS_WORK, None, ALIKE, "draft")
LIKENESSES = st.one_of(
    st.none(),
    st.builds(Likeness, *[st.sampled_from("ab")] * 5, st.integers(1, 2)),
)


def test_a_letter_without_blanks_can_be_approved_with_the_others() -> None:
    assert stand(READY, ALIKE) == (MemberState.CHOSEN, "")


def test_a_letter_that_is_approved_waits_to_be_sent() -> None:
    approved = replace(READY, status=CaseStatus.APPROVED, letter_state="approved")
    assert stand(approved, ALIKE).state is MemberState.APPROVED


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        (replace(READY, needs=("plan-of-care date", "skilled need")), "needs: plan-of-care date, skilled"),
        (replace(READY, letter_state=None), "not drafted yet"),
        (replace(READY, likeness=None), "another action than a letter"),
        (replace(READY, likeness=replace(ALIKE, level=2, cause="other")), "cause, level differs"),
        (replace(READY, status=CaseStatus.OPENED), "still being prepared"),
        (replace(READY, status=CaseStatus.SUBMITTED), "out or going out already"),
        (replace(READY, status=CaseStatus.RESOLVED, outcome=Outcome.RECOVERED), "closed: recovered"),
    ],
)
def test_what_cannot_go_with_the_others_stands_apart_and_says_why(candidate: Candidate, words: str) -> None:
    standing = stand(candidate, ALIKE)
    assert standing.state is MemberState.APART
    assert words in standing.words


@given(st.dictionaries(st.integers(), LIKENESSES, max_size=30))
def test_grouping_loses_nothing_and_puts_no_case_twice(found: dict[int, Likeness | None]) -> None:
    groups = group_alike(found)
    members = [key for keys in groups.values() for key in keys]
    assert len(members) == len(set(members))
    assert set(members) == (set(found) if any(found.values()) else set())
    for likeness, keys in groups.items():
        assert {found[key] for key in keys} <= {likeness, None}


@given(st.dictionaries(st.integers(), LIKENESSES, max_size=30))
def test_only_the_largest_group_takes_what_has_no_letter(found: dict[int, Likeness | None]) -> None:
    groups: Sequence[list[int]] = list(group_alike(found).values())
    assert all(found[key] is not None for keys in groups[1:] for key in keys)


def test_an_order_takes_a_member_where_the_cases_own_step_takes_the_case() -> None:
    """The list cannot promise what a case refuses."""
    of = {
        MemberState.CHOSEN: CaseStatus.NEEDS_WORK,
        MemberState.APPROVED: CaseStatus.APPROVED,
        MemberState.SENDING: CaseStatus.SENDING,
    }
    for order in Order:
        assert TRANSITIONS[STEP_OF[order]][of[OWED[order]]] is of[TAKEN[order]]


def test_a_case_that_moved_is_named_with_what_happened() -> None:
    assert moved(CaseStatus.RESOLVED, Outcome.RECOVERED, None).startswith(
        "It was closed meanwhile: recovered"
    )
    assert "needs work and with Robin" in moved(CaseStatus.NEEDS_WORK, None, "Robin")
    assert "it is submitted." in moved(CaseStatus.SUBMITTED, None, None)
