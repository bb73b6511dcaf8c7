"""The tables that come with Overturn hold what their sources say."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from overturn.domain.edit_pairs import Verdict
from overturn.reference import load_edit_tables
from overturn.reference.bundled import bundled_add_ons, bundled_limits, bundled_pairs

IN_QUARTER = date(2024, 8, 1)
SHARED = Path(__file__).parents[4] / "shared" / "reference"
CHECKED = SHARED / "ncci_pairs_checked.csv"


def test_the_quarter_of_the_bundled_edits_is_said() -> None:
    source = bundled_pairs().source
    assert (source.quarter, source.owner) == ("2024Q3", "medicare")
    assert source.effective_to == date(2024, 9, 30)
    assert "v302r0" in source.name


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        (("97162", "97140"), Verdict.BILLABLE_TOGETHER),
        (("97530", "97162"), Verdict.BILLABLE_TOGETHER),
        (("97162", "97110"), Verdict.BILLABLE_TOGETHER),
        (("97162", "97161"), Verdict.NEVER_TOGETHER),
        (("97161", "97162"), Verdict.NEVER_TOGETHER),
        (("97140", "97530"), Verdict.BILLABLE_TOGETHER),
        (("97150", "97110"), Verdict.MODIFIER_NEEDED),
        (("97140", "97124"), Verdict.NEVER_TOGETHER),
        (("92526", "G0283"), Verdict.NEVER_TOGETHER),
        (("97162", "99213"), Verdict.MODIFIER_NEEDED),
    ],
)
def test_the_pairs_therapists_ask_about(codes: tuple[str, str], verdict: Verdict) -> None:
    assert load_edit_tables().verdict(*codes, IN_QUARTER).verdict is verdict


@pytest.mark.parametrize(
    ("codes", "last_day"),
    [
        (("97140", "97530"), date(2019, 12, 31)),
        (("97530", "97535"), date(2021, 12, 31)),
        (("97162", "97166"), date(2017, 6, 30)),
    ],
)
def test_edits_that_ended_were_in_force_until_their_last_day(codes: tuple[str, str], last_day: date) -> None:
    tables = load_edit_tables()
    assert tables.verdict(*codes, last_day).verdict is Verdict.MODIFIER_NEEDED
    after = last_day + timedelta(days=1)
    assert tables.verdict(*codes, after).verdict is Verdict.BILLABLE_TOGETHER


@pytest.mark.parametrize("on", [date(2020, 1, 15), date(2020, 10, 15), IN_QUARTER])
def test_the_edits_of_2020_that_were_taken_back_never_were(on: date) -> None:
    answer = load_edit_tables().verdict("97162", "97140", on)
    assert answer.verdict is Verdict.BILLABLE_TOGETHER
    assert [row.deleted_on for row in answer.history] == [date(2020, 1, 1), date(2020, 10, 1)]


@pytest.mark.parametrize(
    ("hcpcs", "units", "indicator"),
    [("97162", 1, "2"), ("97110", 6, "3"), ("97112", 4, "3"), ("97035", 2, "3"), ("97010", 0, "3")],
)
def test_unit_limits_of_therapy_codes(hcpcs: str, units: int, indicator: str) -> None:
    (limit,) = bundled_limits().find((hcpcs,))
    assert (limit.units, limit.adjudication_indicator) == (units, indicator)


def test_an_add_on_code_has_its_primary() -> None:
    assert list(bundled_add_ons().find(("97130",))) == ["97129"]
    assert list(bundled_add_ons().find(("97110",))) == []


def test_a_code_outside_therapy_is_not_covered() -> None:
    assert load_edit_tables().verdict("97140", "98941", IN_QUARTER).verdict is None


@pytest.mark.skipif(not CHECKED.is_file(), reason="the checked pairs are not beside this tree")
def test_every_checked_pair_has_the_stated_verdict() -> None:
    tables, wrong = load_edit_tables(), []
    with CHECKED.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            answer = tables.verdict(row["column1"], row["column2"], IN_QUARTER)
            active = answer.edit.modifier_indicator if answer.edit else ""
            if active != row["modifier_indicator"]:
                wrong.append((row["column1"], row["column2"], active))
    assert not wrong
