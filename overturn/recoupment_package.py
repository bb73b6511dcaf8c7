"""What goes out with a rebuttal: cover, letter, what remittances paid and took back, claims, documents."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.addresses import address_unknown, contact_of, practice_profile
from overturn.db.exhibits import supplied_exhibits
from overturn.db.submissions import latest_submissions
from overturn.db.tables import Claim, Recoupment, RecoupmentClaim, RecoupmentLetter
from overturn.db.taken_back import ProviderTakeBack, provider_take_backs
from overturn.domain.appeal_package import AppealPackage, Cover, Document, Sheet
from overturn.domain.channel_names import ChannelName
from overturn.domain.checklist import Asked, Supplier, checklist
from overturn.domain.codes import Category, format_dollars
from overturn.domain.recoupment import FIRST_LEVEL
from overturn.domain.remittance import REVERSAL_STATUS
from overturn.recoupment_letters import LETTER
from overturn.reporting.case_page import claim_payments, payment_lines
from overturn.reporting.package_record import (
    AddressUnknownError,
    claim_sheet,
    recipient_lines,
    remittance_sheet,
    sender_lines,
)
from overturn.rulebook import Rulebook

PAID: Final = "This claim's segments in the 835, numbered as in the file."
TAKEN: Final = f"Shaded: what this remittance took back. Below: {PAID[0].lower()}{PAID[1:]}"


def rebuttal_documents(
    rulebook: Rulebook, payer_key: str | None, present: Collection[str]
) -> tuple[Asked, ...]:
    """The documents that people have to bring for a rebuttal to this payer, and whether each is there."""
    rows = checklist(
        rulebook.required_documents,
        payer_key=payer_key,
        letter=LETTER,
        category=Category.OTHER,
        present=present,
    )
    return tuple(row for row in rows if row.document.supplied_by is not Supplier.SYSTEM)


async def rebuttal_package(
    session: AsyncSession, row: Recoupment, letter: RecoupmentLetter, *, channel: ChannelName
) -> AppealPackage:
    """The rebuttal as it goes by this channel.

    Raises:
        AddressUnknownError: nobody has said where it goes.
    """
    contact = await contact_of(session, row, level=FIRST_LEVEL, channel=channel)
    if contact is None:
        raise AddressUnknownError(address_unknown(row.payer_name, channel))
    sender = sender_lines(letter.facts, await practice_profile(session))
    claim_ids = await _claims_of(session, row)
    return AppealPackage(
        claim=letter.facts.get("payer_claim_control_number") or row.reference or "as listed",
        title=letter.title.split(", claim ", maxsplit=1)[0],
        dated_on=letter.dated_on,
        cover=Cover(sender, recipient_lines(letter.facts, contact), tuple(_subject(row, letter))),
        letter=letter.markdown,
        exhibits=(
            *[sheet for claim_id in claim_ids for sheet in await _remittances(session, claim_id)],
            *_taken_back(await provider_take_backs(session, claim_ids, row.reference)),
            *map(claim_sheet, (await latest_submissions(session, claim_ids)).values()),
            *await _documents(session, row),
        ),
    )


def _subject(row: Recoupment, letter: RecoupmentLetter) -> Iterator[tuple[str, str]]:
    yield "Your reference", row.reference or "none given"
    for label, name in (
        ("Patient", "patient_name"),
        ("Member ID", "member_id"),
        ("Your claim number", "payer_claim_control_number"),
        ("Our claim number", "patient_control_number"),
    ):
        if letter.facts.get(name):
            yield label, letter.facts[name]
    yield "Amount demanded back", format_dollars(row.demanded_amount)


async def _claims_of(session: AsyncSession, row: Recoupment) -> list[UUID]:
    found = await session.scalars(
        select(col(Claim.id))
        .join(RecoupmentClaim, col(RecoupmentClaim.claim_id) == col(Claim.id))
        .where(col(RecoupmentClaim.recoupment_id) == row.id)
        .order_by(col(Claim.patient_control_number), col(Claim.id))
    )
    return list(found)


async def _remittances(session: AsyncSession, claim_id: UUID) -> list[Sheet]:
    """What each remittance said of the claim, the oldest first; where it reversed, every line is marked."""
    sheets = []
    for payment in await claim_payments(session, claim_id):
        taken = payment.status_code == REVERSAL_STATUS
        lines = await payment_lines(session, payment.id)
        sheets.append(
            remittance_sheet(
                payment,
                lines,
                title=f"Remittance advice of {payment.payment_on or 'no date'}{', taken back' * taken}",
                marked=range(len(lines)) if taken else (),
                proofs={payment.segment_index} if taken else (),
                note=TAKEN if taken else PAID,
            )
        )
    return sheets


def _taken_back(lines: Sequence[ProviderTakeBack]) -> Iterator[Sheet]:
    if not lines:
        return
    yield Sheet(
        title="What remittances took back at provider level",
        header=("Remittance of", "Trace number", "Reason", "Reference", "Taken back", "Segment"),
        rows=tuple(
            (
                str(line.payment_on or "no date"),
                line.trace_number or "",
                line.reason,
                line.reference or "",
                format_dollars(line.amount),
                str(line.segment_index),
            )
            for line in lines
        ),
        marked=tuple(range(len(lines))),
        note="Shaded: amounts of provider adjustments (PLB) for this demand, by their segment in the 835.",
    )


async def _documents(session: AsyncSession, row: Recoupment) -> list[Document]:
    supplied = await supplied_exhibits(session, recoupment_id=row.id)
    return [Document(one.title, one.content, one.pages) for one in supplied]
