"""The rebuttal of a recoupment goes out as its package, once, and the recoupment says what came of it."""

import asyncio
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from overturn.channels import Channel, ChannelRefusedError, Receipt
from overturn.db.addresses import address_unknown, contact_of
from overturn.db.recoupments import disputed
from overturn.db.session import Sessions
from overturn.db.tables import Recoupment, RecoupmentEvent, RecoupmentLetter, Sending
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.channel_names import ChannelName
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import (
    FIRST_LEVEL,
    Dispute,
    RecoupmentStatus,
    RecoupmentStep,
    next_status,
)
from overturn.packages import PackageFile, build_package
from overturn.recoupment_package import rebuttal_package
from overturn.rule_sets import RulesInForce
from overturn.rulebook.appeals import limits_of
from services.appeals.courier import NOT_SENT, SENT, Courier, Order, keep_receipt, not_sent_words
from workflows.recoupment.letter_activities import RebuttalActivities
from workflows.recoupment.types import RebuttalInput, RebuttalNotSentInput


class RebuttalSending(RebuttalActivities):
    """Hands rebuttals to channels."""

    def __init__(
        self, sessions: Sessions, channels: Mapping[ChannelName, Channel], rules: RulesInForce
    ) -> None:
        self._sessions = sessions
        self._rules = rules
        self._courier = Courier(sessions, channels)

    @activity.defn
    async def send_rebuttal(self, request: RebuttalInput) -> None:
        """Made, begun, gone, recorded: steps each of which can run again."""
        key = request.sending_id
        async with self._sessions() as session:
            channel = ChannelName((await session.get_one(Sending, key)).channel)
        order = Order(key, channel, partial(self._made, key), partial(self._destination, key))
        receipt = await self._courier.carry(order)
        if receipt is not None:
            await self._record(request, receipt)

    @activity.defn
    async def record_rebuttal_not_sent(self, request: RebuttalNotSentInput) -> None:
        """It goes back to a person, who is told whether it may have gone out."""
        async with self._sessions.begin() as session:
            sending, row = await _of(session, request.sending_id, lock=True)
            event_id = identifiers.deterministic_id("rebuttal-not-sent", request.sending_id)
            recorded = await session.get(RecoupmentEvent, event_id)
            if row.status != RecoupmentStatus.SENDING or recorded is not None:
                return
            said = not_sent_words(sending, request.problem)
            sending.state = NOT_SENT
            row.status = next_status(RecoupmentStatus.SENDING, RecoupmentStep.NOT_SENT)
            row.dispute, row.version = None, row.version + 1
            kind = RecoupmentStep.NOT_SENT
            enter(session, row, event_id, kind=kind, summary=said, actor=WORKFLOW, at=request.at)

    async def _made(self, key: UUID) -> list[PackageFile]:
        async with self._sessions() as session:
            sending, row = await _of(session, key)
            channel = ChannelName(sending.channel)
            letter = await session.get_one(RecoupmentLetter, row.id)
            package = await rebuttal_package(session, row, letter, channel=channel)
            rulebook = await self._rules.current(session)
        limits = limits_of(rulebook.channel_limits, channel, row.payer_key)
        return await asyncio.to_thread(build_package, package, limits=limits)

    async def _destination(self, key: UUID) -> str:
        async with self._sessions() as session:
            sending, row = await _of(session, key)
            channel = ChannelName(sending.channel)
            contact = await contact_of(session, row, level=FIRST_LEVEL, channel=channel)
        if contact is None:
            raise ChannelRefusedError(address_unknown(row.payer_name, channel))
        return contact.plain_destination

    async def _record(self, request: RebuttalInput, receipt: Receipt) -> None:
        """Receipt and recoupment in one transaction; once."""
        async with self._sessions.begin() as session:
            sending, row = await _of(session, request.sending_id, lock=True)
            if sending.state == SENT:
                return
            keep_receipt(sending, receipt)
            row.status = next_status(RecoupmentStatus(row.status), RecoupmentStep.SENT)
            sent_on = practice_date(receipt.sent_at)
            disputed(row, Dispute.REBUTTAL, sent_on)
            row.version += 1
            label = self._courier.channel(ChannelName(sending.channel)).label.lower()
            said = f"Rebuttal sent ({label}) on {sent_on}, confirmation {receipt.confirmation}."
            event_id = identifiers.deterministic_id("rebuttal-sent", request.sending_id)
            kind = RecoupmentStep.SENT
            enter(session, row, event_id, kind=kind, summary=said, actor=WORKFLOW, at=request.at)


async def _of(session: AsyncSession, key: UUID, *, lock: bool = False) -> tuple[Sending, Recoupment]:
    sending = await session.get_one(Sending, key)
    return sending, await session.get_one(Recoupment, sending.recoupment_id, with_for_update=lock)
