"""Payers recognised by name, identifier and filing indicator."""

import pytest

from overturn.rulebook import Rulebook


@pytest.mark.parametrize(
    ("name", "indicator", "known_as"),
    [
        ("NOVITAS SOLUTIONS", "MB", ("medicare", "Medicare FFS")),
        ("A CONTRACTOR WE DO NOT KNOW", "MA", ("medicare", "Medicare FFS")),
        ("Palmetto GBA, LLC", None, ("medicare", "Medicare FFS")),
        ("SPECIMEN MEDICARE ADVANTAGE", "16", ("medicare_advantage", "Medicare Advantage")),
        ("HUMANA MEDICARE ADVANTAGE", "16", ("humana", "Medicare Advantage")),
        ("Aetna Life Insurance Co.", "CI", ("aetna", "Commercial")),
        ("United Healthcare", "12", ("unitedhealthcare", "Commercial")),
        ("BLUE CROSS BLUE SHIELD OF TEXAS", None, ("bcbs_tx", "Commercial")),
        ("MEDICARE PART B SUPPLEMENT CO", "CI", (None, "Commercial")),
        ("SPECIMEN TRUST", "CI", (None, "Commercial")),
        (None, None, (None, None)),
    ],
)
def test_a_payer_is_known_by_indicator_and_name(
    rulebook: Rulebook,
    name: str | None,
    indicator: str | None,
    known_as: tuple[str | None, str | None],
) -> None:
    payer = rulebook.payers.resolve(name=name, filing_indicator=indicator)
    assert (payer.key, payer.line_of_business) == known_as


def test_an_identifier_goes_before_the_name(rulebook: Rulebook) -> None:
    payer = rulebook.payers.resolve(name="AETNA", identifier="62308", filing_indicator="CI")
    assert payer.key == "cigna"


def test_a_payer_is_found_by_its_own_key(rulebook: Rulebook) -> None:
    for payer in rulebook.payers.payers:
        assert rulebook.payers.find(payer.key) is payer


def test_part_of_a_word_is_no_match(rulebook: Rulebook) -> None:
    assert rulebook.payers.find("SIGNAETNAX") is None
