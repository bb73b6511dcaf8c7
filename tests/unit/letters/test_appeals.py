"""Which letter a denial gets: the table, and its agreement with the letters on disk."""

from datetime import date
from itertools import product

import pytest
from pydantic import ValidationError

from overturn.domain.appeals import (
    LETTER_CHOICES,
    MEDICARE,
    REOPENING_LEVEL,
    LetterChoice,
    LetterFacts,
    choose_letter,
)
from overturn.letters import letters_on_disk
from tests.unit.letters.facts import FULL, MINIMAL

CATEGORIES = (
    "documentation",
    "modifier_kx",
    "credentialing_npi",
    "bundling",
    "authorization",
    "eligibility_coverage",
    "coordination_of_benefits",
    "medical_necessity",
    "timely_filing",
    "duplicate",
    "coding",
    "other",
)


def choose(
    category: str,
    action: str,
    *,
    cause: str | None = None,
    payer_scope: str = "ANY",
    level: int = 1,
    line_of_business: str | None = None,
) -> str | None:
    return choose_letter(
        category,
        cause=cause,
        action=action,
        payer_scope=payer_scope,
        level=level,
        line_of_business=line_of_business,
    )


@pytest.mark.parametrize("letter", letters_on_disk())
def test_a_letter_is_chosen_for_everything_its_front_matter_says(letter: str) -> None:
    front = letters_on_disk()[letter]
    for category, cause, action, level in product(
        front.categories, front.causes or (None,), front.actions, front.levels
    ):
        chosen = choose(
            category,
            action,
            cause=cause,
            payer_scope=front.payer_scope or "ANY",
            level=level,
            line_of_business=front.line_of_business,
        )
        assert chosen == letter


def test_every_letter_of_the_table_is_on_disk_and_the_other_way_round() -> None:
    assert {choice.letter for choice in LETTER_CHOICES} - {None} == set(letters_on_disk())


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("action", ["appeal", "reopening", "send_records"])
def test_every_appealable_category_has_a_letter(category: str, action: str) -> None:
    assert choose(category, action) in letters_on_disk()


@pytest.mark.parametrize(
    "action",
    [
        "corrected_claim",
        "new_claim",
        "bill_patient",
        "bill_other_payer",
        "call_payer",
        "enrol_then_resubmit",
        "write_off",
        "none",
    ],
)
def test_an_action_that_is_no_letter_gets_none(action: str) -> None:
    assert choose("medical_necessity", action) is None


def test_late_filing_under_medicare_may_not_be_appealed_but_under_another_payer_may() -> None:
    assert choose("timely_filing", "appeal", payer_scope=MEDICARE) is None
    assert choose("timely_filing", "appeal") == "timely_filing"


def test_the_kx_reopening_is_for_a_missing_kx_under_medicare_only() -> None:
    medicare = choose(
        "modifier_kx", "reopening", cause="missing_kx", payer_scope=MEDICARE, level=REOPENING_LEVEL
    )
    other_payer = choose("modifier_kx", "reopening", cause="missing_kx", level=REOPENING_LEVEL)
    other_cause = choose(
        "modifier_kx", "reopening", cause="missing_therapy_modifier", payer_scope=MEDICARE, level=0
    )
    assert (medicare, other_payer, other_cause) == ("kx_reopening", "general", "general")


def test_a_hearing_gets_the_general_letter() -> None:
    assert choose("medical_necessity", "appeal", payer_scope=MEDICARE, level=3) == "general"


@pytest.mark.parametrize(
    ("effective_on", "expected"),
    [(date(2024, 7, 9), True), (date(2024, 7, 10), False), (None, None)],
)
def test_enrollment_counts_from_its_effective_date(effective_on: date | None, expected: bool | None) -> None:
    facts = FULL.model_copy(update={"enrolment_effective_on": effective_on, "service_from": date(2024, 7, 9)})
    assert facts.enrolled_at_service is expected


def test_facts_survive_the_journey_as_json() -> None:
    assert LetterFacts.model_validate_json(FULL.model_dump_json()) == FULL


@pytest.mark.parametrize(
    ("payer_scope", "line_of_business", "level", "letter"),
    [
        (MEDICARE, "Medicare FFS", 1, "medical_necessity"),
        (MEDICARE, "Medicare FFS", 2, "reconsideration"),
        (MEDICARE, "Medicare FFS", 3, "general"),
        ("ANY", "Commercial", 2, "second_level"),
        ("ANY", "Commercial", 3, "external_review"),
        ("ANY", "Medicaid", 3, "general"),
    ],
)
def test_each_level_of_each_ladder_has_its_letter(
    payer_scope: str, line_of_business: str, level: int, letter: str
) -> None:
    found = choose(
        "medical_necessity", "appeal", payer_scope=payer_scope, level=level, line_of_business=line_of_business
    )
    assert found == letter


def test_a_payer_can_have_a_letter_of_its_own() -> None:
    own = LetterChoice("general", payer="aetna")
    key = ("coding", None, "appeal", "ANY", 1, "aetna", "Commercial")
    assert own.matches(key)
    assert not own.matches((*key[:5], "cigna", "Commercial"))


def test_a_fact_without_a_source_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="no source in the record is named for: member_id"):
        LetterFacts.model_validate({**MINIMAL.model_dump(), "member_id": "1EG4", "sources": {}})
