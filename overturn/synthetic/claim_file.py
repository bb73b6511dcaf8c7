"""The 837P (005010X222A1): the claims the practice sends in one day."""

from collections.abc import Iterable, Iterator
from datetime import date

from overturn.synthetic.practice import (
    CLEARINGHOUSE_ID,
    CLEARINGHOUSE_NAME,
    GROUP_TAXONOMY,
    LOCATIONS,
    PRACTICE_NAME,
    PRACTICE_NPI,
    PRACTICE_TAX_ID,
    SUBMITTER_ID,
    Payer,
)
from overturn.synthetic.segments import Segment, compact, money
from overturn.synthetic.stories import ClaimStory
from overturn.synthetic.visits import BilledLine, Visit

CLAIM_VERSION = "005010X222A1"
TRANSACTION_NUMBER = 1


def batch_reference(submitted_on: date) -> str:
    """BHT03, which the clearinghouse's acknowledgement repeats."""
    return f"BATCH{compact(submitted_on)}"


def clearinghouse_number(patient_control_number: str) -> str:
    """REF*D9: what the clearinghouse calls the claim."""
    return f"SC{patient_control_number.replace('-', '')}"


def line_control_number(patient_control_number: str, line: BilledLine) -> str:
    """REF*6R: the practice's number for a line, which the 835 repeats."""
    return f"{patient_control_number}-{line.number}"


def claim_batch(stories: Iterable[ClaimStory], submitted_on: date, *, faulty: bool) -> Iterator[Segment]:
    """The segments between ST and SE; a faulty batch lacks the billing provider's street (N3)."""
    yield ("BHT", "0019", "00", batch_reference(submitted_on), compact(submitted_on), "1705", "CH")
    yield ("NM1", "41", "2", PRACTICE_NAME, "", "", "", "", "46", SUBMITTER_ID)
    yield ("PER", "IC", "BILLING OFFICE", "TE", "5550100100")
    yield ("NM1", "40", "2", CLEARINGHOUSE_NAME, "", "", "", "", "46", CLEARINGHOUSE_ID)
    yield from (s for s in _billing_provider() if not (faulty and s[0] == "N3"))
    for number, story in enumerate(stories, start=2):
        yield from _subscriber(number, story.visit)
        yield from _claim(story)
        yield from _providers(story.visit)
        for line in story.visit.lines:
            yield from _line(story, line)


def _billing_provider() -> Iterator[Segment]:
    office = LOCATIONS[0]
    yield ("HL", "1", "", "20", "1")
    yield ("PRV", "BI", "PXC", GROUP_TAXONOMY)
    yield ("NM1", "85", "2", PRACTICE_NAME, "", "", "", "", "XX", PRACTICE_NPI)
    yield ("N3", office.street)
    yield ("N4", office.city, office.state, office.zip_code)
    yield ("REF", "EI", PRACTICE_TAX_ID)


def _subscriber(number: int, visit: Visit) -> Iterator[Segment]:
    patient, payer = visit.patient, visit.payer
    yield ("HL", str(number), "1", "22", "0")
    yield ("SBR", "P", "18", "", "", "", "", "", "", payer.filing_indicator)
    yield ("NM1", "IL", "1", patient.last_name, patient.first_name, "", "", "", "MI", patient.member_id)
    yield ("N3", patient.street)
    yield ("N4", "SAMPLETON", "PA", "190010003")
    yield ("DMG", "D8", compact(patient.born_on), patient.sex)
    yield ("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.identifier)


def _claim(story: ClaimStory) -> Iterator[Segment]:
    visit = story.visit
    place = ("11", "B", "1")
    yield ("CLM", story.patient_control_number, money(visit.charge), "", "", place, "Y", "A", "Y", "Y")
    yield ("DTP", "431", "D8", compact(visit.service_on.replace(day=1)))
    if visit.authorization:
        yield ("REF", "G1", visit.authorization)
    yield ("REF", "D9", clearinghouse_number(story.patient_control_number))
    qualifiers = ("ABK", *("ABF",) * (len(visit.diagnoses) - 1))
    if visit.note:
        yield ("NTE", "ADD", visit.note)
    yield ("HI", *zip(qualifiers, visit.diagnoses, strict=True))


def _providers(visit: Visit) -> Iterator[Segment]:
    certifier, therapist, location = visit.certifier, visit.therapist, visit.location
    yield ("NM1", "DN", "1", certifier.last_name, certifier.first_name, "", "", "", "XX", certifier.npi)
    yield ("NM1", "82", "1", therapist.last_name, therapist.first_name, "", "", "", "XX", therapist.npi)
    yield ("PRV", "PE", "PXC", therapist.taxonomy)
    yield ("NM1", "77", "2", location.name, "", "", "", "", "XX", location.npi)
    yield ("N3", location.street)
    yield ("N4", location.city, location.state, location.zip_code)
    if visit.secondary:
        yield from _secondary_payer(visit, visit.secondary)


def _secondary_payer(visit: Visit, secondary: Payer) -> Iterator[Segment]:
    """Loop 2320: the payer Medicare forwards its answer to."""
    patient = visit.patient
    member_id = secondary.member_id_prefix + patient.member_id
    yield ("SBR", "S", "18", "", "", "", "", "", "", secondary.filing_indicator)
    yield ("OI", "", "", "Y", "", "", "Y")
    yield ("NM1", "IL", "1", patient.last_name, patient.first_name, "", "", "", "MI", member_id)
    yield ("NM1", "PR", "2", secondary.name, "", "", "", "", "PI", secondary.identifier)


def _line(story: ClaimStory, line: BilledLine) -> Iterator[Segment]:
    pointers = tuple(str(n) for n in range(1, len(story.visit.diagnoses) + 1))
    procedure = ("HC", line.procedure, *line.modifiers)
    yield ("LX", str(line.number))
    yield ("SV1", procedure, money(line.charge), "UN", str(line.units), "", "", pointers)
    yield ("DTP", "472", "D8", compact(story.visit.service_on))
    yield ("REF", "6R", line_control_number(story.patient_control_number, line))
