"""The 835 (005010X221A1): one payment with its claims, lines, adjustments, remarks and PLB."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby

from overturn.synthetic.adjudication import Adjudication, Adjustment, LineResult
from overturn.synthetic.claim_file import line_control_number
from overturn.synthetic.payments import Payment
from overturn.synthetic.practice import PRACTICE_NAME, PRACTICE_NPI, PRACTICE_TAX_ID, Payer
from overturn.synthetic.segments import Segment, compact, money
from overturn.synthetic.stories import ClaimStory

REMITTANCE_VERSION = "005010X221A1"

ADJUSTMENTS_PER_SEGMENT = 6
MEDICARE_APPEAL_RIGHTS = "MA01"  # an alert on every Medicare claim that has appeal rights
NO_APPEAL_RIGHTS = frozenset({"MA130", "N211"})


def remittance(payment: Payment) -> Iterator[Segment]:
    """The segments between ST and SE."""
    yield from _payment(payment)
    yield from _payer(payment.payer)
    yield ("N1", "PE", PRACTICE_NAME, "XX", PRACTICE_NPI)
    yield ("REF", "TJ", PRACTICE_TAX_ID)
    yield ("LX", "1")
    for story, answer in payment.answers:
        yield from _claim(payment.payer, story, answer)
        for line in answer.lines:
            yield from _line(story, line, sign=-1 if answer.is_reversal else 1)
    yield from _provider_adjustments(payment)


def _payment(payment: Payment) -> Iterator[Segment]:
    paid_on, origin = compact(payment.paid_on), f"1{payment.payer.tax_id}"
    if payment.amount:
        bank = ("01", "999988880", "DA", f"7{payment.payer.tax_id}")
        ours = ("01", "999977770", "DA", "4400100200")
        amount = money(payment.amount)
        yield ("BPR", "I", amount, "C", "ACH", "CCP", *bank, origin, "", *ours, paid_on)
    else:
        yield ("BPR", "H", "0.00", "C", "NON", *("",) * 11, paid_on)
    yield ("TRN", "1", payment.trace_number, origin)
    yield ("DTM", "405", compact(payment.paid_on - timedelta(days=1)))


def _payer(payer: Payer) -> Iterator[Segment]:
    yield ("N1", "PR", payer.name)
    yield ("N3", "900 SPECIMEN PLAZA")
    yield ("N4", "SAMPLETON", "PA", "190010009")
    yield ("REF", "2U", payer.identifier)
    yield ("PER", "BL", "PROVIDER SERVICES", "TE", "5550100900")


def _claim(payer: Payer, story: ClaimStory, answer: Adjudication) -> Iterator[Segment]:
    visit, patient, therapist = story.visit, story.visit.patient, story.visit.therapist
    yield (
        "CLP", story.patient_control_number, answer.status, money(answer.charge), money(answer.paid),
        money(answer.patient_responsibility), payer.remittance_filing_indicator,
        answer.control_number, "11", answer.frequency,
    )  # fmt: skip
    yield from _adjustments(answer.claim_adjustments)
    yield ("NM1", "QC", "1", patient.last_name, patient.first_name, "", "", "", "MI", patient.member_id)
    yield ("NM1", "82", "1", therapist.last_name, therapist.first_name, "", "", "", "XX", therapist.npi)
    if visit.secondary and not answer.secondary:
        forwarded_to = visit.secondary
        yield ("NM1", "TT", "2", forwarded_to.name, "", "", "", "", "PI", forwarded_to.identifier)
    remarks = _claim_remarks(payer, answer)
    if remarks:
        yield ("MOA", "", "", *remarks)
    if answer.replaces:
        yield ("REF", "F8", answer.replaces)
    yield ("DTM", "232", compact(visit.service_on))
    yield ("DTM", "233", compact(visit.service_on))
    yield ("DTM", "050", compact(story.submitted_on))


def _claim_remarks(payer: Payer, answer: Adjudication) -> tuple[str, ...]:
    if answer.is_reversal:
        return ()
    may_appeal = payer.is_medicare and not NO_APPEAL_RIGHTS & set(answer.claim_remarks)
    return ((MEDICARE_APPEAL_RIGHTS,) if may_appeal else ()) + answer.claim_remarks


def _adjustments(adjustments: Iterable[Adjustment]) -> Iterator[Segment]:
    """One CAS for each run of one group, six reasons at most."""
    for group, members in groupby(adjustments, key=lambda adjustment: adjustment.group):
        reasons = [(member.carc, money(member.amount), "") for member in members]
        for start in range(0, len(reasons), ADJUSTMENTS_PER_SEGMENT):
            some = reasons[start : start + ADJUSTMENTS_PER_SEGMENT]
            yield ("CAS", group, *(element for reason in some for element in reason))


def _line(story: ClaimStory, line: LineResult, *, sign: int) -> Iterator[Segment]:
    billed = line.billed
    sent = ("HC", billed.procedure, *billed.modifiers)
    procedure = ("HC", line.paid_as, *billed.modifiers) if line.paid_as else sent
    units = str(billed.units * sign)
    service = ("SVC", procedure, money(billed.charge * sign), money(line.paid), "", units)
    yield (*service, sent) if line.paid_as else service
    yield ("DTM", "472", compact(story.visit.service_on))
    yield from _adjustments(line.adjustments)
    yield ("REF", "6R", line_control_number(story.patient_control_number, billed))
    if line.allowed:
        yield ("AMT", "B6", money(line.allowed))
    for remark in line.remarks:
        yield ("LQ", "HE", remark)


def _provider_adjustments(payment: Payment) -> Iterator[Segment]:
    if payment.provider_adjustments:
        year_end = f"{payment.paid_on.year}1231"
        pairs = (
            element
            for adjustment in payment.provider_adjustments
            for element in ((adjustment.reason, adjustment.reference), money(adjustment.amount))
        )
        yield ("PLB", PRACTICE_NPI, year_end, *pairs)
