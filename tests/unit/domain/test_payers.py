"""Payers recognised by name, identifier and filing indicator."""

import pytest

from overturn.domain.codes import PayerScope
from overturn.rulebook import Rulebook


@pytest.mark.parametrize(
    ("name", "indicator", "known_as"),
    [
        ("NOVITAS SOLUTIONS", "MB", ("medicare", "Medicare FFS", PayerScope.MEDICARE)),
        ("A CONTRACTOR WE DO NOT KNOW", "MA", ("medicare", "Medicare FFS", PayerScope.MEDICARE)),
        ("Palmetto GBA, LLC", None, ("medicare", "Medicare FFS", PayerScope.MEDICARE)),
        ("SPECIMEN MEDICARE ADVANTAGE", "16", ("medicare_advantage", "Medicare Advantage", PayerScope.ANY)),
        ("HUMANA MEDICARE ADVANTAGE", "16", ("humana", "Medicare Advantage", PayerScope.ANY)),
        ("Aetna Life Insurance Co.", "CI", ("aetna", "Commercial", PayerScope.ANY)),
        ("United Healthcare", "12", ("unitedhealthcare", "Commercial", PayerScope.ANY)),
        ("BLUE CROSS BLUE SHIELD OF TEXAS", None, ("bcbs_tx", "Commercial", PayerScope.ANY)),
        ("MEDICARE PART B SUPPLEMENT CO", "CI", (None, "Commercial", PayerScope.ANY)),
        ("SPECIMEN TRUST", "CI", (None, "Commercial", PayerScope.ANY)),
        (None, None, (None, None, PayerScope.ANY)),
    ],
)
def test_a_payer_is_known_by_indicator_and_name(
    rulebook: Rulebook,
    name: str | None,
    indicator: str | None,
    known_as: tuple[str | None, str | None, PayerScope],
) -> None:
    payer = rulebook.payers.resolve(name=name, filing_indicator=indicator)
    assert (payer.key, payer.line_of_business, payer.scope) == known_as


def test_an_identifier_goes_before_the_name(rulebook: Rulebook) -> None:
    payer = rulebook.payers.resolve(name="AETNA", identifier="62308", filing_indicator="CI")
    assert payer.key == "cigna"


def test_a_payer_is_found_by_its_own_key(rulebook: Rulebook) -> None:
    for payer in rulebook.payers.payers:
        assert rulebook.payers.find(payer.key) is payer


def test_part_of_a_word_is_no_match(rulebook: Rulebook) -> None:
    assert rulebook.payers.find("SIGNAETNAX") is None
