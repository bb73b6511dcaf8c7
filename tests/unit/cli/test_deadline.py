"""`overturn deadline` by its contract: JSON shape, exit codes, usage errors."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import deadline

APP = typer.Typer()
deadline.register(APP)
RUNNER = CliRunner()
MEDICARE = ("--payer", "medicare", "--lob", "Medicare FFS")


def answer(*arguments: str, exit_code: int = 0) -> dict[str, Any]:
    result = RUNNER.invoke(APP, [*arguments, "--json"])
    assert result.exit_code == exit_code, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.parametrize(
    ("arguments", "due_on"),
    [
        (("--kind", "appeal", "--level", "1", "--from", "2022-05-15"), "2022-09-17"),
        (("--kind", "appeal", "--from", "2022-05-15", "--received", "2022-05-18"), "2022-09-15"),
        (("--kind", "claim", "--from", "2026-03-10"), "2027-03-10"),
        (("--kind", "claim", "--from", "2024-02-29"), "2025-02-28"),
        (("--kind", "records", "--from", "2026-01-01"), "2026-02-15"),
    ],
)
def test_medicare_deadlines_come_with_rule_and_derivation(arguments: tuple[str, ...], due_on: str) -> None:
    document = answer(*MEDICARE, *arguments)
    assert document["due_on"] == due_on
    assert document["safe_on"] < due_on
    assert document["rule"].keys() == {"id", "version", "source", "confidence"}
    assert all(step.keys() == {"step", "date", "because"} for step in document["derivation"])


def test_an_unknown_payer_gets_no_date_and_exit_1() -> None:
    document = answer(
        *("--payer", "no-such-payer", "--lob", "commercial", "--kind", "appeal", "--from", "2026-01-05"),
        exit_code=1,
    )
    assert document["due_on"] is None
    assert "no filing window is known" in document["unknown"]


def test_a_window_without_end_is_an_answer() -> None:
    document = answer(*MEDICARE, "--kind", "clerical_reopening", "--from", "2026-01-05")
    assert (document["due_on"], document["rule"]["id"]) == (None, "medicare-clerical-reopening")


def test_the_payer_s_own_line_of_business_is_used_when_none_is_given() -> None:
    document = answer("--payer", "Cigna", "--kind", "claim", "--from", "2026-01-05")
    assert document["rule"]["id"] == "cigna-claim"


def test_dates_other_than_the_start_have_their_own_options() -> None:
    texas = ("--payer", "texas_workers_compensation", "--kind", "appeal", "--from", "2026-03-01")
    assert "date of service" in answer(*texas, exit_code=1)["unknown"]
    assert answer(*texas, "--service-date", "2026-01-31")["due_on"] == "2026-11-30"
    massachusetts = ("--payer", "bcbs_ma", "--kind", "corrected_claim", "--from", "2026-01-05")
    assert answer(*massachusetts, "--first-remittance", "2026-02-01")["due_on"] == "2027-02-01"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*MEDICARE, "--kind", "appeal", "--from", "2022-05-15"), "redetermination: received by 2022-09-17"),
        ((*MEDICARE, "--kind", "clerical_reopening", "--from", "2022-05-15"), "no last day"),
        (("--payer", "x", "--kind", "claim", "--from", "2022-05-15"), "Unknown: no filing window"),
    ],
)
def test_people_read_a_sentence(arguments: tuple[str, ...], says: str) -> None:
    assert says in RUNNER.invoke(APP, list(arguments)).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kind", "appeal", "--from", "2022-05-15"),
        (*MEDICARE, "--kind", "party", "--from", "2022-05-15"),
        (*MEDICARE, "--kind", "appeal", "--from", "15.5.2022"),
        (*MEDICARE, "--kind", "appeal", "--from", "2022-05-15", "--level", "0"),
        (*MEDICARE, "--kind", "appeal", "--from", "2022-05-15", "--rules", "no-such-folder"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert RUNNER.invoke(APP, list(arguments)).exit_code == 2


def test_broken_rules_are_named_without_a_stack_trace(tmp_path: Path) -> None:
    result = RUNNER.invoke(
        APP, [*MEDICARE, "--kind", "claim", "--from", "2026-01-05", "--rules", str(tmp_path)]
    )
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "is missing from" in result.stderr
