"""The package of an approved letter goes to the payer, and its case knows what became of it."""

import asyncio
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.channels import (
    Channel,
    ChannelRefusedError,
    Receipt,
)
from overturn.db.addresses import address_unknown, contact_of
from overturn.db.session import Sessions
from overturn.db.tables import DenialCase, Letter, Sending
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Step, next_status
from overturn.domain.practice_day import practice_date
from overturn.packages import PackageError, PackageFile, build_appeal
from overturn.reporting.package_record import package_record
from overturn.rule_sets import RulesInForce
from overturn.rulebook.appeals import limits_of
from services.appeals.courier import NOT_SENT, SENT, Courier, Order, keep_receipt, not_sent_words
from workflows.appeal.activities import SendingActivities
from workflows.appeal.types import NotSentInput, SendLetterInput
from workflows.denial_case.record import (
    is_recorded,
    locked_case,
    move,
    standing_of,
    tell_advanced,
)
from workflows.denial_case.types import Appeal, StepResult


class LetterSending(SendingActivities):
    """Hands the packages of approved letters to channels."""

    def __init__(
        self, sessions: Sessions, channels: Mapping[ChannelName, Channel], rules: RulesInForce
    ) -> None:
        self._sessions = sessions
        self._courier = Courier(sessions, channels)
        self._rules = rules

    @activity.defn
    async def send_letter(self, request: SendLetterInput) -> StepResult:
        """Made, begun, gone, recorded: steps each of which can run again."""
        appeal = request.appeal
        order = Order(
            appeal.step_id, appeal.channel, partial(self._made, appeal), partial(self._destination, appeal)
        )
        receipt = await self._courier.carry(order)
        return await self._record(appeal.step_id, request, receipt)

    @activity.defn
    async def record_not_sent(self, request: NotSentInput) -> StepResult:
        """The case goes back to a person, who is told whether it may have gone out."""
        key = request.appeal.step_id
        event_id = identifiers.deterministic_id("not-sent", key)
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            sending = await session.get_one(Sending, key)
            if case.status == CaseStatus.SENDING and not await is_recorded(session, event_id):
                summary = not_sent_words(sending, request.problem)
                sending.state = NOT_SENT
                await _give_back(session, case, request, event_id, summary)
            return standing_of(case)

    async def _made(self, appeal: Appeal) -> list[PackageFile]:
        channel = self._courier.channel(appeal.channel).name
        async with self._sessions() as session:
            letter = await _letter(session, appeal)
            record = await package_record(
                session, case_id=appeal.case_id, letter_id=letter.id, channel=channel
            )
            rulebook = await self._rules.current(session)
        if record is None:
            raise PackageError("The letter is not there any more: draft it again.")
        limits = limits_of(rulebook.channel_limits, channel, record.payer_key)
        return await asyncio.to_thread(build_appeal, record, limits=limits)

    async def _destination(self, appeal: Appeal) -> str:
        """Where the payer's appeals go now."""
        channel = self._courier.channel(appeal.channel).name
        async with self._sessions() as session:
            case = await session.get_one(DenialCase, appeal.case_id)
            contact = await contact_of(session, case, level=appeal.level, channel=channel)
        if contact is None:
            raise ChannelRefusedError(address_unknown(case.payer_name, channel))
        return contact.plain_destination

    async def _record(self, key: UUID, request: SendLetterInput, receipt: Receipt | None) -> StepResult:
        """Receipt, letter and case in one transaction; None where it is recorded already, or called back."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            sending = await session.get_one(Sending, key)
            if receipt is not None and sending.state != SENT:
                keep_receipt(sending, receipt)
                (await _letter(session, request.appeal)).state = "submitted"
                await _sent(session, case, request, self._courier.channel(request.appeal.channel), receipt)
            return standing_of(case)


async def _sent(
    session: AsyncSession, case: DenialCase, request: SendLetterInput, channel: Channel, receipt: Receipt
) -> None:
    event_id = identifiers.deterministic_id("sent", request.appeal.step_id)
    sent_on = practice_date(receipt.sent_at)
    late = f"; the last day was {case.due_on}" if case.due_on and sent_on > case.due_on else ""
    summary = f"Sent ({channel.label.lower()}) on {sent_on}, confirmation {receipt.confirmation}{late}."
    enter(session, case, event_id, kind=Step.SENT, summary=summary, actor=WORKFLOW, at=request.at)
    if case.status != CaseStatus.SENDING:
        return  # it ended while the letter was under way
    case.version += 1
    await move(session, case, next_status(CaseStatus.SENDING, Step.SENT), at=request.at)
    await tell_advanced(session, case, Step.SENT, event_id)


async def _give_back(
    session: AsyncSession, case: DenialCase, request: NotSentInput, event_id: UUID, summary: str
) -> None:
    enter(session, case, event_id, kind=Step.NOT_SENT, summary=summary, actor=WORKFLOW, at=request.at)
    case.version += 1
    await move(session, case, next_status(CaseStatus.SENDING, Step.NOT_SENT), at=request.at)
    await tell_advanced(session, case, Step.NOT_SENT, event_id)


async def _letter(session: AsyncSession, appeal: Appeal) -> Letter:
    found = await session.scalars(
        select(Letter).where(col(Letter.case_id) == appeal.case_id, col(Letter.level) == appeal.level)
    )
    return found.one()
