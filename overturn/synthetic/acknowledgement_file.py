"""The 277CA (005010X214): the clearinghouse's answer to one day's claims, payer by payer."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import count

from overturn.synthetic.claim_file import batch_reference, clearinghouse_number
from overturn.synthetic.fees import ZERO
from overturn.synthetic.practice import PRACTICE_NAME, PRACTICE_NPI, SUBMITTER_ID, Payer
from overturn.synthetic.segments import Segment, compact, money
from overturn.synthetic.stories import ClaimStory

ACKNOWLEDGEMENT_VERSION = "005010X214"

RECEIVED = ("A1", "19", "PR")
ACCEPTED = ("A2", "20", "PR")
REJECTIONS = (("A3", "33", "IL"), ("A3", "562", "82"), ("A3", "255"))
"""Subscriber not found, rendering NPI, diagnosis: returned before adjudication."""


def acknowledgement(
    payer: Payer, stories: Sequence[ClaimStory], submitted_on: date, received_on: date
) -> Iterator[Segment]:
    """The segments between ST and SE: one payer's answer to its claims of one batch."""
    reference = batch_reference(submitted_on)
    batch_id = f"{reference}-{payer.identifier}"
    yield ("BHT", "0085", "08", batch_id, compact(received_on), "0610", "TH")
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.identifier)
    yield ("TRN", "1", batch_id)
    yield ("DTP", "050", "D8", compact(received_on))
    yield ("DTP", "009", "D8", compact(received_on))
    yield from _receiver(stories, reference, received_on)
    yield from _provider(stories)
    for number, story in zip(count(4), stories, strict=False):
        yield from _claim(number, story, received_on)


def _receiver(stories: Sequence[ClaimStory], reference: str, received_on: date) -> Iterator[Segment]:
    yield ("HL", "2", "1", "21", "1")
    yield ("NM1", "41", "2", PRACTICE_NAME, "", "", "", "", "46", SUBMITTER_ID)
    yield ("TRN", "2", reference)
    yield ("STC", RECEIVED, compact(received_on), "WQ", money(_charges(stories)))
    yield from _totals(stories, accepted_count="90", rejected_count="AA")


def _provider(stories: Sequence[ClaimStory]) -> Iterator[Segment]:
    yield ("HL", "3", "2", "19", "1")
    yield ("NM1", "85", "2", PRACTICE_NAME, "", "", "", "", "XX", PRACTICE_NPI)
    yield ("TRN", "1", "0")
    yield ("STC", RECEIVED, "", "WQ", money(_charges(stories)))
    yield from _totals(stories, accepted_count="QA", rejected_count="QC")


def _totals(stories: Sequence[ClaimStory], *, accepted_count: str, rejected_count: str) -> Iterator[Segment]:
    accepted = [story for story in stories if not story.is_rejected]
    rejected = [story for story in stories if story.is_rejected]
    if accepted:
        yield ("QTY", accepted_count, str(len(accepted)))
    if rejected:
        yield ("QTY", rejected_count, str(len(rejected)))
    if accepted:
        yield ("AMT", "YU", money(_charges(accepted)))
    if rejected:
        yield ("AMT", "YY", money(_charges(rejected)))


def _claim(number: int, story: ClaimStory, received_on: date) -> Iterator[Segment]:
    patient = story.visit.patient
    rejection = REJECTIONS[number % len(REJECTIONS)]
    status, action = (rejection, "U") if story.is_rejected else (ACCEPTED, "WQ")
    yield ("HL", str(number), "3", "PT")
    yield ("NM1", "QC", "1", patient.last_name, patient.first_name, "", "", "", "MI", patient.member_id)
    yield ("TRN", "2", story.patient_control_number)
    message = ("",) * 7 + (story.visit.note,) if story.visit.note else ()
    yield ("STC", status, compact(received_on), action, money(story.charge), *message)
    if story.adjudications:
        yield ("REF", "1K", story.adjudications[0].control_number)
    yield ("REF", "D9", clearinghouse_number(story.patient_control_number))
    yield ("DTP", "472", "D8", compact(story.visit.service_on))


def _charges(stories: Sequence[ClaimStory]) -> Decimal:
    return sum((story.charge for story in stories), ZERO)
