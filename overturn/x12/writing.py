"""An 837P out: claims of the record as replacements, voids or new claims, in one new interchange.

Nothing here looks at a clock or draws a number: who sends, when and under which numbers comes with the
`Envelope`. Written by the rules of 005010X222A1.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Final

from overturn.domain.resubmission import Resubmission
from overturn.x12.correcting import corrected_claim
from overturn.x12.delimiters import CANONICAL, find_interchanges
from overturn.x12.file import decode

VERSION: Final = "005010X222A1"
TRANSACTION_NUMBER: Final = "0001"

_ELEMENT, _COMPONENT, _REPETITION, _TERMINATOR = CANONICAL
_LEVELS: Final = ("20", "22", "23")  # HL03: billing provider, subscriber, patient
_HIGHEST_CONTROL_NUMBER: Final = 999_999_999
_LONGEST_ID: Final = 15  # ISA06, ISA08, and GS02, GS03
_LONGEST_REFERENCE: Final = 50  # BHT03

Segment = tuple[str, ...]
Level = tuple[Segment, ...]
"""What stands under one HL, without the HL itself."""


class ClaimFileError(ValueError):
    """The file cannot be written; `faults` says why, one sentence each, for a biller."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, when, and under which numbers.

    `control_number` (1 to 999,999,999) is that of the interchange and of its one group, and has to be new
    for each file between the two; `batch_reference` (BHT03) comes back in the acknowledgement.
    """

    sender: str
    receiver: str
    control_number: int
    batch_reference: str
    written_at: datetime
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    test: bool = False

    def faults(self) -> list[str]:
        texts = {
            "sender": (self.sender, _LONGEST_ID),
            "receiver": (self.receiver, _LONGEST_ID),
            "batch reference": (self.batch_reference, _LONGEST_REFERENCE),
        }
        found: list[str] = []
        for name, (text, longest) in texts.items():
            found += _text_faults(f"The {name}", text)
            if len(text) > longest:
                found.append(f"The {name} '{text}' is longer than {longest} characters.")
        if not 1 <= self.control_number <= _HIGHEST_CONTROL_NUMBER:
            found.append(f"The control number {self.control_number} is not one of 1 to 999999999.")
        return found


@dataclass(slots=True)
class _Branch:
    """One HL to be written: the levels below it, and the claims that stand right under it."""

    below: dict[Level, "_Branch"] = field(default_factory=dict)
    claims: list[list[str]] = field(default_factory=list)


def envelope_like(
    data: bytes, *, control_number: int, batch_reference: str, written_at: datetime
) -> Envelope:
    """An envelope between the same two as the first interchange of `data`.

    Raises `ClaimFileError` where `data` has no ISA that can be read.
    """
    text = decode(data)
    start = next(find_interchanges(text), None)
    if start is None or start.delimiters is None:
        raise ClaimFileError(["The file has no ISA that says who sent it and to whom."])
    isa = text[start.position : start.position + start.isa_width].split(start.delimiters.element)
    sender_qualifier, sender, receiver_qualifier, receiver = (element.strip() for element in isa[5:9])
    return Envelope(
        sender, receiver, control_number, batch_reference, written_at, sender_qualifier, receiver_qualifier
    )


def write_resubmissions(resubmissions: Sequence[Resubmission], envelope: Envelope) -> bytes:
    """One 837P with these claims, each under its own billing provider, subscriber and patient.

    Claims under the same provider, subscriber or patient stand under one HL, in the order given. Delimiters
    are `*:^~`, the encoding is UTF-8. Raises `ClaimFileError` with everything that stands in the way.
    """
    faults = [*envelope.faults(), *_faults(resubmissions)]
    if faults:
        raise ClaimFileError(faults)
    body = [*_header(resubmissions[0], envelope), *_hierarchy(_grouped(resubmissions), count(1))]
    return framed(body, envelope, transaction_type="837", group_code="HC", version=VERSION)


def framed(
    body: Sequence[str], envelope: Envelope, *, transaction_type: str, group_code: str, version: str
) -> bytes:
    """The segments between ST and SE as a file: one transaction set in one group in one interchange."""
    total = str(len(body) + len(("ST", "SE")))
    segments = [
        *_opening(envelope, group_code, version),
        _joined("ST", transaction_type, TRANSACTION_NUMBER, version),
        *body,
        _joined("SE", total, TRANSACTION_NUMBER),
        _joined("GE", "1", str(envelope.control_number)),
        _joined("IEA", "1", f"{envelope.control_number:09d}"),
    ]
    return "".join(segment + _TERMINATOR for segment in segments).encode()


def _faults(resubmissions: Sequence[Resubmission]) -> Iterator[str]:
    if not resubmissions:
        yield "There is no claim to write."
    for resubmission in resubmissions:
        yield from resubmission.faults()
        yield from _structure_faults(resubmission)
    names = Counter((r.original.billing_provider.identifier, _name(r)) for r in resubmissions)
    for (_, name), times in names.items():
        if times > 1:
            yield f"Claim {name} is given {times} times: send each claim once in a file."
    yield from _header_faults(resubmissions)


def _structure_faults(resubmission: Resubmission) -> Iterator[str]:
    """What the stored segments lack, and what must not stand in a value that is put among them."""
    original, name = resubmission.original, f"Claim {_name(resubmission)}"
    levels = [_elements(s)[3:4] for s in original.parent_segments if s.startswith("HL*")]
    if levels not in ([["20"], ["22"]], [["20"], ["22"], ["23"]]):
        yield (
            f"{name} is not stored under its billing provider (HL 20), subscriber (HL 22) and, where it has "
            "one, patient (HL 23): load its 837P again."
        )
    if not original.segments:
        yield f"{name} is stored without its segments: load its 837P again."
    if any(s.startswith("REF*87*004010") for s in original.parent_segments):
        yield f"{name} was sent in version 4010, which cannot be sent any more: make it anew."
    corrections = resubmission.corrections
    provider = corrections.rendering_provider
    texts = {
        "payer claim control number": resubmission.payer_claim_control_number,
        "authorization number": corrections.prior_authorization,
        "rendering provider's name": provider.name if provider else None,
        "rendering provider's first name": provider.first_name if provider else None,
    }
    for what, text in texts.items():
        if text:
            yield from _text_faults(f"{name}: the {what}", text)


def _text_faults(what: str, text: str) -> Iterator[str]:
    """Without the text: it may be of a patient, and a refusal goes through Temporal."""
    if not text.strip():
        yield f"{what} is blank."
    elif any(mark in text for mark in CANONICAL) or not text.isprintable():
        yield f"{what} holds a character that separates X12 data ({' '.join(CANONICAL)})."


def _header_faults(resubmissions: Sequence[Resubmission]) -> Iterator[str]:
    by_header: dict[Level, str] = {}
    for resubmission in resubmissions:
        by_header.setdefault(_sections(resubmission)[0], _name(resubmission))
    if len(by_header) > 1:
        names = " and ".join(list(by_header.values())[:2])
        yield f"Claims {names} were sent by or to different parties: write one file for each."


def _name(resubmission: Resubmission) -> str:
    return resubmission.original.patient_control_number


def _sections(resubmission: Resubmission) -> list[Level]:
    """The parents' segments from the submitter on, cut before each HL, the HLs and the old BHT left out."""
    sections: list[list[Segment]] = [[]]
    for segment in resubmission.original.parent_segments:
        elements = tuple(_elements(segment))
        if elements[0] == "HL":
            sections.append([])
        elif elements[0] != "BHT":
            sections[-1].append(elements)
    return [tuple(section) for section in sections]


def _grouped(resubmissions: Sequence[Resubmission]) -> _Branch:
    root = _Branch()
    for resubmission in resubmissions:
        branch = root
        for level in _sections(resubmission)[1:]:
            branch = branch.below.setdefault(level, _Branch())
        branch.claims.append(corrected_claim(resubmission))
    return root


def _opening(envelope: Envelope, group_code: str, version: str) -> Iterator[str]:
    day, time = f"{envelope.written_at:%y%m%d}", f"{envelope.written_at:%H%M}"
    number, usage, blank = envelope.control_number, "T" if envelope.test else "P", " " * 10
    yield _joined(
        "ISA", "00", blank, "00", blank, envelope.sender_qualifier, f"{envelope.sender:15}",
        envelope.receiver_qualifier, f"{envelope.receiver:15}", day, time, _REPETITION, "00501",
        f"{number:09d}", "0", usage, _COMPONENT,
    )  # fmt: skip
    yield _joined(
        "GS", group_code, envelope.sender, envelope.receiver, f"{envelope.written_at:%Y%m%d}", time,
        str(number), "X", version,
    )  # fmt: skip


def _header(first: Resubmission, envelope: Envelope) -> Iterator[str]:
    """BHT02 00 (original transmission) and BHT06 CH (chargeable); then submitter and receiver as before."""
    day, time = f"{envelope.written_at:%Y%m%d}", f"{envelope.written_at:%H%M}"
    yield _joined("BHT", "0019", "00", envelope.batch_reference, day, time, "CH")
    for segment in _sections(first)[0]:
        yield _joined(*segment)


def _hierarchy(branch: _Branch, numbers: Iterator[int], parent: str = "", depth: int = 0) -> Iterator[str]:
    """Every level with its HL, numbered in the order written (HL04: 1 where a level stands below)."""
    for segments, child in branch.below.items():
        number = str(next(numbers))
        yield _joined("HL", number, parent, _LEVELS[depth], "1" if child.below else "0")
        yield from (_joined(*segment) for segment in segments)
        for claim in child.claims:
            yield from claim
        yield from _hierarchy(child, numbers, number, depth + 1)


def _elements(segment: str) -> list[str]:
    return segment.split(_ELEMENT)


def _joined(*elements: str) -> str:
    return _ELEMENT.join(elements)
