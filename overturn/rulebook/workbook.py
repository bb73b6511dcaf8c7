"""A pack as a workbook and back: what a billing manager edits, with every cell as text.

Text keeps '16', dates and leading zeros as they are written, and is never computed. Reading takes what a
spreadsheet may have made of a cell all the same: a number without a fraction is its digits, a date is
YYYY-MM-DD, and a formula is refused.
"""

import csv
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from overturn.rulebook.cells import RulebookError, read_rows
from overturn.rulebook.check import check_rulebook
from overturn.rulebook.denials import RULE_COLUMNS, RULES_FILE, PackFolder, list_packs
from overturn.rulebook.loader import load_rulebook
from overturn.rulebook.table_tests import TEST_COLUMNS, TESTS_FILE

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEETS: Final = {"denials": (RULES_FILE, RULE_COLUMNS), "tests": (TESTS_FILE, TEST_COLUMNS)}
TEXT: Final = "@"
Tables = dict[str, tuple[tuple[str, ...], list[list[str]]]]  # by file: columns, rows
_WIDTHS: Final = {"note": 60, "therapy_note": 40, "source": 40, "guardrail": 40}
_WIDTH: Final = 18


def find_pack(directory: Path, pack: str) -> PackFolder:
    """The folder of a pack by its name. Raises RulebookError where there is none, with those there are."""
    folders = {folder.pack: folder for folder in list_packs(directory)}
    if pack not in folders:
        raise RulebookError([f"There is no pack {pack!r} in {directory}: choose of {', '.join(folders)}"])
    return folders[pack]


def export_pack(directory: Path, pack: str, workbook: Path) -> int:
    """Write a pack as .xlsx, one sheet for its rules and one for its tests; returns the number of rules."""
    from openpyxl import Workbook

    folder = find_pack(directory, pack)
    book = Workbook()
    book.remove(book.worksheets[0])
    written = []
    for sheet, (file, columns) in SHEETS.items():
        rows = read_rows(folder.path / file, columns, name=folder.table(file))
        _write(book.create_sheet(sheet), columns, [row.cells for row in rows])
        written.append(len(rows))
    book.save(workbook)
    return written[0]


def import_pack(workbook: Path, directory: Path, pack: str) -> int:
    """Write the sheets of a workbook over a pack's tables; returns the number of rules.

    The pack is tried in a copy of the folder first: with a problem the folder stays as it is.
    """
    folder = find_pack(directory, pack)
    tables = {file: (columns, list(_read(workbook, s, columns))) for s, (file, columns) in SHEETS.items()}
    with TemporaryDirectory() as aside:
        copy = Path(shutil.copytree(directory, Path(aside) / directory.name))
        _write_tables(find_pack(copy, pack), tables)
        problems = check_rulebook(load_rulebook(copy))
    if problems:
        raise RulebookError(problems)
    _write_tables(folder, tables)
    return sum(map(any, tables[RULES_FILE][1]))


def _write_tables(folder: PackFolder, tables: Tables) -> None:
    for file, (columns, rows) in tables.items():
        with (folder.path / file).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)


def _write(sheet: "Worksheet", columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for number, values in enumerate([dict(zip(columns, columns, strict=True)), *rows], start=1):
        for place, column in enumerate(columns, start=1):
            cell = sheet.cell(row=number, column=place)
            _write_text(cell, values[column])
            if number == 1:
                cell.font = Font(bold=True)
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(column, _WIDTH)
    sheet.freeze_panes = "B2"


def _write_text(cell: Any, text: str) -> None:
    """Text whatever it looks like: `=1+1` stays these four signs, in this program and the next."""
    cell.number_format = TEXT
    cell.quotePrefix = True
    if text:
        cell.value = text
        cell.data_type = "s"


def _read(workbook: Path, sheet: str, columns: tuple[str, ...]) -> Iterator[list[str]]:
    """The rows in the order of `columns`; a blank one between others stays: rows keep their numbers."""
    found = _open(workbook, sheet)
    if found.merged_cells.ranges:
        merged = ", ".join(sorted(str(span) for span in found.merged_cells.ranges))
        what = f"{workbook.name}, sheet {sheet}: {merged} is merged, so only its first cell would count"
        raise RulebookError([f"{what}: unmerge the cells and fill each of them in"])
    rows = [[_text(cell, workbook) for cell in row] for row in found.iter_rows()]
    places = _places(f"{workbook.name}, sheet {sheet}, row 1", rows[0] if rows else [], columns)
    while rows and not any(rows[-1]):
        rows.pop()
    for texts in rows[1:]:
        yield [texts[place] for place in places] if any(texts) else []


def _places(where: str, header: list[str], columns: tuple[str, ...]) -> list[int]:
    missing = [column for column in columns if column not in header]
    named = [text for text in header if text]
    extra = [text for text in named if text not in columns]
    if len(missing) == len(columns):
        raise RulebookError([f"{where}: holds no names of columns: put them there, as an export does"])
    if missing:
        what = f"{where}: there is no column {', '.join(missing)}"
        raise RulebookError([f"{what}: export the pack again and edit that"])
    if extra or len(set(named)) != len(named):
        twice = [text for text in columns if named.count(text) > 1]
        raise RulebookError([f"{where}: {', '.join(extra + twice)} would do nothing: remove the column"])
    return [header.index(column) for column in columns]


def _open(workbook: Path, sheet: str) -> "Worksheet":
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(workbook)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        raise RulebookError([f"{workbook.name} is no workbook that can be read: save it as .xlsx"]) from None
    if sheet not in book.sheetnames:
        raise RulebookError([f"{workbook.name} has no sheet {sheet}: export the pack again and edit that"])
    found: Worksheet = book[sheet]
    return found


def _text(cell: Any, workbook: Path) -> str:
    value = cell.value
    if cell.data_type == "f":
        where = f"{workbook.name}, sheet {cell.parent.title}, cell {cell.coordinate}"
        raise RulebookError([f"{where}: holds a formula: write the value as text"])
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else " ".join(str(value).split("\n")).strip()
