"""The practice's own address and signer, and where appeals to each payer go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.domain.channel_names import ChannelName
from overturn.domain.payer_contacts import PayerContact, checked, find_contact


class PaidBy(Protocol):
    """What a letter is about: a case or a recoupment, with its payer."""

    payer_key: str | None
    payer_name: str | None
    line_of_business: str | None


ONLY: Final = 1
"""One organisation per database, so one profile."""

RECORDS_LEVEL: Final = 0
"""Records stand outside the ladder of appeals, as a reopening does."""


async def practice_profile(session: AsyncSession) -> tables.PracticeProfile:
    """The profile, or an empty one that is not stored."""
    return await session.get(tables.PracticeProfile, ONLY) or tables.PracticeProfile(id=ONLY)


async def save_profile(session: AsyncSession, profile: tables.PracticeProfile) -> None:
    values = profile.model_dump(exclude={"id"})
    statement = insert(tables.PracticeProfile).values(id=ONLY, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def payer_contacts(session: AsyncSession) -> Sequence[tables.PayerContact]:
    """Every address, by payer."""
    order = (col(tables.PayerContact.payer), col(tables.PayerContact.level).nulls_first())
    return (await session.scalars(select(tables.PayerContact).order_by(*order))).all()


async def save_contact(
    session: AsyncSession, contact: PayerContact, *, actor_id: UUID | None, now: datetime
) -> None:
    """Store an address; one for the same payer, line of business, level and channel is replaced.

    Raises:
        ContactError: nothing could be sent to it.
    """
    checked(contact)
    row = tables.PayerContact(
        payer=contact.payer,
        line_of_business=contact.line_of_business,
        level=contact.level,
        channel=contact.channel,
        address=list(contact.address),
        destination=contact.destination,
        source=contact.source,
        updated_by=actor_id,
        updated_at=now,
    )
    same = ["payer", "line_of_business", "level", "channel"]
    told = row.model_dump(exclude={"id", *same})
    statement = insert(tables.PayerContact).values(row.model_dump())
    await session.execute(statement.on_conflict_do_update(index_elements=same, set_=told))


async def remove_contact(session: AsyncSession, contact_id: UUID) -> None:
    await session.execute(delete(tables.PayerContact).where(col(tables.PayerContact.id) == contact_id))


async def contact_of(
    session: AsyncSession, case: PaidBy, *, level: int, channel: ChannelName
) -> PayerContact | None:
    """Where an appeal of this case and level goes by this channel; None where nobody has said."""
    return find_contact(
        [as_contact(row) for row in await payer_contacts(session)],
        payers=(case.payer_key, case.payer_name),
        line_of_business=case.line_of_business,
        level=level,
        channel=channel,
    )


async def find_address(
    session: AsyncSession, request: tables.RecordsRequest, *, channel: ChannelName
) -> PayerContact | None:
    """Where the records of a request go: to the contractor where one takes its answers itself."""
    named = (request.requester_name,)
    return find_contact(
        [as_contact(row) for row in await payer_contacts(session)],
        payers=named if request.requester_name else (request.payer_key, request.payer_name),
        line_of_business=request.line_of_business,
        level=RECORDS_LEVEL,
        channel=channel,
    )


def address_unknown(payer_name: str | None, channel: ChannelName) -> str:
    """The sentence for whoever wants to send there."""
    return (
        f"Where appeals to {payer_name or 'this payer'} go by {channel.replace('_', ' ')} is not "
        "known. A manager enters it on the page Addresses."
    )


async def letter_addresses(
    session: AsyncSession, case: PaidBy, *, level: int
) -> dict[str, tuple[tuple[str, ...], str]]:
    """Who writes a letter and to whom: each fact's lines with where they stand; only what was entered."""
    profile = await practice_profile(session)
    ours = f"practice profile of {profile.updated_at:%Y-%m-%d}"
    found: dict[str, tuple[tuple[str, ...], str]] = {
        "practice_address": (tuple(profile.address), ours),
        "practice_phone": (_line(profile.phone), ours),
        "signer_name": (_line(profile.signer_name), ours),
        "signer_title": (_line(profile.signer_title), ours),
    }
    contact = await contact_of(session, case, level=level, channel=ChannelName.MAIL)
    if contact is not None:
        source = f"payer addresses: {contact.source or 'no source given'}"
        found["payer_address"] = (contact.address, source)
    return {name: fact for name, fact in found.items() if fact[0]}


def _line(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def as_contact(row: tables.PayerContact) -> PayerContact:
    return PayerContact(
        payer=row.payer,
        channel=ChannelName(row.channel),
        line_of_business=row.line_of_business,
        level=row.level,
        address=tuple(row.address),
        destination=row.destination,
        source=row.source,
    )
