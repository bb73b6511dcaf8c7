import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from overturn.cli import app

DATA = Path(__file__).parents[2] / "data/835"
CLEAN = str(DATA / "paid_with_contractual_and_coinsurance.edi")
DAMAGED = str(DATA / "cut_off_in_second_transaction.edi")


def test_one_file_is_answered_with_one_object() -> None:
    result = CliRunner().invoke(app, ["inspect", CLEAN, "--json"])

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["file"] == CLEAN
    assert answer["sha256"] == hashlib.sha256(Path(CLEAN).read_bytes()).hexdigest()
    assert answer["errors"] == []
    assert answer["transactions"][0]["claims"][0]["charge_amount"] == "150.00"


def test_several_files_are_answered_with_a_list_in_the_order_given() -> None:
    result = CliRunner().invoke(app, ["inspect", DAMAGED, CLEAN, "--json"])

    assert [answer["file"] for answer in json.loads(result.stdout)] == [DAMAGED, CLEAN]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "name", ["without_isa.edi", "payment_out_of_balance.edi", "unreadable_charge_amount.edi"]
)
def test_problems_are_exit_code_one(name: str) -> None:
    result = CliRunner().invoke(app, ["inspect", str(DATA / name), "--json"])

    assert result.exit_code == 1
    assert json.loads(result.stdout)["errors"]


@pytest.mark.parametrize(
    "arguments", [["inspect"], ["inspect", "no-such-file.edi"], ["inspect", "--xml", CLEAN]]
)
def test_wrong_usage_is_exit_code_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_without_json_the_file_is_a_table_with_its_problems_below() -> None:
    result = CliRunner().invoke(app, ["inspect", DAMAGED], env={"COLUMNS": "200"})

    assert result.exit_code == 1
    assert "EFT20260120" in result.stdout
    assert "fatal: The file breaks off at " in result.stdout
    assert "Not all of this file can be posted" in result.stdout


def test_text_from_a_file_is_not_read_as_markup(tmp_path: Path) -> None:
    path = tmp_path / "markup.edi"
    path.write_bytes(Path(CLEAN).read_bytes().replace(b"NORTH PLAN", b"[bold]NORTH[/nope]"))

    result = CliRunner().invoke(app, ["inspect", str(path)], env={"COLUMNS": "200"})

    assert result.exit_code == 0
    assert "[bold]NORTH[/nope]" in result.stdout


def test_text_from_a_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "escape.edi"
    path.write_bytes(Path(CLEAN).read_bytes().replace(b"NORTH PLAN", b"NORTH\x1b[2JPLAN"))

    result = CliRunner().invoke(app, ["inspect", str(path)], env={"COLUMNS": "200"})

    assert "\x1b[2J" not in result.stdout
    assert "NORTH\N{REPLACEMENT CHARACTER}[2JPLAN" in result.stdout


def test_help_loads_neither_the_reader_nor_rich() -> None:
    probe = (
        "import sys\nfrom overturn.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('overturn.x12', 'rich', 'pydantic', 'sqlalchemy') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert result.stdout.rstrip().endswith("[]")
