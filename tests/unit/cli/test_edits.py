"""`overturn edits` by its contract: JSON shape, exit codes, sentences."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import edits

APP = typer.Typer()
edits.register(APP)
RUNNER = CliRunner()
IN_QUARTER = ("--date", "2024-08-01")


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = RUNNER.invoke(APP, [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_an_active_edit_comes_with_its_row_limits_and_source() -> None:
    document = answer("97124", "97140", *IN_QUARTER)
    assert document["codes"] == ["97124", "97140"]
    assert document["edit"] == {
        "column1": "97140",
        "column2": "97124",
        "modifier_indicator": "0",
        "effective_on": None,
        "deleted_on": None,
    }
    assert (document["verdict"], document["quarter"], document["stale"]) == (
        "never_together",
        "2024Q3",
        False,
    )
    assert document["mue"]["97140"]["value"] == 6
    assert document["mue"]["97140"]["adjudication_indicator"] == "3"
    assert "2024-07-01" in document["source"]


def test_a_pair_without_an_active_edit_has_none_and_shows_what_was_taken_back() -> None:
    document = answer("97162", "97140", *IN_QUARTER)
    assert (document["edit"], document["verdict"]) == (None, "billable_together")
    assert [edit["modifier_indicator"] for edit in document["pairs"][0]["history"]] == ["9", "9"]


def test_a_date_beyond_the_quarter_is_stale() -> None:
    document = answer("97150", "97110", "--date", "2026-08-01")
    assert (document["stale"], document["quarter"]) == (True, "2024Q3")
    assert "import the current quarter" in document["notes"][0]


def test_codes_may_be_written_small_and_twice() -> None:
    assert answer("g0283", "G0283", "92526", *IN_QUARTER)["codes"] == ["G0283", "92526"]


def test_one_code_alone_is_asked_for_its_limit() -> None:
    document = answer("97162", *IN_QUARTER)
    assert (document["edit"], document["verdict"], document["pairs"]) == (None, "billable_together", [])
    assert document["mue"]["97162"]["value"] == 1


def test_of_three_codes_the_gravest_pair_is_the_answer() -> None:
    document = answer("97110", "97150", "97162", "97161", *IN_QUARTER)
    assert document["verdict"] == "never_together"
    assert len(document["pairs"]) == 6


def test_a_code_no_table_knows_is_unknown_and_ends_with_1() -> None:
    document = answer("97140", "98941", *IN_QUARTER, exit_code=1)
    assert (document["verdict"], document["edit"]) == (None, None)
    assert "98941" in document["unknown"][0]
    assert document["mue"]["98941"] is None


def test_an_unknown_pair_does_not_hide_one_that_is_never_paid() -> None:
    document = answer("97162", "97161", "98941", *IN_QUARTER, exit_code=1)
    assert document["verdict"] == "never_together"
    assert answer("97150", "97110", "98941", *IN_QUARTER, exit_code=1)["verdict"] is None


@pytest.mark.parametrize(
    ("payer", "says"),
    [
        ("aetna", "Aetna may use edits of its own"),
        ("Texas Medicaid", "Medicaid has NCCI tables of its own"),
        ("medicaid", "Medicaid has NCCI tables of its own"),
        ("Some Plan", "Some Plan may use edits"),
    ],
)
def test_another_payer_is_told_that_the_answer_is_medicare_s(payer: str, says: str) -> None:
    assert says in answer("97150", "97110", *IN_QUARTER, "--payer", payer)["notes"][0]


def test_medicare_by_name_needs_no_warning() -> None:
    assert answer("97150", "97110", *IN_QUARTER, "--payer", "medicare")["notes"] == []


@pytest.mark.parametrize("code", ["9716", "971622", "97-62", ""])
def test_what_is_no_code_is_refused(code: str) -> None:
    result = RUNNER.invoke(APP, [code, "97140", *IN_QUARTER])
    assert result.exit_code == 2
    assert "no procedure code" in result.stderr


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        (("97162", "97140"), "no active edit, both are billed"),
        (("97162", "97161"), "never paid together, no modifier helps (97162 is column 1"),
        (("97150", "97110"), "paid together with an NCCI modifier"),
        (("97162",), "at most 1 unit a day, by policy; no appeal raises it"),
        (("97110",), "at most 6 units a day, more only with records"),
    ],
)
def test_people_read_a_sentence(codes: tuple[str, ...], says: str) -> None:
    assert says in RUNNER.invoke(APP, [*codes, *IN_QUARTER]).stdout
