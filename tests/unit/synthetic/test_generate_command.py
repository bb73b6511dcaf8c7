"""`overturn generate`: what it writes, prints and refuses."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from overturn.cli.generate import FEWEST_CLAIMS, register
from overturn.synthetic import scenarios


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.callback()(lambda: None)
    register(made)
    return made


def generate(app: typer.Typer, out: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["generate", "--seed", "7", "--out", str(out), *options])


def test_json_gives_the_totals_of_the_truth_file(app: typer.Typer, tmp_path: Path) -> None:
    result = generate(app, tmp_path / "month", "--claims", "40", "--json")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    truth = json.loads((tmp_path / "month" / "truth.json").read_text(encoding="utf-8"))
    assert printed["totals"] == truth["totals"]
    assert printed["files"] == truth["files"]


def test_without_json_a_table_names_files_claims_and_denials(app: typer.Typer, tmp_path: Path) -> None:
    result = generate(app, tmp_path / "month", "--claims", "40")
    assert result.exit_code == 0
    for words in ("837P files", "277CA files", "835 files", "claims submitted", "denied: modifier_kx"):
        assert words in result.stdout


def test_the_month_asked_for_is_the_month_of_service(app: typer.Typer, tmp_path: Path) -> None:
    result = generate(app, tmp_path / "month", "--claims", "40", "--month", "2026-02")
    assert result.exit_code == 0
    first = min(path.name for path in (tmp_path / "month" / "837P").iterdir())
    assert first.startswith("BGT_202602")


def test_odd_shapes_come_only_when_asked_for(app: typer.Typer, tmp_path: Path) -> None:
    assert generate(app, tmp_path / "plain", "--claims", "40").exit_code == 0
    assert generate(app, tmp_path / "odd", "--claims", "40", "--adversarial").exit_code == 0
    plain, odd = (
        json.loads((tmp_path / name / "truth.json").read_text(encoding="utf-8")) for name in ("plain", "odd")
    )
    assert "shapes" not in plain
    assert "hostile_text" in odd["shapes"]
    assert odd["totals"]["claims_submitted"] > plain["totals"]["claims_submitted"] == 40


def test_a_folder_with_something_in_it_is_left_alone(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine", encoding="utf-8")
    result = generate(app, tmp_path, "--claims", "40")
    assert result.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


@pytest.mark.parametrize("options", [("--claims", "39"), ("--claims", "40", "--month", "2026-13")])
def test_what_cannot_be_generated_is_a_usage_error(
    app: typer.Typer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = generate(app, tmp_path / "month", *options)
    assert result.exit_code == 2
    assert not (tmp_path / "month").exists()


def test_a_folder_that_cannot_be_made_is_named_without_a_stack_trace(
    app: typer.Typer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    result = generate(app, tmp_path / "file" / "month", "--claims", "40")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_the_smallest_month_is_the_one_the_generator_knows() -> None:
    assert FEWEST_CLAIMS == scenarios.FEWEST_CLAIMS
