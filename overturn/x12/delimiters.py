"""Where each interchange of a text begins, which delimiters it uses, and its segments without layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

ISA_WIDTH: Final = 105
"""Characters of an ISA as the standard fixes them, before the segment terminator."""

CANONICAL: Final = "*:^~"
"""Element, component, repetition and segment delimiters of the segments we keep."""

_ISA = re.compile(r"ISA([^A-Za-z0-9 \r\n])0[0-9]\1", re.IGNORECASE)
_ISA_IDS: Final = ("ISA", "isa")
_LINE_BREAK = re.compile("[\r\n]")
_ISA_ELEMENTS: Final = 16

LONGEST_ISA: Final = 400
"""Characters from the beginning of an ISA in which its delimiters must be found."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four delimiters an ISA declares; `repetition` is None before version 5010."""

    element: str
    component: str
    repetition: str | None
    segment: str

    @property
    def usable(self) -> bool:
        marks = (self.element, self.component, self.segment)
        return (
            all(marks) and len(set(marks)) == len(marks) and not any(m.isalnum() or m == " " for m in marks)
        )

    def to_canonical(self) -> dict[int, str] | None:
        """A translation table to `CANONICAL`, None where nothing differs. It swaps characters: a literal
        "*" of a file that separates by "|" becomes "|", so that no data turns into a delimiter."""
        ours = self.element + self.component + (self.repetition or "") + self.segment
        wanted = "*:" + ("^" if self.repetition else "") + "~"
        if ours == wanted:
            return None
        displaced = [mark for mark in wanted if mark not in ours]
        freed = [" " if mark in "\r\n" else mark for mark in ours if mark not in wanted]
        return str.maketrans(dict(zip((*ours, *displaced), (*wanted, *freed), strict=True)))


@dataclass(frozen=True, slots=True)
class InterchangeStart:
    """Where an ISA stands in the text; `delimiters` is None where it is cut off or makes no sense."""

    position: int
    delimiters: Delimiters | None
    isa_width: int = ISA_WIDTH
    lower_case: bool = False  # the ISA, or the segment after it, has its id in small letters


def find_interchanges(text: str, begin: int = 0, end: int | None = None) -> Iterator[InterchangeStart]:
    """Yield every ISA that begins in `text[begin:end]`, wherever it stands: a damaged interchange must not
    hide the next one."""
    last = len(text) if end is None else end
    for start in sorted(chain(*(_positions(text, name, begin, last) for name in _ISA_IDS))):
        match = _ISA.match(text, start)
        before = text[start - 1 : start] if start else ""
        if match is not None and before != match[1] and not before.isalnum():  # not a patient called Isa
            yield _read_isa(text, start, match[1])


def _positions(text: str, name: str, begin: int, last: int) -> Iterator[int]:
    start = text.find(name, begin)
    while 0 <= start < last:
        yield start
        start = text.find(name, start + 1)


def _read_isa(text: str, start: int, element: str) -> InterchangeStart:
    """The delimiters follow the 16th separator: counting finds them in an ISA of any width, padded with
    blanks or broken into lines."""
    parts = text[start : start + LONGEST_ISA].split(element, _ISA_ELEMENTS)
    if len(parts) <= _ISA_ELEMENTS or len(parts[_ISA_ELEMENTS]) < len(":~"):
        return InterchangeStart(start, None)
    component, after = parts[_ISA_ELEMENTS][0], parts[_ISA_ELEMENTS][1:].lstrip(" ")
    segment = after[:1]
    repetition = parts[11] if len(parts[11]) == 1 and not parts[11].isalnum() else None
    if repetition in {element, component, segment, " "}:
        repetition = None
    found = Delimiters(element, component, repetition, "\n" if segment == "\r" else segment)
    width = sum(len(_LINE_BREAK.sub("", part)) for part in parts[:_ISA_ELEMENTS]) + _ISA_ELEMENTS + 1
    lower_case = parts[0].islower() or after[1:].lstrip()[:2].islower()
    return InterchangeStart(start, found if found.usable else None, width, lower_case)


def without_line_breaks(text: str, delimiters: Delimiters) -> str:
    """A piece of text without the line breaks and tabs that are not delimiters."""
    if delimiters.segment == "\n":
        text = text.replace("\r", "\n")
    elif "\n" in text or "\r" in text:
        text = text.replace("\n", "").replace("\r", "")
    return text.replace("\t", " ")


def tidied(text: str, delimiters: Delimiters) -> str:
    """Whole segments without indentation, padding and empty segments; the terminator stands between them."""
    end, element = delimiters.segment, delimiters.element
    text = text.strip(end + " ")
    begin = text.find(end) if text.startswith("ISA") else 0  # the ISA itself is padded by rule
    if begin < 0 or _is_tidy(text[begin:], end, element):
        return text
    segments = (_trimmed(segment, element) for segment in text.split(end))
    return end.join(segment for segment in segments if segment)


def _is_tidy(text: str, end: str, element: str) -> bool:
    """Whether each terminator stands alone and each blank inside an element. Text has few blanks: looking at
    the sides of each is cheaper than searching the whole text for every pair that must not be there."""
    words = text.split(" ")
    before, after = words[:-1], words[1:]
    return not (
        end + end in text
        or any(map(str.endswith, before, repeat(end)))
        or any(map(str.startswith, after, repeat((end, element))))
    )


def _trimmed(segment: str, element: str) -> str:
    segment = segment.strip(" ")
    if segment.startswith("ISA") or " " not in segment:
        return segment
    return element.join(value.strip(" ") for value in segment.split(element))
