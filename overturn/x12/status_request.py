"""A 276 out: what became of claims a payer has not answered, by the rules of 005010X212.

Everything it says comes from the claims as they were sent. Who asks, when and under which numbers comes with
the `Envelope`, as for an 837P (`overturn.x12.writing`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim
from overturn.x12.delimiters import CANONICAL
from overturn.x12.writing import ClaimFileError, Envelope, framed

VERSION: Final = "005010X212"
LEVELS: Final = ("20", "21", "19", "22", "23")  # payer, who asks, provider, subscriber, patient

ORGANISATIONS: Final = ("PR", "1P")  # unless the provider is a person with a first name

_ELEMENT: Final = CANONICAL[0]

Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusInquiry:
    """One claim to ask after. The 277 brings the claim's own number back (TRN02, REF*EJ)."""

    claim: SubmittedClaim
    payer_claim_control_number: str | None = None  # where an acknowledgement told it


@dataclass(slots=True)
class _Level:
    """One HL to be written: the levels below it, and the claims asked after right under it."""

    below: dict[Segments, "_Level"] = field(default_factory=dict)
    claims: list[Segments] = field(default_factory=list)


def write_status_requests(inquiries: Sequence[StatusInquiry], envelope: Envelope) -> bytes:
    """One 276 that asks after these claims; raises `ClaimFileError` with all that stands in the way."""
    faults = [*envelope.faults(), *_faults(inquiries)]
    if faults:
        raise ClaimFileError(faults)
    written_at = envelope.written_at
    begin = f"BHT*0010*13*{envelope.batch_reference}*{written_at:%Y%m%d}*{written_at:%H%M}"
    body = [begin, *_hierarchy(_grouped(inquiries), count(1))]
    return framed(body, envelope, transaction_type="276", group_code="HR", version=VERSION)


def _faults(inquiries: Sequence[StatusInquiry]) -> Iterator[str]:
    if not inquiries:
        yield "There is no claim to ask after."
    for claim in (inquiry.claim for inquiry in inquiries):
        name = f"Claim {claim.patient_control_number}"
        needed = {
            "the payer's identifier (NM1*PR, element 9)": claim.payer.identifier,
            "the billing provider's NPI (NM1*85, element 9)": claim.billing_provider.identifier,
            "the subscriber's member number (NM1*IL, element 9)": claim.subscriber.identifier,
            "its submitter (NM1*41)": _parent(claim, "NM1*41"),
            "a date of service (DTP*472)": _service_dates(claim),
        }
        for what, found in needed.items():
            if not found:
                yield f"{name} was sent without {what}: ask the payer by telephone or on its portal."


def _grouped(inquiries: Sequence[StatusInquiry]) -> _Level:
    root = _Level()
    for inquiry in inquiries:
        level = root
        for segments in _path(inquiry.claim):
            level = level.below.setdefault(segments, _Level())
        level.claims.append(_question(inquiry))
    return root


def _path(claim: SubmittedClaim) -> Iterator[Segments]:
    """What stands under each HL, from the payer down to the patient."""
    submitter = (_parent(claim, "NM1*41") or "").split("*")
    yield (_name("PR", claim.payer, "PI"),)
    yield ("*".join(submitter[:10]),)
    yield (_name("1P", claim.billing_provider, "XX"),)
    insured = _name("IL", claim.subscriber, "MI")
    if claim.patient is None:
        yield (*_demographics(claim), insured)
    else:
        yield (insured,)
        yield (*_demographics(claim), _name("QC", claim.patient, None))


def _question(inquiry: StatusInquiry) -> Segments:
    claim = inquiry.claim
    known = inquiry.payer_claim_control_number or claim.payer_claim_control_number
    return (
        f"TRN*1*{claim.patient_control_number}",
        *([f"REF*1K*{known}"] if known else ()),
        f"REF*EJ*{claim.patient_control_number}",
        *([f"REF*D9*{claim.claim_identifier}"] if claim.claim_identifier else ()),
        f"AMT*T3*{claim.charge_amount:f}",
        f"DTP*472*{_service_dates(claim)}",
    )


def _service_dates(claim: SubmittedClaim) -> str:
    """First and last day of service as DTP02 and DTP03; empty where no line has one."""
    days = [day for line in claim.lines for day in (line.service_on, line.service_to) if day]
    if not days:
        return ""
    first, last = min(days), max(days)
    return f"D8*{first:%Y%m%d}" if first == last else f"RD8*{first:%Y%m%d}-{last:%Y%m%d}"


def _demographics(claim: SubmittedClaim) -> Segments:
    """Birth date and sex as sent, of the patient (the last DMG above a claim is the patient's own)."""
    sent = _parent(claim, "DMG")
    return (sent,) if sent else ()


def _parent(claim: SubmittedClaim, start: str) -> str | None:
    """The last segment above the claim that begins so."""
    return next((s for s in reversed(claim.parent_segments) if s.startswith(f"{start}*")), None)


def _name(entity: str, party: Party, qualifier: str | None) -> str:
    person = "2" if entity in ORGANISATIONS and not party.first_name else "1"
    name = ["NM1", entity, person, party.name or "", party.first_name or "", "", "", ""]
    identified = [qualifier, party.identifier or ""] if qualifier else []
    return _ELEMENT.join([*name, *identified]).rstrip(_ELEMENT)


def _hierarchy(level: _Level, numbers: Iterator[int], parent: str = "", depth: int = 0) -> Iterator[str]:
    for segments, child in level.below.items():
        number = str(next(numbers))
        yield _ELEMENT.join(["HL", number, parent, LEVELS[depth], "1" if child.below else "0"])
        yield from segments
        for claim in child.claims:
            yield from claim
        yield from _hierarchy(child, numbers, number, depth + 1)
