"""A table as spreadsheets save it: its records, or what is wrong with the file and how to save it."""

import csv
from collections.abc import Iterator
from typing import Final

SEPARATORS: Final = (",", ";", "\t")
"""A spreadsheet takes the separator of its country's settings; a table of ours has no name with one in it."""


class UnreadableTableError(Exception):
    """The file holds no table; the message says what to do."""


def read_records(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line its last cell stands in, the header first; blank ones are left out.

    A byte order mark, `;` or tabs between the cells, and columns without a name or a value change nothing.
    """
    text = _decode(content)
    lines = text.splitlines(keepends=True)
    header = lines[0] if lines else ""
    separator = max(SEPARATORS, key=header.count)
    reader = csv.reader(lines, strict=True, delimiter=separator)
    named = written = 0
    try:
        for cells in reader:
            kept = [cell.strip() for cell in cells]
            if any(kept) and not named:
                named, written = len(_trimmed(kept)), len(kept)
            blank = len(kept) == written and not any(kept[named:])
            if any(kept):
                yield reader.line_num, kept[:named] if blank else kept
    except csv.Error as error:
        raise UnreadableTableError(f"line {reader.line_num}: {error}: check its quotes") from None


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end."""
    filled = [place for place, cell in enumerate(cells, start=1) if cell]
    return cells[: max(filled, default=0)]


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableTableError(
            f"line {line} has a character in another encoding: "
            'save it anew as "CSV UTF-8", which spreadsheets list beside CSV'
        ) from None
