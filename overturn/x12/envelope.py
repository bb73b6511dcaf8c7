"""One interchange (ISA to IEA) taken apart into its transaction sets, its counts and numbers checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from overturn.x12.delimiters import CANONICAL, ISA_WIDTH, Delimiters, without_layout
from overturn.x12.findings import FindingList, Severity, quoted

MAX_SEGMENTS: Final = 400_000
"""Of one transaction set: some forty times what the 835 guide advises (10,000 claims)."""

MAX_SEGMENT_CHARACTERS: Final = 20_000
"""Of one segment; the longest that the guides allow has a few hundred."""


@dataclass(slots=True)
class TransactionSet:
    """The segments from ST to SE, not yet understood. `canonical` holds the same segments with the
    delimiters of `CANONICAL`; both are just the ST where the set is too large to read."""

    segments: list[str]
    canonical: list[str]
    element: str
    component: str
    segment_index: int  # of the ST, from 1 over the whole file
    group_version: str | None  # GS08
    interchange_control_number: str
    findings: FindingList = field(default_factory=FindingList)
    readable: bool = True
    group_control_number: str | None = None  # GS06
    group_date: str = ""  # GS04, as it stands

    @property
    def header(self) -> list[str]:
        """The ST's elements: id, type, control number, version."""
        return [*self.segments[0].split(self.element), "", "", ""][:4]


class Interchange:
    """A walk over one interchange. `segment_index` is that of the last segment passed."""

    def __init__(
        self, text: str, delimiters: Delimiters, isa_width: int, segments_before: int, findings: FindingList
    ) -> None:
        self.segment_index = segments_before
        self._findings = findings
        self._delimiters = delimiters
        self._text = without_layout(text, delimiters)
        self._translation = delimiters.to_canonical()
        self._isa_width = isa_width
        end, element = re.escape(delimiters.segment), re.escape(delimiters.element)
        self._next_envelope_segment = re.compile(f"{end}(SE|ST|GS|GE|IEA){element}")
        self._control_number = ""
        self._groups = 0
        self._group: list[str] | None = None
        self._control_numbers: set[str] = set()
        self._sets = self._sets_in_group = 0
        self._ended = False

    def transaction_sets(self) -> Iterator[TransactionSet]:
        """Yield each ST to SE; what stands around them becomes findings of the file."""
        text, position = self._text, 0
        opening = "ST" + self._delimiters.element
        while position < len(text):
            if text.startswith(opening, position):
                end, complete = self._end_of_set(position)
                yield self._transaction_set(text[position:end], complete=complete)
            else:
                end = self._end_of_segment(position)
                self.segment_index += 1
                self._envelope_segment(text[position:end])
            position = end + 1
        self._close_group()
        if not self._ended:
            self._report_missing_end()

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

    def _end_of_set(self, position: int) -> tuple[int, bool]:
        following = self._next_envelope_segment.search(self._text, position)
        if following is None:
            return len(self._text), False
        if following[1] != "SE":
            return following.start(), False
        return self._end_of_segment(following.end()), True

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
                pass
            case _ if segment.strip(" \t\x1a\ufeff"):
                message = f"Segment {self.segment_index}, {quoted(segment)}, belongs to no transaction set."
                self._fault("unexpected-segment", message, elements[0][:3], None)

    def _open_interchange(self, elements: list[str]) -> None:
        self._control_number = elements[13].strip()
        if self._isa_width != ISA_WIDTH:
            message = (
                f"The ISA has {self._isa_width} characters, not {ISA_WIDTH}; separators were counted instead."
            )
            self._fault("isa-width", message, "ISA", None)

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

    def _transaction_set(self, text: str, *, complete: bool) -> TransactionSet:
        first = self.segment_index + 1
        count = text.count(self._delimiters.segment) + 1
        self.segment_index += count
        self._sets += 1
        self._sets_in_group += 1
        found = self._split(text, first, count)
        if self._group is None:
            message = f"The transaction set at segment {first} stands outside any group (GS)."
            found.findings.add("missing-gs", Severity.ENVELOPE, message, at=first, segment="ST")
        self._check_control_number(found)
        if not complete:
            message = (
                f"The transaction set at segment {first} breaks off at segment {first + count - 1}, without "
                "an SE. Ask the sender for the whole file."
            )
            found.findings.add("missing-se", Severity.FATAL, message, at=first, segment="ST")
        elif found.readable:
            _check_trailer(found, count)
        return found

    def _split(self, text: str, first: int, count: int) -> TransactionSet:
        segments = text.split(self._delimiters.segment) if count <= MAX_SEGMENTS else []
        readable = bool(segments) and max(map(len, segments)) <= MAX_SEGMENT_CHARACTERS
        if not readable:
            segments = [text[:MAX_SEGMENT_CHARACTERS].split(self._delimiters.segment, 1)[0]]
        found = TransactionSet(
            segments,
            self._canonical(segments),
            self._delimiters.element,
            self._delimiters.component,
            first,
            (self._group[8].strip() or None) if self._group else None,
            self._control_number,
            readable=readable,
            group_control_number=(self._group[6].strip() or None) if self._group else None,
            group_date=self._group[4].strip() if self._group else "",
        )
        if not readable:
            message = (
                f"The transaction set at segment {first} has over {MAX_SEGMENTS} segments or one longer than "
                f"{MAX_SEGMENT_CHARACTERS} characters. Ask the sender to split it."
            )
            found.findings.add("too-large", Severity.FATAL, message, at=first, segment="ST")
        return found

    def _canonical(self, segments: list[str]) -> list[str]:
        if self._translation is None:
            return segments
        text = self._delimiters.segment.join(segments).translate(self._translation)
        return text.split(CANONICAL[-1])

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
        self._control_numbers.add(number)


def _check_trailer(found: TransactionSet, count: int) -> None:
    se = [*found.segments[-1].split(found.element), "", ""]
    index = found.segment_index + count - 1
    if not _counts(se[1], count):
        message = f"SE01 (segment {index}) says {quoted(se[1])} segments; the transaction set has {count}."
        found.findings.add("segment-count", Severity.ENVELOPE, message, at=index, segment="SE", element=1)
    if se[2].strip() != found.header[2].strip():
        message = f"SE02 (segment {index}) is {quoted(se[2])}, but ST02 is {quoted(found.header[2])}."
        found.findings.add("control-number", Severity.ENVELOPE, message, at=index, segment="SE", element=2)


def _counts(stated: str, actual: int) -> bool:
    stated = stated.strip()
    return stated.isascii() and stated.isdigit() and stated.lstrip("0") == str(actual).lstrip("0")
