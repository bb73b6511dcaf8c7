"""What the record holds for an appeal's package: letter, remittance, claim, acceptance and documents."""

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import address_unknown, contact_of, practice_profile
from overturn.db.exhibits import supplied_exhibits
from overturn.db.submissions import latest_submissions
from overturn.domain.appeal_package import (
    AppealPackage,
    Cover,
    Document,
    PackageRecord,
    SegmentLine,
    Sheet,
)
from overturn.domain.channel_names import ChannelName
from overturn.domain.codes import format_dollars, format_stake
from overturn.domain.payer_contacts import PayerContact
from overturn.domain.submission import SubmittedClaim
from overturn.reporting.case_page import CaseRecord, LineFacts, PaymentFacts, case_record

RECOUPMENT: Final = "recoupment"


class AddressUnknownError(ValueError):
    """Nobody has said where appeals to this payer go by this channel."""


async def package_record(
    session: AsyncSession, *, case_id: UUID, letter_id: UUID, channel: ChannelName
) -> PackageRecord | None:
    """Everything for the package of one letter, or None where this case has no such letter.

    Raises:
        AddressUnknownError: there is no address to put on the cover.
    """
    letter = await session.get(tables.Letter, letter_id)
    record = await case_record(session, case_id)
    if letter is None or record is None or letter.case_id != case_id:
        return None
    case = await session.get_one(tables.DenialCase, case_id)
    contact = await contact_of(session, case, level=letter.level, channel=channel)
    if contact is None:
        raise AddressUnknownError(address_unknown(case.payer_name, channel))
    profile = await practice_profile(session)
    submitted = (await latest_submissions(session, [case.claim_id])).get(case.claim_id)
    facts = _facts(letter, record, profile)
    package = AppealPackage(
        claim=facts.get("payer_claim_control_number") or record.case.claim_number,
        title=letter.title.split(", claim ", maxsplit=1)[0],
        dated_on=letter.dated_on,
        cover=Cover(
            sender_lines(facts, profile), recipient_lines(facts, contact), tuple(_subject(facts, record))
        ),
        letter=letter.markdown,
        exhibits=(
            *_remittance_sheets(record),
            *([claim_sheet(submitted)] if submitted else []),
            *await _acceptance_sheets(session, case.claim_id),
            *await _documents(session, letter),
        ),
    )
    return PackageRecord(package, facts, case.line_of_business, letter.level, case.payer_key)


def _facts(letter: tables.Letter, record: CaseRecord, profile: tables.PracticeProfile) -> dict[str, str]:
    """The facts of the letter as it prints them, and what forms ask for beside them."""
    facts = dict(_claim_facts(record)) | {ground["fact"]: ground["value"] for ground in letter.grounds}
    denied = {denial.line_number for denial in record.denials}
    services = [
        " ".join([line.procedure or "", *line.modifiers]).strip()
        for line in record.lines
        if line.line_number in denied
    ]
    dates = [facts.get("service_from", ""), facts.get("service_to", "")]
    entered = {
        "practice_address": ", ".join(profile.address),
        "practice_phone": profile.phone,
        "signer_name": profile.signer_name,
        "signer_title": profile.signer_title,
    }
    facts |= {name: value for name, value in entered.items() if value}
    address = facts.get("practice_address", "")
    signer = [facts.get("signer_name", ""), facts.get("signer_title", "")]
    return facts | {
        "services": ", ".join(dict.fromkeys(filter(None, services))),
        "service_dates": " to ".join(dict.fromkeys(filter(None, dates))),
        "appellant": ", ".join(filter(None, (facts.get("practice_name", ""), address))),
        "signer": ", ".join(filter(None, signer)),
        "overpayment": "Yes" if record.case.cause == RECOUPMENT else "No",
    }


def _claim_facts(record: CaseRecord) -> Iterator[tuple[str, str]]:
    """What the record says of the claim, for a letter that did not print it."""
    case = record.case
    payment = next((p for p in record.payments if p.id == case.claim_payment_id), None)
    for name, value in (
        ("patient_name", case.patient_name),
        ("member_id", case.member_identifier),
        ("patient_control_number", case.claim_number),
        ("payer_name", case.payer_name),
        ("service_from", case.service_from),
        ("service_to", case.service_to),
        ("remittance_on", payment and payment.payment_on),
        ("payer_claim_control_number", payment and payment.payer_claim_control_number),
    ):
        if value:
            yield name, f"{value:%B} {value.day}, {value.year}" if isinstance(value, date) else str(value)


def sender_lines(facts: dict[str, str], profile: tables.PracticeProfile) -> tuple[str, ...]:
    told = {"Telephone": facts.get("practice_phone", ""), "Fax": profile.fax}
    reached = [f"{name} {number}" for name, number in told.items() if number]
    address = profile.address or [facts.get("practice_address", "")]
    return tuple(filter(None, [facts.get("practice_name", ""), *address, *reached]))


def recipient_lines(facts: dict[str, str], contact: PayerContact) -> tuple[str, ...]:
    way = () if contact.channel is ChannelName.MAIL else (f"By {contact.channel.replace('_', ' ')}: ",)
    where = tuple(f"{words}{contact.destination}" for words in way)
    return tuple(filter(None, (facts.get("payer_name", contact.payer), *contact.address, *where)))


def _subject(facts: dict[str, str], record: CaseRecord) -> Iterator[tuple[str, str]]:
    for label, name in (
        ("Patient", "patient_name"),
        ("Member ID", "member_id"),
        ("Your claim number", "payer_claim_control_number"),
        ("Our claim number", "patient_control_number"),
        ("Date of service", "service_dates"),
        ("Level of review", "level_name"),
        ("To be received by", "due_on"),
    ):
        if facts.get(name):
            yield label, facts[name]
    yield "Amount in question", format_stake(record.case.denied_amount, record.case.unpriced_amount)


def _remittance_sheets(record: CaseRecord) -> Iterator[Sheet]:
    """The remittance that denied, with the denied lines and what they rest on marked."""
    payment = next((p for p in record.payments if p.id == record.case.claim_payment_id), None)
    if payment is None:
        return
    denied = {denial.line_number for denial in record.denials}
    proofs = {proof["segment_index"] for denial in record.denials for proof in denial.evidence}
    yield remittance_sheet(
        payment,
        record.lines,
        title=f"Remittance advice of {payment.payment_on or 'no date'}",
        marked=[n for n, line in enumerate(record.lines) if None in denied or line.line_number in denied],
        proofs=proofs,
        note="Shaded: the denied lines. Below: this claim's segments in the 835, numbered as in the file.",
    )


def remittance_sheet(
    payment: PaymentFacts,
    lines: Sequence[LineFacts],
    *,
    title: str,
    marked: Iterable[int],
    proofs: Container[int],
    note: str,
) -> Sheet:
    """What one remittance says of a claim; `marked` are the lines the letter is about, by place, and `proofs`
    the segments."""
    return Sheet(
        title=title,
        facts=tuple(_payment_pairs(payment)),
        header=("Line", "Date", "Service", "Units", "Billed", "Paid", "Adjustments"),
        rows=tuple(
            (
                str(line.line_number),
                str(line.service_on or ""),
                " ".join([line.procedure or "", *line.modifiers]),
                _units(line.units),
                format_dollars(line.charge_amount),
                format_dollars(line.paid_amount),
                ", ".join(line.adjustments),
            )
            for line in lines
        ),
        marked=tuple(marked),
        note=note,
        segments=tuple(
            SegmentLine(number, text, number in proofs)
            for number, text in enumerate(payment.segments, start=payment.segment_index)
        ),
    )


def _payment_pairs(payment: PaymentFacts) -> Iterator[tuple[str, str]]:
    yield "Payer", payment.payer_name or ""
    yield "Trace number", payment.trace_number or ""
    yield "Payment of the remittance", format_dollars(payment.payment_amount)
    yield "Claim number of the payer", payment.payer_claim_control_number or ""
    yield "Paid on this claim", format_dollars(payment.paid_amount)


def claim_sheet(claim: SubmittedClaim) -> Sheet:
    """Our own 837P, in words."""
    return Sheet(
        title=f"Claim as submitted on {claim.submitted_on or 'no date'}",
        facts=(
            ("Our claim number", claim.patient_control_number),
            ("Billed", format_dollars(claim.charge_amount)),
            ("Diagnoses", ", ".join(claim.diagnoses)),
            ("Authorization", claim.prior_authorization or "none on the claim"),
            ("Place of service", claim.place_of_service or ""),
        ),
        header=("Line", "Date", "Procedure", "Modifiers", "Units", "Billed"),
        rows=tuple(
            (
                str(line.line_number),
                str(line.service_on or ""),
                line.procedure,
                " ".join(line.modifiers),
                _units(line.units),
                format_dollars(line.charge_amount),
            )
            for line in claim.lines
        ),
        note="From the X12 837P that was sent.",
    )


async def _acceptance_sheets(session: AsyncSession, claim_id: UUID) -> list[Sheet]:
    """The payer's own acceptance of the claim: the proof of timely filing."""
    found = await session.scalar(
        select(tables.ClaimAcknowledgement)
        .where(
            col(tables.ClaimAcknowledgement.claim_id) == claim_id, col(tables.ClaimAcknowledgement.accepted)
        )
        .order_by(col(tables.ClaimAcknowledgement.acknowledged_on).nulls_last())
        .limit(1)
    )
    if found is None:
        return []
    statuses = [
        tuple(str(status.get(part) or "") for part in ("category", "status", "effective_on"))
        for status in found.statuses
    ]
    return [
        Sheet(
            title=f"Acceptance of the claim (277CA) of {found.acknowledged_on or 'no date'}",
            facts=(
                ("Accepted on", str(found.acknowledged_on or "")),
                ("Number of the payer", found.payer_claim_control_number or ""),
                ("Our claim number", found.patient_control_number or ""),
            ),
            header=("Category", "Status", "Effective"),
            rows=tuple(statuses),
            note="From the X12 277CA claim acknowledgement, which a payer sends for claims it took in.",
        )
    ]


async def _documents(session: AsyncSession, letter: tables.Letter) -> list[Document]:
    return [
        Document(row.title, row.content, row.pages)
        for row in await supplied_exhibits(session, case_id=letter.case_id)
        if row.level == letter.level
    ]


def _units(units: Decimal | None) -> str:
    return "" if units is None else f"{units.normalize():f}"
