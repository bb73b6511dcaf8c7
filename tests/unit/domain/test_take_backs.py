"""A provider adjustment's reference is searched for the claim numbers it may mean, the likeliest first."""

import pytest

from overturn.domain.take_backs import numbers_in


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("ICN000012345", "ICN000012345"),
        (" BGT2609-00001 ", "BGT2609-00001"),
        ("BGT2609-00001 2026244000100 TRACE77", "BGT2609-00001"),
        ("BGT2609-00001 2026244000100 TRACE77", "2026244000100"),
        ("BGT2609-0000120260901 2026244000100", "BGT2609-00001"),
        ("BGT2609-00001/2026244000100", "2026244000100"),
        ("002026244000100 1EG4TE5MK73", "2026244000100"),
    ],
    ids=["CLP07", "CLP01", "RFI 2370", "RFI 2370, CLP07", "service date behind", "slash", "Medicare"],
)
def test_every_form_that_payers_use_holds_the_number(reference: str, number: str) -> None:
    assert number in numbers_in(reference)


def test_the_whole_reference_comes_first_and_nothing_twice() -> None:
    found = numbers_in("BGT2609-00001")
    assert found[0] == "BGT2609-00001"
    assert len(found) == len(set(found))


@pytest.mark.parametrize("reference", ["P1", "A B C", ": / :"])
def test_parts_that_are_too_short_to_be_a_claim_number_name_nothing(reference: str) -> None:
    assert numbers_in(reference) == (reference,)


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_no_reference_names_nothing(reference: str | None) -> None:
    assert numbers_in(reference) == ()
