"""The bench of the classifier: its tables, its questions, and the shape of its answer."""

import json

import pytest
from typer.testing import CliRunner

from overturn.bench import classify
from overturn.cli import app
from overturn.rulebook import load_rulebook

TABLE = load_rulebook().denials


@pytest.mark.parametrize("size", [classify.SMALL, classify.LARGE])
def test_a_generated_table_has_as_many_rows_as_asked_and_none_twice(size: int) -> None:
    rules = classify.table_of(TABLE, size).rules
    assert len(rules) == len({rule.id for rule in rules}) == size


def test_the_questions_are_the_same_in_every_run_and_meet_rows_of_their_payer() -> None:
    table = classify.table_of(TABLE, classify.SMALL)
    asked = classify.questions(table, 200)
    assert asked == classify.questions(table, 200)
    found = [table.find_rule(facts, rarcs=rarcs) for facts, rarcs in asked]
    assert sum(rule is not None and not rule.when.payer.blank for rule in found) > 50


def test_the_command_answers_in_the_contract_shape() -> None:
    answered = CliRunner().invoke(app, ["bench", "classify", "--claims", "500", "--runs", "1", "--json"])
    assert answered.exit_code == 0, answered.output
    figures = json.loads(answered.stdout)
    assert {figure["name"] for figure in figures} == {
        f"look-up, {len(TABLE.rules)} rows",
        "look-up, 300 rows",
        "look-up, 3,000 rows",
        "same look-ups, 3,000 rows",
        "classify, 3,000 rows",
    }
    shape = {
        "name",
        "ratio",
        "unit",
        "ours",
        "baseline",
        "baseline_name",
        "runs",
        "spread",
        "machine",
        "versions",
    }
    assert all(figure.keys() == shape for figure in figures)
    assert all(figure["ratio"] > 5 for figure in figures if figure["name"].startswith("look-up"))
