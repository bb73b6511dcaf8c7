"""The invented practice: its identifiers are well formed, its assistant never renders."""

from pathlib import Path

import pytest

from overturn.synthetic.practice import (
    CERTIFIERS,
    LOCATIONS,
    OFF_CYCLE_DAY,
    PAYERS,
    PRACTICE_NPI,
    THERAPISTS,
    national_provider_identifier,
)
from tests.unit.synthetic.x12_text import segments

ALL_NPIS = [PRACTICE_NPI, *(holder.npi for group in (THERAPISTS, LOCATIONS, CERTIFIERS) for holder in group)]


def luhn_holds(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def test_the_check_digit_of_the_published_example_comes_out() -> None:
    assert national_provider_identifier("123456789") == "1234567893"


@pytest.mark.parametrize("npi", ALL_NPIS)
def test_every_npi_satisfies_luhn_with_its_prefix(npi: str) -> None:
    assert len(npi) == 10
    assert luhn_holds("80840" + npi)


def test_no_two_npis_are_the_same_and_none_was_ever_issued() -> None:
    assert len(set(ALL_NPIS)) == len(ALL_NPIS)
    assert all(npi.startswith("2999") for npi in ALL_NPIS)


def test_no_payer_pays_on_the_off_cycle_day() -> None:
    assert all(OFF_CYCLE_DAY not in payer.pay_days for payer in PAYERS)


def test_the_assistant_renders_no_claim(folder: Path) -> None:
    assistants = {therapist.npi for therapist in THERAPISTS if therapist.is_assistant}
    rendering = {
        segment[9]
        for path in folder.rglob("*.8*")
        for segment in segments(path)
        if segment[:2] == ["NM1", "82"]
    }
    assert assistants
    assert rendering
    assert not assistants & rendering
