"""What goes to a payer that asked for records: cover sheet, cover letter, the claim, and the documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import address_unknown, find_address, practice_profile
from overturn.db.exhibits import supplied_exhibits
from overturn.db.remittances import full_name
from overturn.db.submissions import latest_submissions
from overturn.domain.appeal_package import AppealPackage, Cover, Document, Sheet
from overturn.domain.channel_names import ChannelName
from overturn.domain.payer_contacts import PayerContact
from overturn.domain.submission import SubmittedClaim
from overturn.letters.templates import letter_templates
from overturn.paths import RECORDS_TEMPLATES
from overturn.reporting.package_record import (
    AddressUnknownError,
    claim_sheet,
    recipient_lines,
    sender_lines,
)

LETTER: Final = "response"
TITLE: Final = "Records you asked for"
NEEDED: Final = {
    "practice_name": "the practice's name (load a claim file or a remittance)",
    "practice_address": "the practice's address",
    "practice_phone": "the practice's telephone number",
    "signer_name": "who signs",
    "signer_title": "the title of who signs",
}
"""What the cover letter cannot do without, as a person reads it."""


class LetterIncompleteError(ValueError):
    """The cover letter lacks what the practice has to enter; the message says what and where."""


@dataclass(frozen=True, slots=True)
class _Sources:
    """Everything the package is made of."""

    request: tables.RecordsRequest
    claim: tables.Claim
    submitted: SubmittedClaim | None
    payment: tables.ClaimPayment | None
    payee_name: str | None
    profile: tables.PracticeProfile
    contact: PayerContact
    documents: Sequence[tables.Exhibit]


async def records_package(
    session: AsyncSession, request: tables.RecordsRequest, *, channel: ChannelName, dated_on: date
) -> AppealPackage:
    """The whole answer as it goes by this channel.

    Raises:
        AddressUnknownError: nobody has said where it goes.
        LetterIncompleteError: the cover letter would have a blank.
    """
    sources = await _read(session, request, channel)
    facts = _facts(sources)
    exhibits = tuple(_exhibits(sources))
    subject = tuple(_subject(sources))
    letter = _letter(sources, facts, subject, [exhibit.title for exhibit in exhibits], dated_on=dated_on)
    return AppealPackage(
        claim=sources.claim.patient_control_number,
        title=TITLE,
        dated_on=dated_on,
        cover=Cover(sender_lines(facts, sources.profile), recipient_lines(facts, sources.contact), subject),
        letter=letter,
        exhibits=exhibits,
    )


async def _read(session: AsyncSession, request: tables.RecordsRequest, channel: ChannelName) -> _Sources:
    contact = await find_address(session, request, channel=channel)
    if contact is None:
        raise AddressUnknownError(address_unknown(request.requester_name or request.payer_name, channel))
    claim = await session.get_one(tables.Claim, request.claim_id)
    payment = (
        await session.get(tables.ClaimPayment, claim.current_payment_id) if claim.current_payment_id else None
    )
    return _Sources(
        request=request,
        claim=claim,
        submitted=(await latest_submissions(session, [claim.id])).get(claim.id),
        payment=payment,
        payee_name=await _payee_name(session),
        profile=await practice_profile(session),
        contact=contact,
        documents=await supplied_exhibits(session, request_id=request.id),
    )


async def _payee_name(session: AsyncSession) -> str | None:
    """What payers call the practice: one organisation per database, so any remittance says it."""
    found: str | None = await session.scalar(
        select(col(tables.Remittance.payee_name))
        .where(col(tables.Remittance.payee_name).is_not(None))
        .order_by(col(tables.Remittance.payment_on).desc().nulls_last())
        .limit(1)
    )
    return found


def _facts(sources: _Sources) -> dict[str, str]:
    """As cover and letter print them; what nobody knows is not there."""
    submitted, profile = sources.submitted, sources.profile
    billing = submitted.billing_provider if submitted else None
    found = {
        "practice_name": (full_name(billing) if billing else None) or sources.payee_name,
        "practice_npi": sources.claim.billing_npi,
        "practice_address": ", ".join(profile.address or (billing.address if billing else ())),
        "practice_phone": profile.phone or (billing.phone if billing else None),
        "signer_name": profile.signer_name,
        "signer_title": profile.signer_title,
        "payer_name": sources.request.requester_name or sources.request.payer_name,
    }
    return {name: value for name, value in found.items() if value}


def _letter(
    sources: _Sources,
    facts: dict[str, str],
    subject: Sequence[tuple[str, str]],
    enclosures: Sequence[str],
    *,
    dated_on: date,
) -> str:
    missing = ", ".join(words for name, words in NEEDED.items() if name not in facts)
    if missing:
        raise LetterIncompleteError(
            f"The cover letter lacks {missing}. A manager enters it on the page Addresses."
        )
    billing = sources.submitted.billing_provider if sources.submitted else None
    told: dict[str, Any] = {
        **facts,
        "practice_npi": facts.get("practice_npi"),
        "practice_address": list(sources.profile.address or (billing.address if billing else ())),
        "recipient": list(recipient_lines(facts, sources.contact)),
        "subject": [{"label": label, "value": value} for label, value in subject],
        "dated_on": _long(dated_on),
        "requested_on": _long(sources.request.requested_on),
        "reference": sources.request.reference,
        "claim_number": sources.claim.patient_control_number,
        "enclosures": list(enclosures),
    }
    return letter_templates(RECORDS_TEMPLATES).render(LETTER, {"title": TITLE, "facts": told})


def _subject(sources: _Sources) -> Iterator[tuple[str, str]]:
    claim, request = sources.claim, sources.request
    days = dict.fromkeys(_long(day) for day in (claim.service_from, claim.service_to) if day)
    for label, value in (
        ("Your reference", request.reference),
        ("Your claim number", sources.payment.payer_claim_control_number if sources.payment else None),
        ("Our claim number", claim.patient_control_number),
        ("Patient", claim.patient_name),
        ("Member ID", claim.member_identifier),
        ("Date of service", " to ".join(days)),
        ("Date of the request", _long(request.requested_on)),
        ("To be received by", _long(request.due_on) if request.due_on else None),
    ):
        if value:
            yield label, value


def _exhibits(sources: _Sources) -> Iterator[Sheet | Document]:
    if sources.submitted:
        yield claim_sheet(sources.submitted)
    for row in sources.documents:
        yield Document(row.title, row.content, row.pages)


def _long(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
