"""A file as CMS or X12 publishes it (text, CSV, XLSX) in; its rows out, one at a time, in flat memory."""

import codecs
import csv
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

_ZIP_MAGIC: Final = b"PK\x03\x04"
_WORKBOOK: Final = "xl/workbook.xml"
_PIECE: Final = 1 << 20
_SNIFFED: Final = 64 * 1024


class UnreadableFileError(Exception):
    """A file that cannot be imported; each problem names file, sheet, row and column where known."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One row; `number` counts lines of a text file or rows of a sheet from 1."""

    sheet: str | None
    number: int
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        """The cell without spaces around it; empty where the row is shorter."""
        return self.cells[index].strip() if index < len(self.cells) else ""


def read_published(path: Path) -> Iterator[PublishedRow]:
    """Every row that is not blank. Raises UnreadableFileError for what is neither text nor a workbook."""
    try:
        with path.open("rb") as file:
            start = file.read(_SNIFFED)
    except OSError as error:
        raise UnreadableFileError(f"{path.name} cannot be read: {error.strerror}") from None
    if start.startswith(_ZIP_MAGIC):
        return _workbook_rows(path)
    if b"\x00" in start:
        raise UnreadableFileError(
            f"{path.name} is neither text nor an XLSX workbook: name the .txt, .csv or .xlsx file itself"
        )
    return _text_rows(path, tabbed=start.count(b"\t") > start.count(b","))


def _text_rows(path: Path, *, tabbed: bool) -> Iterator[PublishedRow]:
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="replace", newline=None if tabbed else "") as lines:
        if tabbed:  # CMS does not quote in tab-separated files; a stray quote must not swallow lines
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield PublishedRow(None, number, tuple(c.strip('" \n') for c in line.split("\t")))
            return
        reader = csv.reader(lines)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield PublishedRow(None, reader.line_num, tuple(cells))
        except csv.Error as error:
            raise UnreadableFileError(f"{path.name}, row {reader.line_num}: {error}") from None


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is; else Windows-1252, which older CMS files are in."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _workbook_rows(path: Path) -> Iterator[PublishedRow]:
    try:
        with ZipFile(path) as archive:
            is_workbook = _WORKBOOK in archive.namelist()
        if is_workbook:
            yield from _cells(path)
            return
    except Exception as error:  # noqa: BLE001 - openpyxl fails on damaged parts in too many ways to list
        raise UnreadableFileError(f"{path.name} is a damaged workbook ({error}): fetch it again") from None
    raise UnreadableFileError(
        f"{path.name} is a ZIP archive: unpack it and import the .txt or .xlsx file in it"
    )


def _cells(path: Path) -> Iterator[PublishedRow]:
    from openpyxl import load_workbook

    with closing(load_workbook(path, read_only=True, data_only=True)) as workbook:
        for sheet in workbook.worksheets:
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                if any(value is not None for value in values):
                    yield PublishedRow(sheet.title, number, tuple(map(_text, values)))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y%m%d}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
