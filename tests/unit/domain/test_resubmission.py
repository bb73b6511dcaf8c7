"""What must hold before a claim is sent again, and how it is said when it does not."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from overturn.domain.remittance import Party
from overturn.domain.resubmission import (
    Corrections,
    Frequency,
    LineCorrection,
    Resubmission,
    is_national_provider_identifier,
)
from overturn.domain.submission import SubmittedClaim, SubmittedLine

NPI = "1234567893"


def line(number: int, *modifiers: str) -> SubmittedLine:
    return SubmittedLine(number, "97110", modifiers, Decimal("75.00"), Decimal(1), None, number)


def claim(**changed: Any) -> SubmittedClaim:
    made = SubmittedClaim(
        patient_control_number="PCN1",
        charge_amount=Decimal("150.00"),
        place_of_service="11",
        frequency_code="1",
        billing_provider=Party("PRACTICE", NPI),
        subscriber=Party(),
        payer=Party(),
        segment_index=1,
        rendering_provider=Party("THERAPIST", NPI),
        lines=[line(1, "GP"), line(2, "GP", "KX", "CQ", "59")],
    )
    for name, value in changed.items():
        setattr(made, name, value)
    return made


def faults(corrections: Corrections | None = None, **changed: Any) -> list[str]:
    return Resubmission(
        claim(**changed), Frequency.REPLACEMENT, "ICN1", corrections or Corrections()
    ).faults()


def line_faults(number: int, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> list[str]:
    return faults(Corrections(lines=(LineCorrection(number, add, remove),)))


def test_a_claim_the_payer_has_can_be_replaced_or_taken_back() -> None:
    replacement = Resubmission(claim(), Frequency.REPLACEMENT, "ICN1")
    assert replacement.faults() == []
    assert replace(replacement, frequency=Frequency.VOID).faults() == []
    assert faults(frequency_code="7") == []


def test_without_the_payers_number_the_biller_is_told_where_it_stands() -> None:
    found = Resubmission(claim(), Frequency.VOID, " ").faults()
    words = "has no payer claim control number, so the payer cannot tell which claim is meant: "
    assert found == [f"Claim PCN1 {words}take it from the remittance (CLP07)."]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"frequency_code": "8"}, "was itself sent as a void"),
        ({"place_of_service": None}, "has no place of service"),
        ({"lines": []}, "has no service line"),
    ],
)
def test_an_original_that_lacks_something_is_named(changed: dict[str, Any], words: str) -> None:
    (found,) = faults(**changed)
    assert found.startswith("Claim PCN1 ")
    assert words in found


def test_a_void_takes_no_corrections() -> None:
    corrections = Corrections(prior_authorization="AUTH1")
    (found,) = Resubmission(claim(), Frequency.VOID, "ICN1", corrections).faults()
    assert "leave the corrections out" in found


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (line_faults(3, ("KX",)), "has no line 3: its lines are numbered 1 to 2"),
        (line_faults(1, ("GP",)), "modifier GP twice on line 1."),
        (line_faults(1, ("K",)), "two letters or digits"),
        (line_faults(2, ("GO",)), "would carry 5 modifiers"),
        (line_faults(1, (), ("KX",)), "has no modifier KX on line 1"),
        (faults(Corrections(lines=(LineCorrection(1), LineCorrection(1)))), "two corrections"),
        (
            faults(Corrections(rendering_provider=Party(None, "1234567890"))),
            "'1234567890', which is no valid",
        ),
        (faults(Corrections(rendering_provider=Party())), "which is no valid NPI"),
        (faults(Corrections(prior_authorization=" ")), "number that is blank"),
    ],
)
def test_a_correction_that_cannot_be_made_is_named(found: list[str], words: str) -> None:
    assert len(found) == 1
    assert words in found[0]


def test_a_new_rendering_provider_needs_a_name_where_there_was_none() -> None:
    corrections = Corrections(rendering_provider=Party(None, NPI))
    assert faults(corrections) == []
    (found,) = faults(corrections, rendering_provider=None)
    assert "give the new one's name" in found
    named = Corrections(rendering_provider=Party("OTHER", NPI))
    assert faults(named, rendering_provider=None) == []


def test_modifiers_keep_their_order_and_new_ones_follow() -> None:
    correction = LineCorrection(1, add_modifiers=("GP", "59"), remove_modifiers=("GO",))
    assert correction.apply(("KX", "GO", "CQ")) == ("KX", "CQ", "GP", "59")


def test_everything_wrong_is_said_at_once() -> None:
    corrections = Corrections(lines=(LineCorrection(9, ("KX",)),), prior_authorization="")
    assert len(faults(corrections, place_of_service=None, frequency_code="8")) == 4


@pytest.mark.parametrize("number", ["1234567893", "1245319599"])
def test_an_npi_with_its_right_check_digit_is_one(number: str) -> None:
    assert is_national_provider_identifier(number)


@pytest.mark.parametrize("number", ["", "1234567890", "123456789", "12345678933", "12345A7893", "١٢٣٤٥٦٧٨٩٣"])
def test_other_numbers_are_not(number: str) -> None:
    assert not is_national_provider_identifier(number)


def test_a_new_claim_needs_no_number_of_the_payers() -> None:
    assert Resubmission(claim(), Frequency.ORIGINAL, "").faults() == []
    voided = claim(frequency_code="8")
    assert Resubmission(voided, Frequency.ORIGINAL, "").faults() == []
