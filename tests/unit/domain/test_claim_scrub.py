"""Scrubbing: each rule finds its fault with line, fix and source, and leaves a right claim alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.claim_scrub import (
    ClaimToScrub,
    ScrubFinding,
    ScrubTables,
    Severity,
    scrub_claim,
    valid_npi,
)
from overturn.domain.codes import PayerScope
from overturn.domain.deadlines import Deadline, DeadlineAnswer, UnknownDeadline, WindowReference
from overturn.domain.edit_pairs import EditTables, PairEdit, ReferenceTable, TableSource, UnitLimit
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim, SubmittedLine
from tests.unit.domain.submitted_claims import DAY, claim, line

MEDICARE = PayerContext("medicare", "Novitas", "Medicare FFS", PayerScope.MEDICARE)
AETNA = PayerContext("aetna", "Aetna", "Commercial", PayerScope.ANY)
SOURCE = TableSource("a table", "medicare", date(2024, 7, 1), date(2024, 9, 30))
PAIRS = {
    ("97150", "97110"): PairEdit("97150", "97110", "1", None, None),
    ("97162", "97161"): PairEdit("97162", "97161", "0", None, None),
}
LIMITS = {
    "97162": UnitLimit("97162", 1, "2"),
    "97035": UnitLimit("97035", 2, "3"),
    "97016": UnitLimit("97016", 2, "1"),
}
EDITS = EditTables(
    pairs=(ReferenceTable(SOURCE, lambda k: [PAIRS[k[0], k[1]]] if k in PAIRS else [], lambda _: True),),
    limits=(ReferenceTable(SOURCE, lambda k: [LIMITS[k[0]]] if k[0] in LIMITS else [], lambda _: True),),
)
PRIMARIES = {"97130": ("97129",)}
TABLES = ScrubTables(
    edits=EDITS,
    always_therapy=lambda code, _: code.startswith("97") if code != "97999" else None,
    primaries=lambda code, _: (PRIMARIES.get(code, ()), "add-ons"),
)


def scrub(
    subject: SubmittedClaim,
    *,
    payer: PayerContext = MEDICARE,
    filing: DeadlineAnswer | None = None,
    today: date = DAY,
) -> list[ScrubFinding]:
    return scrub_claim(ClaimToScrub(subject, payer, TABLES, today, filing))


def found(*lines: SubmittedLine, payer: PayerContext = MEDICARE) -> list[tuple[str, str, int | None]]:
    return [(f.rule, f.severity.value, f.line) for f in scrub(claim(*lines), payer=payer)]


def due(on: date) -> Deadline:
    return Deadline(on, on, "timely filing", WindowReference("w", "v", "42 CFR 424.44", "high"), ())


def test_a_right_claim_has_no_finding() -> None:
    assert found(line("97110", "GP", units=2), line("97140", "GP"), line("97530", "GP")) == []


# --- NCCI and MUE -----------------------------------------------------------------------------------------


def test_a_pair_that_is_never_paid_together_names_column_two_in_any_order() -> None:
    assert found(line("97162"), line("97161")) == [("ncci-never-together", "error", 2)]
    assert found(line("97161"), line("97162")) == [("ncci-never-together", "error", 1)]


def test_no_modifier_helps_against_indicator_0() -> None:
    assert found(line("97162"), line("97161", "GP", "59")) == [("ncci-never-together", "error", 2)]


def test_a_pair_of_indicator_1_needs_a_modifier_on_either_line() -> None:
    assert found(line("97150"), line("97110")) == [("ncci-modifier-needed", "error", 2)]
    assert found(line("97150"), line("97110", "GP", "59")) == []
    assert found(line("97150", "GP", "XU"), line("97110")) == []
    assert found(line("97150", "GP", "KX"), line("97110")) == [("ncci-modifier-needed", "error", 2)]


def test_a_pair_on_two_days_is_no_pair() -> None:
    assert found(line("97150"), line("97110", on=date(2024, 8, 2))) == []


def test_another_payer_is_only_likely_to_follow_the_edit() -> None:
    assert found(line("97150"), line("97110"), payer=AETNA) == [("ncci-modifier-needed", "warning", 2)]


def test_the_finding_says_quarter_and_whether_that_is_over() -> None:
    (finding,) = scrub(claim(line("97150"), line("97110")))
    assert finding.source == "NCCI 2024Q3: a table"
    later = date(2026, 8, 1)
    (finding,) = scrub(claim(line("97150", on=later), line("97110", on=later)))
    assert finding.source == "NCCI 2024Q3 (stale): a table"


def test_units_of_a_day_are_counted_over_lines() -> None:
    lines = [line("97035", "GP", units=2), line("97035", "GP", "59", units=1)]
    assert found(*lines) == [("mue-units", "warning", 2)]
    assert found(lines[0], line("97035", "GP", units=2, on=date(2024, 8, 2))) == []


def test_an_absolute_limit_is_an_error_and_a_line_limit_counts_by_line() -> None:
    assert found(line("97162", units=2)) == [("mue-units", "error", 1)]
    assert found(line("97016", units=2), line("97016", "GP", "59", units=2)) == []
    assert found(line("97016", units=3)) == [("mue-units", "error", 1)]


# --- modifiers --------------------------------------------------------------------------------------------


def test_always_therapy_needs_one_of_gp_go_and_gn() -> None:
    assert found(line("97110", "KX")) == [("therapy-modifier-missing", "error", 1)]
    assert found(line("97110", "KX"), payer=AETNA) == [("therapy-modifier-missing", "warning", 1)]
    assert found(line("99213", "25")) == []
    assert found(line("97999", "25")) == []


@pytest.mark.parametrize(
    ("procedure", "modifiers"),
    [("97110", ("GP", "GO")), ("97162", ("GO",)), ("97165", ("GP",)), ("97168", ("GN",))],
)
def test_a_plan_of_care_that_does_not_fit_is_found(procedure: str, modifiers: tuple[str, ...]) -> None:
    assert found(line(procedure, *modifiers)) == [("therapy-modifier-wrong", "error", 1)]


def test_an_assistant_neither_evaluates_nor_stands_under_the_other_discipline() -> None:
    assert found(line("97162", "GP", "CQ")) == [("assistant-evaluation", "error", 1)]
    assert found(line("97110", "GO", "CQ")) == [("assistant-discipline", "error", 1)]
    assert found(line("97110", "GP", "CO")) == [("assistant-discipline", "error", 1)]
    assert found(line("97110", "GP", "CQ"), line("97530", "GO", "CO")) == []


def test_an_add_on_code_needs_its_primary_on_the_day() -> None:
    assert found(line("97130")) == [("add-on-without-primary", "error", 1)]
    assert found(line("97129"), line("97130")) == []
    assert found(line("97129", on=date(2024, 8, 2)), line("97130")) == [
        ("add-on-without-primary", "error", 2)
    ]


# --- the claim itself -------------------------------------------------------------------------------------


def test_every_npi_of_a_claim_is_checked() -> None:
    wrong = claim(line("97110", npi="1234567890"))
    wrong.billing_provider = Party("HILLSIDE", "1234567894", "XX")
    wrong.referring_provider = Party("DOCTOR", "123", "XX")
    findings = scrub(wrong)
    assert [(f.rule, f.line) for f in findings] == [
        ("npi-check-digit", None),
        ("npi-check-digit", None),
        ("npi-check-digit", 1),
    ]
    assert "1234567894" in findings[0].message


def test_a_line_that_stands_twice_is_a_duplicate_unless_a_modifier_says_why() -> None:
    assert found(line(), line()) == [("duplicate-line", "error", 2)]
    assert found(line(), line("97110", "GP", "59")) == []
    assert found(line("97110", "GP", "76"), line("97110", "GP", "76")) == []
    assert found(line(), line(on=date(2024, 8, 2))) == []


@pytest.mark.parametrize("pointers", [(), ("3",), ("1", "0"), ("A",)])
def test_a_line_points_at_a_diagnosis_of_the_claim(pointers: tuple[str, ...]) -> None:
    assert found(line(pointers=pointers)) == [("diagnosis-pointer", "error", 1)]


def test_a_line_without_day_or_units_is_incomplete() -> None:
    assert found(line(on=None)) == [("line-incomplete", "error", 1)]
    assert found(line(units=None)) == [("line-incomplete", "error", 1)]


def test_a_claim_s_charge_is_the_sum_of_its_lines() -> None:
    (finding,) = scrub(claim(line(charge="75.00"), charge="80.00"))
    assert (finding.rule, finding.line) == ("charges-differ", None)
    assert "$80.00" in finding.message


@pytest.mark.parametrize(
    ("today", "severity"),
    [
        (date(2025, 7, 18), None),
        (date(2025, 7, 19), Severity.WARNING),
        (date(2025, 8, 1), Severity.WARNING),
        (date(2025, 8, 2), Severity.ERROR),
    ],
)
def test_a_filing_window_near_its_end_is_told(today: date, severity: Severity | None) -> None:
    findings = scrub(claim(line()), filing=due(date(2025, 8, 1)), today=today)
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_an_unknown_filing_window_is_no_silent_default() -> None:
    (finding,) = scrub(claim(line()), filing=UnknownDeadline("no window is known"))
    assert (finding.rule, finding.severity) == ("filing-window-unknown", Severity.WARNING)


def test_a_void_is_left_as_it_was_sent() -> None:
    wrong = claim(line("97162"), line("97161"), line("97110", "KX"))
    assert scrub(wrong)
    assert scrub(replace(wrong, frequency_code="8")) == []


def test_findings_stand_in_the_order_of_lines() -> None:
    lines = [
        finding.line for finding in scrub(claim(line("97110", "KX"), line("97140", pointers=()), charge="1"))
    ]
    assert lines == [None, 1, 2]


# --- the check digit --------------------------------------------------------------------------------------


@pytest.mark.parametrize("npi", ["1234567893", "1999999984"])
def test_a_right_npi_is_known(npi: str) -> None:
    assert valid_npi(npi)


@pytest.mark.parametrize("npi", ["1234567890", "123456789", "12345678933", "123456789A", "", "١٢٣٤٥٦٧٨٩٣"])
def test_what_is_no_npi_is_known(npi: str) -> None:
    assert not valid_npi(npi)


@given(base=st.integers(100_000_000, 299_999_999), place=st.integers(0, 9), shift=st.integers(1, 9))
def test_one_wrong_figure_is_always_noticed(base: int, place: int, shift: int) -> None:
    npi = next(f"{base}{figure}" for figure in range(10) if valid_npi(f"{base}{figure}"))
    figure = str((int(npi[place]) + shift) % 10)
    assert not valid_npi(npi[:place] + figure + npi[place + 1 :])


@given(units=st.integers(1, 20))
def test_units_are_found_exactly_above_the_limit(units: int) -> None:
    rules = [rule for rule, *_ in found(line("97035", units=units))]
    assert ("mue-units" in rules) == (Decimal(units) > LIMITS["97035"].units)
