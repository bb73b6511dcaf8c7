"""`overturn price` by its contract: what is read, what is answered, what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import price

APP = typer.Typer()
price.register(APP)
RUNNER = CliRunner()

EXERCISE = {
    "hcpcs": "97110",
    "units": 2,
    "modifiers": ["GP"],
    "rvu": {"work": "0.45", "pe": "0.4", "mp": "0.02"},
    "mppr": True,
}
VISIT = {
    "date": "2020-06-01",
    "gpci": {"work": "1.000", "pe": "0.915", "mp": "1.049"},
    "conversion_factor": "36.0896",
    "deductible_left": "0.00",
    "lines": [EXERCISE],
}


def run(document: Any, exit_code: int = 0) -> dict[str, Any]:
    result = RUNNER.invoke(APP, ["-", "--json"], input=json.dumps(document))
    assert result.exit_code == exit_code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def refusal(document: Any) -> str:
    result = RUNNER.invoke(APP, ["-", "--json"], input=json.dumps(document))
    assert result.exit_code == 2, result.output
    return " ".join(result.stderr.replace("│", " ").split())


def test_a_visit_with_everything_given_is_priced() -> None:
    answer = run(VISIT)
    assert answer["lines"][0]["unit_amounts"] == ["30.21", "23.60"]
    assert answer["lines"][0]["steps"]
    wanted = {
        "allowed_amount": "53.81",
        "coinsurance_amount": "10.76",
        "deductible_amount": "0.00",
        "assistant_reduction_amount": "0.00",
        "sequestration_amount": "0.00",
        "medicare_payment_amount": "43.05",
    }
    assert {name: answer[name] for name in wanted} == wanted
    assert {"what": "conversion_factor", "source": "given with the visit", "stale": False} in answer[
        "sources"
    ]


def test_numbers_in_json_are_read_without_loss() -> None:
    numbers = {"work": 0.45, "pe": 0.4, "mp": 0.02}
    visit = {**VISIT, "conversion_factor": 36.0896, "lines": [{**EXERCISE, "rvu": numbers}]}
    assert run(visit)["allowed_amount"] == "53.81"


def test_the_assistant_s_scenario_after_2022() -> None:
    lines = [
        {**EXERCISE, "hcpcs": "97530", "units": 1, "rvu": {"work": "0.44", "pe": "0.66", "mp": "0.02"}},
        {**EXERCISE, "units": 1, "modifiers": ["GP", "CQ"]},
    ]
    line = run({**VISIT, "date": "2022-08-01", "lines": lines})["lines"][1]
    assert (line["coinsurance_amount"], line["sequestration_amount"]) == ("4.72", "0.32")
    assert line["medicare_payment_amount"] == "15.73"


def test_what_is_left_out_is_looked_up_and_named() -> None:
    answer = run({"date": "2024-08-01", "locality": "National", "lines": [{"hcpcs": "97110", "units": 2}]})
    found = {source["what"]: source["source"] for source in answer["sources"]}
    assert "rvu24c_jul" in found["rvu 97110"]
    assert "rvu24c_jul" in found["mppr 97110"]
    assert "national" in found["gpci"]
    assert found.keys() >= {"conversion_factor", "mppr_pe_factor", "coinsurance_rate", "sequestration_rate"}
    assert answer["stale"] is False


def test_a_table_that_ended_before_the_date_is_stale() -> None:
    answer = run({"date": "2024-11-05", "locality": "National", "lines": [{"hcpcs": "97110"}]})
    assert answer["stale"] is True


def test_one_procedure_can_be_priced_by_options() -> None:
    options = ["--hcpcs", "97110", "--units", "2", "--locality", "Ohio", "--date", "2020-03-02", "--json"]
    result = RUNNER.invoke(APP, options)
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["lines"][0]["unit_amounts"] == ["30.21", "23.60"]
    assert answer["sequestration_amount"] == "0.86"


def test_people_see_the_arithmetic() -> None:
    result = RUNNER.invoke(APP, ["--hcpcs", "97110", "--locality", "Ohio", "--date", "2020-06-01"])
    assert "(0.45 x 1.000 + 0.4 x 0.915 + 0.02 x 1.049) x 36.0896 = 30.21" in result.stdout
    assert "Medicare pays 24.17" in result.stdout
    assert "(stale" in result.stdout


def test_every_figure_that_is_unknown_is_named_and_nothing_is_priced() -> None:
    visit = {"date": "2026-03-02", "locality": "Atlantis", "lines": [{"hcpcs": "97110"}, {"hcpcs": "12001"}]}
    answer = run(visit, exit_code=1)
    assert answer["medicare_payment_amount"] is None
    said = " ".join(answer["unknown"])
    for part in ("'Atlantis' is no locality", "No RVUs of 2026 for 97110", "Whether 12001 is always therapy"):
        assert part in said


def test_a_visit_without_a_place_is_refused() -> None:
    answer = run({key: value for key, value in VISIT.items() if key != "gpci"}, exit_code=1)
    assert answer["unknown"] == ["Neither locality nor gpci is given: name one of them."]


def test_dates_before_the_reduction_are_refused() -> None:
    assert "mppr pe factor" in run({**VISIT, "date": "2012-06-01"}, exit_code=1)["unknown"][0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"lines": [{**EXERCISE, "units": 0}]}, "lines[0].units"),
        ({"lines": [{**EXERCISE, "units": "1.5"}]}, "lines[0].units"),
        ({"lines": [{**EXERCISE, "hcpcs": "9711"}]}, "lines[0].hcpcs"),
        ({"lines": [{**EXERCISE, "modifers": ["CQ"]}]}, "lines[0].modifers"),
        ({"lines": [{**EXERCISE, "rvu": {"work": "-1", "pe": "0", "mp": "0"}}]}, "lines[0].rvu.work"),
        ({"lines": [{**EXERCISE, "rvu": {"work": "NaN", "pe": "0", "mp": "0"}}]}, "lines[0].rvu.work"),
        ({"lines": []}, "lines"),
        ({"date": "June"}, "date"),
        ({"conversion_factor": "0"}, "conversion_factor"),
        ({"deductible_left": "1.005"}, "deductible_left"),
    ],
)
def test_a_visit_written_wrongly_is_refused_with_the_place(change: dict[str, Any], says: str) -> None:
    assert says in refusal({**VISIT, **change})


@pytest.mark.parametrize("text", ["", "[", "3", "[]", "null"])
def test_what_is_no_visit_is_refused(text: str) -> None:
    result = RUNNER.invoke(APP, ["-"], input=text)
    assert result.exit_code == 2


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = RUNNER.invoke(APP, [str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["-", "--hcpcs", "97110"]])
def test_a_file_or_a_procedure_has_to_be_named_not_both(arguments: list[str]) -> None:
    assert RUNNER.invoke(APP, arguments).exit_code == 2
