"""A reader that knows nothing but delimiters: the tests' own arithmetic starts from it."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path


def segments(path: Path) -> list[list[str]]:
    """The elements of every segment of a one-interchange file, delimiters taken from its ISA."""
    text = path.read_bytes().decode("utf-8-sig")
    element, terminator = text[3], text[105]
    return [piece.strip().split(element) for piece in text.split(terminator) if piece.strip()]


def component(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")[104]


def loops(all_segments: list[list[str]], opening: str, closing: set[str]) -> Iterator[list[list[str]]]:
    """Runs of segments that begin with `opening` and end before the next of it or one of `closing`."""
    current: list[list[str]] = []
    for segment in all_segments:
        if segment[0] == opening or segment[0] in closing:
            if current:
                yield current
            current = []
        if segment[0] == opening or current:
            current.append(segment)
    if current:
        yield current


def adjusted(loop: list[list[str]]) -> Decimal:
    """The sum of all CAS amounts (elements 3, 6, 9, ...) in a loop."""
    return sum((Decimal(s[n]) for s in loop if s[0] == "CAS" for n in range(3, len(s), 3)), Decimal(0))
