"""A pack goes into a workbook and comes back byte for byte; what a spreadsheet made of it is undone."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from overturn.cli import app
from overturn.paths import RULES
from overturn.rulebook import RulebookError
from overturn.rulebook.denials import list_packs
from overturn.rulebook.workbook import export_pack, import_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def changed(workbook: Path, cell: str, value: Any, sheet: str = "denials") -> Path:
    book = load_workbook(workbook)
    book[sheet][cell].value = value
    book.save(workbook)
    return workbook


@pytest.mark.parametrize("pack", [pack.pack for pack in list_packs(RULES)])
def test_a_pack_comes_back_as_it_was(folder: Path, tmp_path: Path, pack: str) -> None:
    path = next(found.path for found in list_packs(folder) if found.pack == pack)
    before = {file: (path / file).read_bytes() for file in ("denials.csv", "denial_tests.csv")}
    rows = export_pack(folder, pack, tmp_path / "pack.xlsx")
    assert import_pack(tmp_path / "pack.xlsx", folder, pack) == rows > 0
    assert {file: (path / file).read_bytes() for file in before} == before


def test_every_cell_is_text_and_none_is_computed(folder: Path, tmp_path: Path) -> None:
    export_pack(folder, "base", tmp_path / "pack.xlsx")
    for sheet in load_workbook(tmp_path / "pack.xlsx").worksheets:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.number_format for cell in cells} == {"@"}
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


@pytest.mark.parametrize(
    ("cell", "value", "read"),
    [
        ("B2", 4, "4"),
        ("B2", 4.0, "4"),
        ("AB2", datetime(2026, 1, 2), "2026-01-02"),  # noqa: DTZ001
        ("A2", " co-4-n386-medicare ", "co-4-n386-medicare"),
        ("X2", "ask\nthe payer", "ask the payer"),
        ("R2", "YES", "YES"),
    ],
)
def test_what_a_spreadsheet_made_of_a_cell_is_undone(
    folder: Path, tmp_path: Path, cell: str, value: Any, read: str
) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    import_pack(changed(tmp_path / "pack.xlsx", cell, value), folder, "medicare")
    row = (folder / "packs/medicare/denials.csv").read_text().splitlines()[1]
    assert read in row.split(",")


def test_a_blank_row_between_others_keeps_the_numbers_of_the_workbook(folder: Path, tmp_path: Path) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    book = load_workbook(tmp_path / "pack.xlsx")
    book["denials"].insert_rows(2)
    book["denials"]["B4"].value = "5000"
    book.save(tmp_path / "pack.xlsx")
    with pytest.raises(RulebookError, match="row 4, column carc: 5000 is not in"):
        import_pack(tmp_path / "pack.xlsx", folder, "medicare")


def test_a_pack_that_fails_leaves_the_folder_as_it_was(folder: Path, tmp_path: Path) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    before = (folder / "packs/medicare/denials.csv").read_bytes()
    with pytest.raises(RulebookError, match="co-4-n386-medicare"):
        import_pack(changed(tmp_path / "pack.xlsx", "B2", "50"), folder, "medicare")
    assert (folder / "packs/medicare/denials.csv").read_bytes() == before


def test_merged_cells_are_refused_because_only_the_first_would_count(folder: Path, tmp_path: Path) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    book = load_workbook(tmp_path / "pack.xlsx")
    book["denials"].merge_cells("B2:B4")
    book.save(tmp_path / "pack.xlsx")
    with pytest.raises(RulebookError, match=r"sheet denials: B2:B4 is merged, .*: unmerge the cells"):
        import_pack(tmp_path / "pack.xlsx", folder, "medicare")


def test_a_title_above_the_names_of_columns_is_told(folder: Path, tmp_path: Path) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    book = load_workbook(tmp_path / "pack.xlsx")
    book["denials"].insert_rows(1)
    book["denials"]["A1"].value = "Our rules"
    book.save(tmp_path / "pack.xlsx")
    with pytest.raises(RulebookError, match="row 1: holds no names of columns: put them there"):
        import_pack(tmp_path / "pack.xlsx", folder, "medicare")


@pytest.mark.parametrize("name", ["remarks of Kim", "carc"])
def test_a_column_that_would_do_nothing_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    with pytest.raises(RulebookError, match=f"row 1: {name} would do nothing: remove the column"):
        import_pack(changed(tmp_path / "pack.xlsx", "AD1", name), folder, "medicare")


def test_a_formula_is_refused_with_its_place_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    before = (folder / "packs/medicare/denials.csv").read_bytes()
    with pytest.raises(RulebookError, match=r"pack.xlsx, sheet tests, cell C2: holds a formula"):
        import_pack(changed(tmp_path / "pack.xlsx", "C2", '=cmd|"/c calc"!A1', "tests"), folder, "medicare")
    assert (folder / "packs/medicare/denials.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("cell", "value", "says"),
    [("B1", "reason", "row 1: there is no column carc"), ("A1", None, "no column id")],
)
def test_a_sheet_without_a_column_is_refused(
    folder: Path, tmp_path: Path, cell: str, value: Any, says: str
) -> None:
    export_pack(folder, "medicare", tmp_path / "pack.xlsx")
    with pytest.raises(RulebookError, match=says):
        import_pack(changed(tmp_path / "pack.xlsx", cell, value), folder, "medicare")


def test_rubbish_is_no_workbook(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "pack.xlsx").write_bytes(b"no workbook")
    with pytest.raises(RulebookError, match="no workbook that can be read"):
        import_pack(tmp_path / "pack.xlsx", folder, "medicare")


def test_the_commands_export_import_and_check(folder: Path, tmp_path: Path) -> None:
    book, runner = str(tmp_path / "pack.xlsx"), CliRunner()
    exported = runner.invoke(app, ["rules", "export", "therapy", "--xlsx", book, "--rules", str(folder)])
    assert (exported.exit_code, "10 rows of therapy are in" in exported.stdout) == (0, True)
    imported = runner.invoke(app, ["rules", "import", "therapy", "--xlsx", book, "--rules", str(folder)])
    assert imported.exit_code == 0, imported.output
    assert "All is well: 451 rows in 4 packs, version" in imported.stdout
    changed(tmp_path / "pack.xlsx", "B2", "5000")
    broken = runner.invoke(app, ["rules", "import", "therapy", "--xlsx", book, "--rules", str(folder)])
    assert broken.exit_code == 1
    assert "packs/therapy/denials.csv, row 2, column carc: 5000 is not in carc_labels.csv" in broken.stderr
    assert "Nothing was written: correct the workbook and import it again." in broken.stderr


def test_a_pack_that_is_not_there_is_said_with_those_that_are(folder: Path, tmp_path: Path) -> None:
    answered = CliRunner().invoke(app, ["rules", "export", "dental", "--xlsx", str(tmp_path / "x.xlsx")])
    assert answered.exit_code == 1
    assert "choose of base, medicare, therapy, unitedhealthcare" in answered.stderr


def test_a_folder_that_does_not_load_is_refused_with_its_problems(tmp_path: Path) -> None:
    answered = CliRunner().invoke(app, ["rules", "check", str(tmp_path)])
    assert answered.exit_code == 1
    assert "is missing" in answered.stderr
