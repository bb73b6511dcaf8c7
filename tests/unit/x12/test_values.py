from datetime import date
from decimal import Decimal

import pytest

from overturn.x12.findings import FindingList, Severity
from overturn.x12.values import MAX_REMEMBERED, Values


def findings_for(segment: str, read: str, kind: str) -> FindingList:
    """Read one text as the given kind and report what came of it."""
    values, findings = Values(), FindingList()
    getattr(values, kind)[read]
    values.report(findings, segment.split("*"), 17, "claim PCN1")
    return findings


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("100", "100"), ("100.", "100"), (".5", "0.5"), ("-12.34", "-12.34"), ("0", "0"), ("-0", "0"),
        ("007.10", "7.10"), ("123456789012345678", "123456789012345678"),
        ("-1234567890123456.78", "-1234567890123456.78"), ("1.500", "1.5"),
    ],
)  # fmt: skip
def test_amounts_of_up_to_eighteen_digits_are_read_without_a_finding(text: str, amount: str) -> None:
    values = Values()

    assert values.amounts[text] == Decimal(amount)
    assert not values.amounts[text].is_signed() or amount.startswith("-")
    assert not values.unread


@pytest.mark.parametrize(
    "text",
    ["abc", "1E9999", "NaN", "Infinity", "-", ".", "1,234.00", "+5", "1_000", "1-2", "--1", "1.2.3", " 5",
     "$5", "٣", "1" * 19, "1" * 400],
)  # fmt: skip
def test_anything_else_is_not_an_amount_and_is_fatal(text: str) -> None:
    (finding,) = findings_for(f"CLP*PCN1*1*{text}*80", text, "amounts")

    assert (finding.code, finding.severity) == ("invalid-amount", Severity.FATAL)
    assert (finding.segment_index, finding.segment, finding.element) == (17, "CLP", 3)


def test_the_message_names_element_claim_segment_and_value() -> None:
    (finding,) = findings_for("CLP*PCN1*1*abc*80", "abc", "amounts")

    assert finding.message == "CLP03 of claim PCN1 (segment 17) is 'abc', not an amount."


def test_the_same_bad_text_twice_is_reported_for_both_elements() -> None:
    values, findings = Values(), FindingList()
    assert values.amounts["abc"] == values.amounts["abc"] == 0

    values.report(findings, ["CLP", "abc", "1", "abc", "abc"], 17)

    assert [finding.element for finding in findings] == [3, 4]


def test_fractions_of_a_cent_are_kept_and_flagged() -> None:
    assert Values().amounts["1.005"] == Decimal("1.005")
    (finding,) = findings_for("SVC*HC:97110*1.005*0", "1.005", "amounts")

    assert (finding.code, finding.severity, finding.element) == ("fractional-cents", Severity.VALUE, 2)


@pytest.mark.parametrize(("segment", "severity"), [("CLP*1*1**5", "fatal"), ("SVC*HC:97110**5", "money")])
def test_a_missing_amount_counts_as_zero_and_is_reported(segment: str, severity: str) -> None:
    (finding,) = findings_for(segment, "", "amounts")

    assert (finding.code, finding.severity) == ("missing-amount", severity)


def test_an_unreadable_quantity_is_left_out() -> None:
    assert Values().quantities["two"] is None
    (finding,) = findings_for("SVC*HC:97110*1*1**two", "two", "quantities")

    assert (finding.code, finding.severity, finding.element) == ("invalid-quantity", Severity.VALUE, 5)


@pytest.mark.parametrize(
    "text", ["20260230", "00000000", "19000101", "99991231", "2026013", "260101", "2026AB01", "٢٠٢٦٠١٠١"]
)
def test_a_day_that_does_not_exist_is_no_date(text: str) -> None:
    assert Values().day(text) is None
    (finding,) = findings_for(f"DTM*472*{text}", text, "periods")

    assert (finding.code, finding.element) == ("invalid-date", 2)


def test_a_date_or_a_range_of_dates_is_a_period() -> None:
    periods = Values().periods

    assert periods["20240229"] == (date(2024, 2, 29), date(2024, 2, 29))
    assert periods["20260105-20260109"] == (date(2026, 1, 5), date(2026, 1, 9))
    assert periods[""] == (None, None)


def test_half_of_a_range_may_be_unreadable() -> None:
    assert Values().periods["20260105-20260231"] == (date(2026, 1, 5), None)
    (finding,) = findings_for("DTP*472*RD8*20260105-20260231", "20260105-20260231", "periods")

    assert finding.message == "DTP03 of claim PCN1 (segment 17) is '20260231', not a date."


def test_a_bad_value_is_reported_every_time_it_occurs() -> None:
    values = Values()

    assert [values.day("20260230"), values.day("20260230")] == [None, None]
    assert len(values.unread) == 2


def test_what_is_remembered_between_transaction_sets_is_bounded() -> None:
    values = Values()
    for cents in range(MAX_REMEMBERED + 1):
        assert values.amounts[str(cents)] == cents
    values.forget_if_many()

    assert not values.amounts
    assert values.day("") is None
