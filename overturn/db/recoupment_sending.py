"""A person's steps on the rebuttal of a recoupment: it is sent through a channel, or called back before."""

from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.addresses import address_unknown, contact_of
from overturn.db.recoupment_record import Asked, begin
from overturn.db.recoupments import refuse_second
from overturn.db.tables import RecoupmentLetter, Sending
from overturn.db.timeline import enter
from overturn.domain.channel_names import ChannelName
from overturn.domain.recoupment import FIRST_LEVEL, Dispute, RecoupmentRefusedError, RecoupmentStep

NO_LETTER: Final = "There is no rebuttal to send: draft it first, or send it by hand and record that."
ON_ITS_WAY: Final = "It is on its way already and cannot be called back."


async def send_rebuttal(session: AsyncSession, asked: Asked, *, channel: ChannelName) -> None:
    """Have the drafted rebuttal go out; its workflow hands it to the channel.

    Raises:
        RecoupmentRefusedError: no letter, a letter with blanks, or an address that nobody knows.
    """
    row = await begin(session, asked, RecoupmentStep.SEND)
    if row is None:
        return
    refuse_second(row, Dispute.REBUTTAL)
    letter = await session.get(RecoupmentLetter, row.id)
    if letter is None:
        raise RecoupmentRefusedError(NO_LETTER)
    if letter.missing_facts:
        raise RecoupmentRefusedError(f"Fill in the blanks first: {', '.join(letter.missing_facts)}.")
    if await contact_of(session, row, level=FIRST_LEVEL, channel=channel) is None:
        raise RecoupmentRefusedError(address_unknown(row.payer_name, channel))
    row.dispute = Dispute.REBUTTAL
    session.add(
        Sending(
            id=asked.step_id,
            recoupment_id=row.id,
            level=FIRST_LEVEL,
            channel=channel,
            state="asked",
            asked_at=asked.at,
        )
    )
    words = f"Rebuttal to be sent by {channel.replace('_', ' ')}."
    actor = str(asked.actor_id)
    enter(session, row, asked.step_id, kind=RecoupmentStep.SEND, summary=words, actor=actor, at=asked.at)


async def call_back(session: AsyncSession, asked: Asked) -> None:
    """Take a rebuttal back that was not handed to its channel yet.

    Raises:
        RecoupmentRefusedError: it was.
    """
    row = await begin(session, asked, RecoupmentStep.CALL_BACK)
    if row is None:
        return
    called = (
        update(Sending)
        .where(col(Sending.recoupment_id) == row.id, col(Sending.state) == "asked")
        .values(state="not_sent")
        .returning(col(Sending.id))
    )
    if await session.scalar(called) is None:
        raise RecoupmentRefusedError(ON_ITS_WAY)
    row.dispute = None
    actor = str(asked.actor_id)
    enter(
        session,
        row,
        asked.step_id,
        kind=RecoupmentStep.CALL_BACK,
        summary="Rebuttal called back.",
        actor=actor,
        at=asked.at,
    )


async def live_sending(session: AsyncSession, recoupment_id: UUID) -> Sending | None:
    """The rebuttal's sending that is not called off, or None."""
    found = await session.scalars(
        select(Sending).where(col(Sending.recoupment_id) == recoupment_id, col(Sending.state) != "not_sent")
    )
    return found.one_or_none()
