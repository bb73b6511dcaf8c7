"""Finding the header in a published file: by what the columns are called, never by where they stand."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from overturn.reference.published import PublishedRow, UnreadableFileError

LONGEST_PREAMBLE: Final = 200  # rows
TALLEST_HEADER: Final = 6  # rows over or under the one with the key column's name
NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the names it may have, most certain first. Names are patterns over small letters and
    figures, with everything else as single spaces."""

    field: str
    names: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    """Where each known column stands, what it is called, and all that stood before."""

    places: dict[str, int]
    titles: dict[str, str]
    preamble: tuple[str, ...]
    row_number: int

    def title(self, field: str) -> str:
        return self.titles.get(field, field)


def plain(text: str) -> str:
    """Small letters and figures, everything else as single spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", text.casefold()))


def find_header(
    rows: Iterator[PublishedRow], columns: tuple[Column, ...], *, file: str
) -> tuple[Header, Iterator[PublishedRow]]:
    """The header of one sheet and the rows after it. The first column's name marks the header; CMS stacks
    the rest of a name in rows over it (PPRRVU) or under it (PTP), down to the first row that has a key."""
    before: deque[PublishedRow] = deque(maxlen=LONGEST_PREAMBLE)
    for row in rows:
        place = _place(row, columns[0])
        if place is not None:
            stacked, rest = _below(rows, place)
            header_rows = [*_above(before, place), row, *stacked]
            preamble = tuple(_words(earlier) for earlier in before if earlier not in header_rows)
            return _header(header_rows, columns, preamble, row, file), rest
        before.append(row)
        if len(before) == LONGEST_PREAMBLE:
            break
    where = f"{file}, sheet {before[0].sheet}" if before and before[0].sheet else file
    raise UnreadableFileError(
        f"{where}: no header with the column {_shown(columns[0])} was found: is this the file you meant?"
    )


def _place(row: PublishedRow, column: Column) -> int | None:
    cells = [plain(cell) for cell in row.cells]
    return next((i for i, text in enumerate(cells) if any(re.fullmatch(n, text) for n in column.names)), None)


def _above(before: deque[PublishedRow], place: int) -> list[PublishedRow]:
    """Rows right over the header that go on in other columns: titles and notices stand in the first."""
    found: list[PublishedRow] = []
    for row in reversed(before):
        if row.cell(place) or row.cell(0) or len(found) == TALLEST_HEADER:
            break
        found.insert(0, row)
    return found


def _below(rows: Iterator[PublishedRow], place: int) -> tuple[list[PublishedRow], Iterator[PublishedRow]]:
    found: list[PublishedRow] = []
    for row in rows:
        if row.cell(place) or len(found) == TALLEST_HEADER:
            return found, chain([row], rows)
        found.append(row)
    return found, iter(())


def _header(
    rows: list[PublishedRow],
    columns: tuple[Column, ...],
    preamble: tuple[str, ...],
    row: PublishedRow,
    file: str,
) -> Header:
    width = max(len(each.cells) for each in rows)
    texts = [" ".join(filter(None, (each.cell(i) for each in rows))) for i in range(width)]
    places = {c.field: place for c in columns if (place := _find(texts, c)) is not None}
    missing = [_shown(c) for c in columns if c.required and c.field not in places]
    if missing:
        where = f"{file}, {f'sheet {row.sheet}, ' if row.sheet else ''}row {row.number}"
        there = ", ".join(" ".join(text.split()) for text in texts[:NAMED] if text)
        raise UnreadableFileError(f"{where}: no column {' and no column '.join(missing)}; there are {there}")
    titles = {field: " ".join(texts[place].split()) for field, place in places.items()}
    return Header(places, titles, preamble, row.number)


def _find(texts: list[str], column: Column) -> int | None:
    for name in column.names:
        fits = [place for place, text in enumerate(texts) if re.fullmatch(name, plain(text))]
        if fits:
            return fits[0]
    return None


def _shown(column: Column) -> str:
    return repr(re.sub(r"[\\^$()?*+|].*", "", column.names[0]).strip() or column.field)


def _words(row: PublishedRow) -> str:
    return " ".join(" ".join(filter(None, (cell.strip() for cell in row.cells))).split())
