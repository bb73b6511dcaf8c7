"""Several letters read as one: what is the same in all stands once, and each differs only in its gaps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from itertools import groupby, takewhile
from typing import Final, NamedTuple

WORDS: Final = re.compile(
    r"[A-Z][a-z]+ \d{1,2}, \d{4}\s*"  # a date as letters have it
    r"|[*_|]+\s*|[^\s*_|]*[^\s*_|.,;:]\s*|[.,;:]+\s*|\s+"
)
"""A date, a word, its Markdown marks, or the stop behind it, each with the space that follows: so a gap is a
bare value, and two amounts are not alike by the space between their words."""

LABEL_WORDS: Final = 4
MARKS: Final = " |*_#:,.-"


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where the letters differ; `column` is the values that stand there."""

    column: int


Piece = str | Gap


@dataclass(frozen=True, slots=True)
class Together:
    """Letters of one kind. `pieces` is the text in order, common or a gap; `columns` has the values of a gap,
    one per letter; `labels` the common words before a column's first gap.

    Two gaps that have the same value in every letter are one column.
    """

    pieces: tuple[Piece, ...]
    columns: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]

    def letter(self, number: int) -> str:
        """The whole text of one letter, from 0."""
        return "".join(p if isinstance(p, str) else self.columns[p.column][number] for p in self.pieces)


def read_together(letters: Sequence[str]) -> Together:
    """What is common to these texts, and what differs; one text alone is all common."""
    return _joined(_by_lines([text.splitlines(keepends=True) for text in letters]), len(letters))


class _Aligned(NamedTuple):
    """A common sequence of all, and before each of its parts (and after the last) what else each has."""

    common: list[str]
    between: list[list[tuple[str, ...]]]  # by place, then by sequence


def _by_lines(letters: Sequence[list[str]]) -> list[str | tuple[str, ...]]:
    """Common text, or the values of a gap, in order."""
    found: list[str | tuple[str, ...]] = []
    aligned = _align(letters)
    for place, differing in enumerate(aligned.between):
        found += _by_words(differing)
        found += aligned.common[place : place + 1]
    return found


def _by_words(differing: Sequence[tuple[str, ...]]) -> list[str | tuple[str, ...]]:
    """Lines that differ, looked at word by word where every letter has as many of them."""
    counts = {len(lines) for lines in differing}
    if counts == {0}:
        return []
    if len(counts) > 1:
        return [tuple("".join(lines) for lines in differing)]
    found: list[str | tuple[str, ...]] = []
    for line in zip(*differing, strict=True):
        aligned = _align([WORDS.findall(text) for text in line])
        for place, words in enumerate(aligned.between):
            if any(words):
                found.append(tuple("".join(each) for each in words))
            found += aligned.common[place : place + 1]
    return found


def _align(sequences: Sequence[Sequence[str]]) -> _Aligned:
    common = reduce(_shared, sequences[1:], list(sequences[0]) if sequences else [])
    between: list[list[tuple[str, ...]]] = [[] for _ in range(len(common) + 1)]
    for sequence in sequences:
        for place, rest in enumerate(_rests(common, sequence)):
            between[place].append(rest)
    return _Aligned(common, between)


def _shared(first: Sequence[str], second: Sequence[str]) -> list[str]:
    matcher = SequenceMatcher(a=first, b=second, autojunk=False)
    return [part for block in matcher.get_matching_blocks() for part in first[block.a : block.a + block.size]]


def _rests(common: Sequence[str], sequence: Sequence[str]) -> list[tuple[str, ...]]:
    """What stands before each common part, and after the last."""
    rests, start = [], 0
    for part in common:
        here = sequence.index(part, start)
        rests.append(tuple(sequence[start:here]))
        start = here + 1
    return [*rests, tuple(sequence[start:])]


def _joined(found: Sequence[str | tuple[str, ...]], count: int) -> Together:
    """Neighbours of one kind are one piece; the same values again are the same column."""
    pieces: list[Piece] = []
    columns: dict[tuple[str, ...], int] = {}
    labels: list[str] = []
    before = ""
    for is_common, group in groupby(found, key=lambda part: isinstance(part, str)):
        parts = list(group)
        if is_common:
            pieces.append("".join(part for part in parts if isinstance(part, str)))
            before += str(pieces[-1])
            continue
        values = tuple("".join(part[number] for part in parts) for number in range(count))
        if values not in columns:
            columns[values] = len(columns)
            labels.append(_label(before))
        pieces.append(Gap(columns[values]))
    return Together(tuple(pieces), tuple(columns), tuple(labels))


def _label(before: str) -> str:
    """What a gap is named by: its column in a table with headings, else the common words that lead to it."""
    *above, line = before.split("\n")
    if line.startswith("|"):
        table = list(takewhile(lambda row: row.startswith("|"), reversed(above)))
        cells = table[-1].split("|") if table else []
        heading = cells[line.count("|")].strip() if line.count("|") < len(cells) else ""
        if heading:
            return heading
    lines = [row for row in (*above, line) if row.strip(MARKS)]
    words = [word for word in lines[-1].split() if word.strip(MARKS)] if lines else []
    return " ".join(words[-LABEL_WORDS:]).strip(MARKS)
