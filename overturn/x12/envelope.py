"""One interchange (ISA to IEA) taken apart into its transaction sets, its counts and numbers checked."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from overturn.x12.delimiters import (
    CANONICAL,
    ISA_WIDTH,
    Delimiters,
    InterchangeStart,
    tidied,
    without_line_breaks,
)
from overturn.x12.findings import FindingList, Severity, place, quoted

MAX_SEGMENT_ID: Final = 3
MAX_SEGMENTS: Final = 400_000
"""Held in memory at once: some forty times what the 835 guide advises (10,000 claims)."""

MAX_SEGMENT_CHARACTERS: Final = 20_000
"""Of one segment; the longest that the guides allow has a few hundred."""

MAX_ELEMENT_CHARACTERS: Final = 500
"""Of one element. The guides allow fewer than 300; an index of PostgreSQL takes 2,700 bytes."""

MAX_CONTROL_NUMBERS: Final = 100_000
"""Of one group, remembered to find one that comes twice."""


class Block(NamedTuple):
    """Consecutive segments of a transaction set; `canonical` has them with the delimiters of `CANONICAL`."""

    segments: list[str]
    canonical: list[str]
    first: int  # the index of the first segment, from 1 over the whole file

    def followed_by(self, other: "Block") -> "Block":
        if not self.segments:
            return other
        segments = self.segments + other.segments
        canonical = segments if other.canonical is other.segments else self.canonical + other.canonical
        return Block(segments, canonical, self.first)

    def cut(self, at: int) -> "tuple[Block, Block]":
        """The first `at` segments, and the others."""
        before, after = self.segments[:at], self.segments[at:]
        if self.canonical is self.segments:
            return Block(before, before, self.first), Block(after, after, self.first + at)
        return (
            Block(before, self.canonical[:at], self.first),
            Block(after, self.canonical[at:], self.first + at),
        )


@dataclass(slots=True)
class TransactionSet:
    """The segments from ST to SE, not yet understood: to be taken block by block, once, or `held`.
    `readable` becomes False, with a finding, where a segment is too long or too many were to be held."""

    header: list[str]  # the ST's elements: id, type, control number, version
    element: str
    component: str
    segment_index: int  # of the ST
    group_version: str | None  # GS08
    interchange_control_number: str
    blocks: Iterator[Block] = field(default_factory=lambda: iter(()))
    findings: FindingList = field(default_factory=FindingList)
    readable: bool = True
    group_control_number: str | None = None  # GS06
    group_date: str = ""  # GS04, as it stands
    segments: list[str] = field(default_factory=list)
    canonical: list[str] = field(default_factory=list)

    def hold(self) -> bool:
        """Take all segments into memory; False where that may not be, or makes no sense."""
        for block in self.blocks:
            if self.readable:
                self.segments += block.segments
                self.canonical += block.canonical
            if len(self.segments) > MAX_SEGMENTS:
                self.refuse_as_too_large()
                self.segments, self.canonical = [], []
        return self.readable

    def skip(self) -> None:
        """Pass over what is left of the segments; counts and control numbers are checked all the same."""
        for _ in self.blocks:
            pass

    def refuse_as_too_large(self) -> None:
        """Say once that the set, or what must be held of it, has no place in memory."""
        if self.readable:
            self.readable = False
            report_too_large(self.findings, self.segment_index)


def report_too_large(findings: FindingList, segment_index: int) -> None:
    """Of the transaction set whose ST is at this index."""
    message = (
        f"The transaction set at segment {segment_index} has over {MAX_SEGMENTS} segments to be held at "
        f"once, or one longer than {MAX_SEGMENT_CHARACTERS} characters. Ask the sender to split it."
    )
    findings.add("too-large", Severity.FATAL, message, at=segment_index, segment="ST")


class Interchange:
    """A walk over one interchange. `segment_index` is that of the last segment passed."""

    def __init__(
        self,
        start: InterchangeStart,
        delimiters: Delimiters,
        pieces: Iterable[str],
        segments_before: int,
        findings: FindingList,
    ) -> None:
        self.segment_index = segments_before
        self._findings = findings
        self._delimiters = delimiters
        self._lower_case = start.lower_case
        capitals = map(str.upper, pieces) if start.lower_case else pieces
        self._texts = _whole_segments(capitals, delimiters)
        self._text, self._position = "", 0
        self._translation = delimiters.to_canonical()
        self._isa_width = start.isa_width
        end, element = re.escape(delimiters.segment), re.escape(delimiters.element)
        self._next_envelope_segment = re.compile(f"{end}(?:S[ET]|G[SE]|IEA){element}")
        self._control_number = ""
        self._groups = 0
        self._group: list[str] | None = None
        self._control_numbers: set[str] = set()
        self._sets = self._sets_in_group = 0
        self._ended = False

    def transaction_sets(self) -> Iterator[TransactionSet]:
        """Yield each ST to SE; what stands around them becomes findings of the file."""
        opening = "ST" + self._delimiters.element
        while self._more_text():
            if self._text.startswith(opening, self._position):
                found = self._open_set()
                yield found
                found.skip()
            else:
                self._envelope_segment(self._segment())
        self._close_group()
        if not self._ended:
            self._report_missing_end()

    def _more_text(self) -> bool:
        """Whether a segment begins at the position. The text begins with a terminator, so that one stands
        before every segment."""
        while self._position >= len(self._text):
            text = next(self._texts, None)
            if text is None:
                return False
            self._text, self._position = self._delimiters.segment + text, 1
        return True

    def _segment(self) -> str:
        begin, end = self._position, self._end_of_segment(self._position)
        self._position = end + 1
        self.segment_index += 1
        return self._text[begin:end]

    def _report_missing_end(self) -> None:
        number = quoted(self._control_number)
        if self._sets:
            self._fault("missing-iea", f"Interchange {number} has no IEA at its end.", None, None)
            return
        message = f"Interchange {number} breaks off before its first transaction set. Ask for the whole file."
        self._findings.add("missing-iea", Severity.FATAL, message, at=self.segment_index)

    def _end_of_segment(self, position: int) -> int:
        end = self._text.find(self._delimiters.segment, position)
        return len(self._text) if end < 0 else end

    def _envelope_segment(self, segment: str) -> None:
        elements = [*segment.split(self._delimiters.element, 20), *[""] * 16]
        match elements[0]:
            case "ISA" if not self._control_number:
                self._open_interchange(elements)
            case "GS":
                self._close_group()
                self._groups += 1
                self._group, self._sets_in_group, self._control_numbers = elements, 0, set()
            case "GE" if self._group is not None:
                self._check_group(elements, self._group)
                self._group = None
            case "IEA" if not self._ended:
                self._close_group()
                self._check_interchange(elements)
            case "TA1":
                self._report_refused_interchange(elements)
            case _ if segment.strip(" \t\x1a\ufeff"):
                message = f"Segment {self.segment_index}, {quoted(segment)}, belongs to no transaction set."
                self._fault("unexpected-segment", message, elements[0][:3], None)

    def _open_interchange(self, elements: list[str]) -> None:
        self._control_number = elements[13].strip()
        if self._lower_case:
            message = "The interchange is written in small letters; it was read as if in capitals."
            self._fault("lower-case", message, "ISA", None)
        if self._isa_width != ISA_WIDTH:
            message = (
                f"The ISA has {self._isa_width} characters, not {ISA_WIDTH}; separators were counted instead."
            )
            self._fault("isa-width", message, "ISA", None)

    def _report_refused_interchange(self, ta1: list[str]) -> None:
        """TA104: A taken in, E taken in with errors, R refused; TA105 says why."""
        if ta1[4] == "R":
            message = (
                f"The receiver refused our interchange {quoted(ta1[1])} as a whole (TA1, segment "
                f"{self.segment_index}, note code {quoted(ta1[5])}): no claim in it was taken in. Correct it "
                "and send it again."
            )
            self._findings.add(
                "interchange-refused",
                Severity.VALUE,
                message,
                at=self.segment_index,
                segment="TA1",
                element=4,
            )

    def _check_group(self, ge: list[str], gs: list[str]) -> None:
        if not _counts(ge[1], self._sets_in_group):
            message = f"GE01 says {quoted(ge[1])} transaction sets; the group has {self._sets_in_group}."
            self._fault("group-count", message, "GE", 1)
        if ge[2].strip() != gs[6].strip():
            message = f"GE02 is {quoted(ge[2])}, but GS06 is {quoted(gs[6])}."
            self._fault("group-control-number", message, "GE", 2)

    def _check_interchange(self, iea: list[str]) -> None:
        self._ended = True
        if not _counts(iea[1], self._groups):
            message = f"IEA01 says {quoted(iea[1])} groups; the interchange has {self._groups}."
            self._fault("interchange-count", message, "IEA", 1)
        if iea[2].strip() != self._control_number:
            message = f"IEA02 is {quoted(iea[2])}, but ISA13 is {quoted(self._control_number)}."
            self._fault("interchange-control-number", message, "IEA", 2)

    def _close_group(self) -> None:
        if self._group is not None:
            message = f"Group {quoted(self._group[6])} has no GE at its end."
            self._fault("missing-ge", message, None, None)
            self._group = None

    def _fault(self, code: str, message: str, segment: str | None, element: int | None) -> None:
        self._findings.add(
            code, Severity.ENVELOPE, message, at=self.segment_index, segment=segment, element=element
        )

    def _open_set(self) -> TransactionSet:
        st = self._text[self._position : self._end_of_segment(self._position)]
        self._sets += 1
        self._sets_in_group += 1
        found = TransactionSet(
            [*st[:MAX_SEGMENT_CHARACTERS].split(self._delimiters.element), "", "", ""][:4],
            self._delimiters.element,
            self._delimiters.component,
            self.segment_index + 1,
            (self._group[8].strip() or None) if self._group else None,
            self._control_number,
            group_control_number=(self._group[6].strip() or None) if self._group else None,
            group_date=self._group[4].strip() if self._group else "",
        )
        found.blocks = self._blocks(found)
        if self._group is None:
            message = f"The transaction set at segment {found.segment_index} stands outside any group (GS)."
            found.findings.add("missing-gs", Severity.ENVELOPE, message, at=found.segment_index, segment="ST")
        self._check_control_number(found)
        return found

    def _blocks(self, found: TransactionSet) -> Iterator[Block]:
        searched = self._position  # past the terminator before the ST
        while self._more_text():
            begin = self._position
            following = self._next_envelope_segment.search(self._text, max(searched, begin - 1))
            searched = 0
            end = len(self._text)
            is_last = following is not None and self._text.startswith("SE", following.start() + 1)
            if following is not None:
                end = self._end_of_segment(following.end()) if is_last else following.start()
            if end > begin:
                block = self._block(found, self._text[begin:end])
                self.segment_index += len(block.segments)
                yield block
            self._position = end + 1
            if is_last:
                _check_trailer(found, block.segments[-1], self.segment_index)
                return
            if following is not None:
                break
        self._report_broken_off(found, block.segments[-1].split(self._delimiters.element))

    def _report_broken_off(self, found: TransactionSet, last: list[str]) -> None:
        segment, element, index = last[0][:MAX_SEGMENT_ID], len(last) - 1, self.segment_index
        where = place(segment, element, index) if element else f"{segment} (segment {index})"
        message = (
            f"The file breaks off at {where}: the transaction set that begins at segment "
            f"{found.segment_index} has no SE. Ask the sender for the whole file."
        )
        found.findings.add(
            "missing-se", Severity.FATAL, message, at=index, segment=segment, element=element or None
        )

    def _block(self, found: TransactionSet, text: str) -> Block:
        mark = self._delimiters.segment
        segments = text.split(mark)
        if _has_long_segment(text, mark):
            found.refuse_as_too_large()
            segments = [segment[:MAX_SEGMENT_CHARACTERS] for segment in segments]
        elif _has_long_element(text, mark, found.element):
            _report_long_elements(found, segments, self.segment_index + 1)
        canonical = segments
        if self._translation is not None:
            canonical = mark.join(segments).translate(self._translation).split(CANONICAL[-1])
        return Block(segments, canonical, self.segment_index + 1)

    def _check_control_number(self, found: TransactionSet) -> None:
        number = found.header[2]
        if number in self._control_numbers:
            message = f"ST02 {quoted(number)} (segment {found.segment_index}) occurs twice in its group."
            found.findings.add(
                "duplicate-control-number",
                Severity.ENVELOPE,
                message,
                at=found.segment_index,
                segment="ST",
                element=2,
            )
        if len(self._control_numbers) < MAX_CONTROL_NUMBERS:
            self._control_numbers.add(number)


def _whole_segments(pieces: Iterable[str], delimiters: Delimiters) -> Iterator[str]:
    """Texts of whole segments with nothing but the terminator between them, each as long as a piece or so.
    A segment beyond the limit is cut short of its end, just not so far that it looks allowed."""
    end, rest = delimiters.segment, ""
    for piece in pieces:
        text = rest + without_line_breaks(piece, delimiters)
        whole, _, rest = text.rpartition(end)
        rest = rest[: MAX_SEGMENT_CHARACTERS + 1]
        if whole := tidied(whole, delimiters):
            yield whole
    if rest := tidied(rest, delimiters):
        yield rest


def _has_long_segment(text: str, end: str) -> bool:
    """Whether a segment exceeds the limit, by steps from one segment's end to the last one within reach."""
    begin = 0
    while len(text) - begin > MAX_SEGMENT_CHARACTERS:
        begin = text.rfind(end, begin, begin + MAX_SEGMENT_CHARACTERS + 1) + 1
        if begin == 0:
            return True
    return False


def _has_long_element(text: str, end: str, element: str) -> bool:
    """Whether an element exceeds the limit, by steps like those of `_has_long_segment`."""
    begin = 0
    while len(text) - begin > MAX_ELEMENT_CHARACTERS:
        reach = begin + MAX_ELEMENT_CHARACTERS + 1
        begin = max(text.rfind(end, begin, reach), text.rfind(element, begin, reach)) + 1
        if begin == 0:
            return True
    return False


def _report_long_elements(found: TransactionSet, segments: list[str], first: int) -> None:
    for index, segment in enumerate(segments, start=first):
        if len(segment) > MAX_ELEMENT_CHARACTERS:
            name, *values = segment.split(found.element)
            for element, value in enumerate(values, start=1):
                if len(value) > MAX_ELEMENT_CHARACTERS:
                    message = (
                        f"{place(name[:MAX_SEGMENT_ID], element, index)} has {len(value):,} characters, more "
                        f"than the {MAX_ELEMENT_CHARACTERS} that are stored. Its transaction set is held "
                        "back; ask the sender for a file with the right value."
                    )
                    found.findings.add(
                        "element-too-long",
                        Severity.FATAL,
                        message,
                        at=index,
                        segment=name[:MAX_SEGMENT_ID],
                        element=element,
                    )


def _check_trailer(found: TransactionSet, trailer: str, index: int) -> None:
    se, count = [*trailer.split(found.element), "", ""], index - found.segment_index + 1
    if not _counts(se[1], count):
        message = f"SE01 (segment {index}) says {quoted(se[1])} segments; the transaction set has {count}."
        found.findings.add("segment-count", Severity.ENVELOPE, message, at=index, segment="SE", element=1)
    if se[2].strip() != found.header[2].strip():
        message = f"SE02 (segment {index}) is {quoted(se[2])}, but ST02 is {quoted(found.header[2])}."
        found.findings.add("control-number", Severity.ENVELOPE, message, at=index, segment="SE", element=2)


def _counts(stated: str, actual: int) -> bool:
    stated = stated.strip()
    return stated.isascii() and stated.isdigit() and stated.lstrip("0") == str(actual).lstrip("0")
