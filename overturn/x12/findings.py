"""What is wrong with a file, said so that a biller can find the place and knows what follows from it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_FINDINGS: Final = 10_000
"""Per list. A file worse than this is damaged as a whole, and listing more would only cost memory."""

SHOWN_CHARACTERS: Final = 40


class Severity(StrEnum):
    """What a finding means for posting."""

    FATAL = "fatal"  # held back: what we read may not be what the payer said
    ENVELOPE = "envelope"  # counts, control numbers, layout: posted, and the sender is told
    MONEY = "money"  # does not add up: posted, and the difference is shown
    VALUE = "value"  # one value left out or unusual: posted without it


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `segment_index` counts the file's segments from 1 (the first ISA); `element` is the X12
    element number. All three places are None where the whole file is meant."""

    code: str
    message: str
    segment_index: int | None
    segment: str | None
    element: int | None
    severity: Severity


class FindingList(list[Finding]):
    """Findings in file order, at most `MAX_FINDINGS` and one more that says so."""

    def add(
        self,
        code: str,
        severity: Severity,
        message: str,
        *,
        at: int | None = None,
        segment: str | None = None,
        element: int | None = None,
    ) -> None:
        if len(self) < MAX_FINDINGS:
            self.append(Finding(code, message, at, segment, element, severity))
        elif len(self) == MAX_FINDINGS:
            message = (
                f"More than {MAX_FINDINGS} problems; the rest is not listed. Ask the sender for a new file."
            )
            self.append(Finding("too-many-findings", message, at, None, None, Severity.FATAL))

    @property
    def fatal(self) -> bool:
        return any(finding.severity is Severity.FATAL for finding in self)


def place(segment: str, element: int, index: int, whose: str = "") -> str:
    """Name an element as billers do: "CLP03 of claim PCN123 (segment 17)"."""
    return f"{segment}{element:02d}{f' of {whose}' if whose else ''} (segment {index})"


def quoted(value: str) -> str:
    """A value from the file, cut short and with anything unprintable shown as an escape."""
    shown = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown) + "'"


def report_missing(
    findings: FindingList, at: tuple[str, int, int], consequence: str, whose: str = ""
) -> None:
    """Say that a code or number is not there, and what follows from it; what it belongs to is posted. The
    place is a segment's id, an element's number and the segment's index."""
    segment, element, index = at
    message = f"{place(segment, element, index, whose)} is missing: {consequence}."
    findings.add("missing-value", Severity.VALUE, message, at=index, segment=segment, element=element)
