"""`overturn reference`: import, list, show, and the answers that come of them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from overturn.cli import classify, edits, price, reference, rules
from tests.unit.reference.official_files import (
    PPRRVU_PREAMBLE,
    PPRRVU_ROWS,
    PPRRVU_STACK,
    PTP_ROWS,
    ptp_text,
    write,
)
from tests.x12_files import adjudicated_claim, denied_claim
from tests.x12_files import remittance as remittance_of

APP = typer.Typer()
reference.register(APP)
edits.register(APP)
price.register(APP)
classify.register(APP)
rules.register(APP)
RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OVERTURN_REFERENCE_DIR", str(tmp_path / "tables"))
    return tmp_path / "tables"


@pytest.fixture
def ptp_file(tmp_path: Path) -> Path:
    return write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text())


def run(*arguments: object, exit_code: int = 0) -> str:
    result = RUNNER.invoke(APP, [str(argument) for argument in arguments])
    assert result.exit_code == exit_code, result.output
    return result.output


def test_an_import_says_what_was_read_and_how_to_take_it_back(ptp_file: Path) -> None:
    said = run("reference", "import", "ncci-ptp", ptp_file)
    assert "4 rows of ncci-ptp for 2026-07-01 to 2026-09-30 (from the file's name)" in said
    assert "Remove that file" in said
    assert "nothing was added" in run("reference", "import", "ncci-ptp", ptp_file)


def test_an_import_answers_in_json(ptp_file: Path, folder: Path) -> None:
    document = json.loads(run("reference", "import", "ncci-ptp", ptp_file, "--json"))
    assert (document["added"], document["rows"], document["owner"]) == (True, 4, "medicare")
    assert Path(document["path"]).parent == folder
    again = json.loads(run("reference", "import", "ncci-ptp", ptp_file, "--json"))
    assert again == {**document, "added": False}


def test_an_imported_quarter_answers_for_its_dates(ptp_file: Path) -> None:
    run("reference", "import", "ncci-ptp", ptp_file)
    document = json.loads(run("edits", "97010", "97012", "--date", "2026-08-01", "--json"))
    assert (document["verdict"], document["quarter"]) == ("never_together", "2026Q3")
    assert document["edit"]["effective_on"] == "2020-01-01"
    older = json.loads(run("edits", "97010", "97012", "--date", "2024-08-01", "--json"))
    assert older["quarter"] == "2024Q3"


def test_a_payer_s_own_table_answers_for_it(ptp_file: Path) -> None:
    run("reference", "import", "ncci-ptp", ptp_file, "--owner", "aetna", "--quarter", "2024Q3")
    question = ("edits", "97010", "97012", "--date", "2024-08-01", "--json")
    document = json.loads(run(*question, "--payer", "Aetna"))
    assert (document["verdict"], document["notes"][:1]) == ("never_together", document["notes"][:1])
    assert "ccipra-v322r0-f1.txt" in document["source"]
    assert "bundled" in json.loads(run(*question))["source"]


def test_imported_values_price_a_visit(tmp_path: Path) -> None:
    path = write(tmp_path / "PPRRVU26_JUL.csv", PPRRVU_PREAMBLE + PPRRVU_STACK + PPRRVU_ROWS)
    run("reference", "import", "pprrvu", path)
    question = ("price", "--hcpcs", "97110", "--locality", "AL", "--date", "2026-08-03", "--json")
    document = json.loads(run(*question))
    assert document["allowed_amount"] == "28.08"  # (0.45 + 0.44 x 0.875 + 0.01 x 0.566) x 33.4009
    assert any("PPRRVU26_JUL.csv" in source["source"] for source in document["sources"])


def test_the_list_has_bundled_and_imported_tables_and_says_what_is_over(ptp_file: Path) -> None:
    run("reference", "import", "ncci-ptp", ptp_file)
    tables = json.loads(run("reference", "list", "--json"))
    edit_tables = [table for table in tables if table["kind"] == "ncci-ptp"]
    assert [(table["quarter"], table["bundled"]) for table in edit_tables] == [
        ("2024Q3", True),
        ("2026Q3", False),
    ]
    assert edit_tables[0]["stale"] is True
    assert {table["kind"] for table in tables} == {"ncci-ptp", "mue", "add-on", "pprrvu", "gpci"}
    printed = run("reference", "list")
    assert "ccipra-v322r0-f1.txt" in printed
    assert "2020 rows" in printed


def test_a_code_is_shown_as_imported_tables_have_it(tmp_path: Path) -> None:
    text = "Code,Description,Start Date\n45,Our clearinghouse's own words,1995-01-01\n"
    run("reference", "import", "carc", write(tmp_path / "carc.csv", text))
    assert "Our clearinghouse's own words" in run("reference", "show", "carc", "45")
    assert json.loads(run("reference", "show", "carc", "46", "--json", exit_code=1)) == []


def test_a_payer_is_shown_by_a_part_of_its_name(tmp_path: Path) -> None:
    text = (
        "payer,line_of_business,claim_timely_filing_days,appeal_level,window_days,counted_from\n"
        "Plan of the Hills,Commercial,90,Appeal,180,denial\n"
    )
    run("reference", "import", "payer-rules", write(tmp_path / "rules.csv", text))
    assert "window_days: 180" in run("reference", "show", "payer-rules", "Hills")


def test_a_file_with_a_fault_ends_with_1_and_every_reason(tmp_path: Path, folder: Path) -> None:
    wrong = (*PTP_ROWS[0][:5], "7", "")
    path = write(tmp_path / "ccipra-v322r0-f1.txt", ptp_text([wrong]))
    said = run("reference", "import", "ncci-ptp", path, exit_code=1)
    assert "row 7, column 'Modifier 0=not allowed 1=allowed 9=not applicable': '7' is none of" in said
    assert not list(folder.glob("*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("ncci", "FILE"),
        ("ncci-ptp", "FILE", "--quarter", "summer"),
        ("ncci-ptp", "FILE", "--owner", "../aetna"),
        ("ncci-ptp", "FILE", "--owner", "aetnaa"),
        ("ncci-ptp", "no-such-file.txt"),
    ],
)
def test_a_command_called_wrongly_ends_with_2(arguments: tuple[str, ...], ptp_file: Path) -> None:
    given = [str(ptp_file) if argument == "FILE" else argument for argument in arguments]
    run("reference", "import", *given, exit_code=2)


@pytest.mark.parametrize(
    "question",
    [
        ("edits", "97010", "97012", "--date", "2026-08-01"),
        ("price", "--hcpcs", "97110", "--locality", "AL", "--date", "2024-08-01"),
        ("reference", "list"),
        ("classify", "REMITTANCE"),
        ("rules", "check"),
    ],
)
def test_a_damaged_table_ends_every_command_with_the_way_out(
    folder: Path, tmp_path: Path, question: tuple[str, ...]
) -> None:
    remittance = tmp_path / "remittance.835"
    remittance.write_bytes(remittance_of(denied_claim("CLAIM1")))
    question = tuple(str(remittance) if word == "REMITTANCE" else word for word in question)
    folder.mkdir()
    for kind in ("ncci-ptp", "gpci"):
        (folder / f"{kind}-medicare-2026-07-01-000000000000.sqlite").write_bytes(b"no database" * 200)
    assert "remove it and import its file again" in run(*question, exit_code=1)


def test_a_table_that_proves_damaged_when_it_is_asked_ends_classify_with_the_way_out(
    folder: Path, tmp_path: Path
) -> None:
    rows = [("97150", "97110", "", "20200101", "*", "1", "")]
    path = tmp_path / "ccipra-v322r0-f3.txt"
    path.write_text(ptp_text(rows), encoding="utf-8")
    run("reference", "import", "ncci-ptp", path)
    (table,) = folder.glob("*.sqlite")
    with closing(sqlite3.connect(table)) as connection:
        connection.execute("ALTER TABLE entry RENAME COLUMN column2 TO gone")
    denied = adjudicated_claim("CLAIM1", ("70.00", ["CO*45*30.00"]), ("0.00", ["CO*236*100.00"]))
    first = next(segment for segment in denied if segment.startswith("SVC"))
    denied[denied.index(first)] = first.replace("97110", "97150")
    remittance = tmp_path / "remittance.835"
    remittance.write_bytes(remittance_of([segment.replace("20260901", "20260801") for segment in denied]))
    assert "remove it and import its file again" in run("classify", remittance, exit_code=1)


def test_a_folder_that_cannot_be_written_is_named(ptp_file: Path, folder: Path) -> None:
    folder.write_text("a file, not a folder", encoding="utf-8")
    assert "OVERTURN_REFERENCE_DIR" in run("reference", "import", "ncci-ptp", ptp_file, exit_code=1)
