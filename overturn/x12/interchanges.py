"""Blocks of text cut where interchanges begin, however the blocks fall."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from overturn.x12.delimiters import LONGEST_ISA, InterchangeStart, find_interchanges

BLANKS = " \t\r\n\x1a\ufeff"


@dataclass(slots=True)
class InterchangeText:
    """One interchange: where it starts, and the rest of its text, to be iterated over once."""

    start: InterchangeStart
    pieces: Iterator[str]


@dataclass(slots=True)
class InterchangeCutter:
    """Iterate over the interchanges of a text; take each one's pieces before asking for the next.

    `before` is the beginning of what stands before the first ISA, without leading blanks."""

    blocks: Iterable[str]
    before: str = ""
    _cuts: Iterator[tuple[InterchangeStart | None, str]] = field(init=False)
    _following: InterchangeStart | None = None

    def __post_init__(self) -> None:
        self._cuts = _cut(self.blocks)

    def __iter__(self) -> Iterator[InterchangeText]:
        for piece in self._pieces():
            if len(self.before) < LONGEST_ISA:
                self.before = (self.before + piece[:LONGEST_ISA]).lstrip(BLANKS)
        while (start := self._following) is not None:
            pieces = self._pieces()
            yield InterchangeText(start, pieces)
            for _ in pieces:
                pass

    def _pieces(self) -> Iterator[str]:
        self._following = None
        for start, piece in self._cuts:
            if start is not None:
                self._following = start
                return
            yield piece


def _cut(blocks: Iterable[str]) -> Iterator[tuple[InterchangeStart | None, str]]:
    """Yield pieces of text, and each start of an interchange between them.

    The last `LONGEST_ISA` characters of a block wait for the next one, so that no ISA is seen in part, and
    so does the character before them, which tells an ISA from a word that ends in these letters."""
    held, passed = "", 0
    for block in blocks:
        text = held + block
        end = max(passed, len(text) - LONGEST_ISA)
        yield from _cut_block(text, passed, end)
        held, passed = text[max(end - 1, 0) :], min(end, 1)
    yield from _cut_block(held, passed, len(held))


def _cut_block(text: str, begin: int, end: int) -> Iterator[tuple[InterchangeStart | None, str]]:
    for start in find_interchanges(text, begin, end):
        yield None, text[begin : start.position]
        yield start, ""
        begin = start.position
    yield None, text[begin:end]
