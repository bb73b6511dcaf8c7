"""KX: the line that takes a year above the threshold needs it, by member and bucket, on allowed amounts."""

from datetime import date
from decimal import Decimal

import pytest

from overturn.domain.claim_scrub import Severity
from overturn.domain.submission import SubmittedLine
from overturn.domain.therapy_threshold import (
    AllowedLine,
    Bucket,
    Threshold,
    ThresholdTables,
    Used,
    sum_allowed,
    threshold_findings,
)
from tests.unit.domain.submitted_claims import MEMBER, claim, line

IN_2026 = date(2026, 3, 2)
LIMIT = Threshold(Decimal(2480), "CMS")


def tables(*, fees_known: bool = True) -> ThresholdTables:
    def allowed(each: SubmittedLine) -> Decimal | None:
        return each.charge_amount if fees_known else None

    return ThresholdTables(lambda _, on: LIMIT if on.year == 2026 else None, allowed)


def found(
    *claims: list[SubmittedLine], used: Used | None = None, fees_known: bool = True
) -> list[tuple[int, int]]:
    findings = threshold_findings(
        [claim(*lines) for lines in claims], tables(fees_known=fees_known), used or {}
    )
    return [(place, f.line or 0) for place in sorted(findings) for f in findings[place]]


def on_day(*modifiers: str, charge: str, on: date = IN_2026) -> SubmittedLine:
    return line("97110", *modifiers, charge=charge, on=on)


def test_the_line_that_crosses_the_threshold_needs_kx() -> None:
    used = {(MEMBER, Bucket.PT_SLP): Decimal("2431.00")}
    lines = [on_day("GP", charge="40.00"), on_day("GP", charge="35.86")]
    assert found(lines, used=used) == [(0, 2)]


def test_reaching_the_threshold_to_the_cent_does_not_need_it() -> None:
    used = {(MEMBER, Bucket.PT_SLP): Decimal("2400.00")}
    assert found([on_day("GP", charge="80.00")], used=used) == []
    assert found([on_day("GP", charge="80.01")], used=used) == [(0, 1)]


def test_a_line_with_kx_is_right() -> None:
    used = {(MEMBER, Bucket.PT_SLP): Decimal(2480)}
    assert found([on_day("GP", "KX", charge="80.00")], used=used) == []


def test_occupational_therapy_has_a_bucket_of_its_own_and_speech_shares_that_of_physical() -> None:
    used = {(MEMBER, Bucket.PT_SLP): Decimal(2480)}
    assert found([on_day("GO", charge="80.00")], used=used) == []
    assert found([on_day("GN", charge="80.00")], used=used) == [(0, 1)]


def test_claims_are_counted_by_day_whatever_their_order_in_the_file() -> None:
    late = [on_day("GP", charge="2000.00", on=date(2026, 5, 1))]
    early = [on_day("GP", charge="2000.00", on=date(2026, 4, 1))]
    assert found(late, early) == [(0, 1)]
    assert found(early, late) == [(1, 1)]


def test_a_new_year_begins_at_nothing() -> None:
    lines = [on_day("GP", charge="2400.00", on=date(2025, 12, 30)), on_day("GP", charge="2400.00")]
    assert found(lines) == []


def test_every_member_counts_alone() -> None:
    first, second = (
        claim(on_day("GP", charge="2000.00")),
        claim(on_day("GP", charge="2000.00"), member="M0002"),
    )
    assert threshold_findings([first, second], tables(), {}) == {}


def test_where_fees_are_unknown_charges_count_and_the_finding_is_a_warning() -> None:
    subject = claim(on_day("GP", charge="3000.00"))
    (finding,) = threshold_findings([subject], tables(fees_known=False), {})[0]
    assert finding.severity is Severity.WARNING
    assert "charges, since fees are unknown" in finding.message
    (finding,) = threshold_findings([subject], tables(), {})[0]
    assert finding.severity is Severity.ERROR
    assert "$2,480.00" in finding.message


@pytest.mark.parametrize("modifiers", [("59",), ("KX",)])
def test_a_line_outside_any_plan_of_care_counts_nothing(modifiers: tuple[str, ...]) -> None:
    assert found([on_day(*modifiers, charge="9000.00"), on_day("GP", charge="100.00")]) == []


def test_a_void_counts_nothing() -> None:
    void = claim(on_day("GP", charge="9000.00"))
    void.frequency_code = "8"
    assert threshold_findings([void, claim(on_day("GP", charge="100.00"))], tables(), {}) == {}


def test_a_year_without_a_known_threshold_has_no_finding() -> None:
    assert found([on_day("GP", charge="9000.00", on=date(2021, 3, 2))]) == []


def test_a_line_counts_once_by_its_last_answer_and_a_reversal_takes_it_back() -> None:
    def counted(*answers: tuple[str, str, bool]) -> Decimal:
        lines = (AllowedLine(claim, 1, ("GP",), Decimal(amount), taken) for claim, amount, taken in answers)
        return sum_allowed(lines).get(Bucket.PT_SLP, Decimal(0))

    assert counted(("A", "70.00", False), ("B", "30.00", False)) == Decimal("100.00")
    assert counted(("A", "70.00", False), ("A", "50.00", False)) == Decimal("50.00")
    assert counted(("A", "70.00", False), ("A", "-70.00", True)) == Decimal(0)
    assert counted(("A", "70.00", False), ("A", "-70.00", True), ("A", "60.00", False)) == Decimal("60.00")
    others = [AllowedLine("A", n, (m,), None, taken_back=False) for n, m in enumerate(("GO", "GN", "59"))]
    assert sum_allowed(others) == {Bucket.OT: Decimal("0.00"), Bucket.PT_SLP: Decimal("0.00")}
