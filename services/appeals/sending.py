"""A package goes to the payer once: it is written down as it will go, then it goes, then what shows it.

Killed before the channel, it goes at the next try. Killed after it, the channel is asked for what it has
under the key, and its receipt is recorded. A channel that cannot tell leaves the question to a person.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.channels import (
    CannotTellError,
    Channel,
    ChannelAwayError,
    ChannelRefusedError,
    Package,
    Receipt,
)
from overturn.db.addresses import address_unknown, contact_of
from overturn.db.session import Sessions
from overturn.db.tables import DenialCase, Letter, Sending, SentFile, StepWords
from overturn.domain import identifiers
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Step, next_status
from overturn.domain.practice_day import practice_date
from overturn.packages import PackageError, PackageFile, build_appeal
from overturn.reporting.package_record import AddressUnknownError, package_record
from overturn.rule_sets import RulesInForce
from overturn.rulebook.appeals import limits_of
from workflows.appeal.activities import SendingActivities
from workflows.appeal.types import NotSentInput, SendLetterInput
from workflows.denial_case.record import (
    WORKFLOW,
    enter,
    is_recorded,
    locked_case,
    move,
    standing_of,
    tell_advanced,
)
from workflows.denial_case.types import Appeal, StepResult

ASKED: Final = "asked"
BEGUN: Final = "begun"
SENT: Final = "sent"
NOT_SENT: Final = "not_sent"

EXPLAINED: Final = (
    *(ChannelRefusedError, ChannelAwayError, CannotTellError, ConnectionError),
    *(AddressUnknownError, PackageError),
)
"""Errors whose words are for a biller."""


class LetterSending(SendingActivities):
    """Hands the packages of approved letters to channels."""

    def __init__(
        self, sessions: Sessions, channels: Mapping[ChannelName, Channel], rules: RulesInForce
    ) -> None:
        self._sessions = sessions
        self._channels = channels
        self._rules = rules

    @activity.defn
    async def send_letter(self, request: SendLetterInput) -> StepResult:
        """Made, begun, gone, recorded: steps each of which can run again."""
        key = request.appeal.step_id
        try:
            state = await self._begin(request.appeal)
            receipt = None
            if state in {ASKED, BEGUN}:
                receipt = await self._hand_over(request.appeal, asked_before=state == BEGUN)
        except EXPLAINED as error:
            await self._explain(key, error)
            raise
        return await self._record(key, request, receipt)

    @activity.defn
    async def record_not_sent(self, request: NotSentInput) -> StepResult:
        """The case goes back to a person, who is told whether it may have gone out."""
        key = request.appeal.step_id
        event_id = identifiers.deterministic_id("not-sent", key)
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            sending = await session.get_one(Sending, key)
            if case.status == CaseStatus.SENDING and not await is_recorded(session, event_id):
                summary = _not_sent(sending, request.problem)
                sending.state = NOT_SENT
                await _give_back(session, case, request, event_id, summary)
            return standing_of(case)

    async def _begin(self, appeal: Appeal) -> str:
        """Keep the files and write that they are about to go; the state in which that was found."""
        async with self._sessions() as session:
            sending = await session.get_one(Sending, appeal.step_id)
        if sending.state != ASKED:
            return sending.state
        files = await self._made(appeal)
        async with self._sessions.begin() as session:
            begin = update(Sending).where(col(Sending.id) == appeal.step_id, col(Sending.state) == ASKED)
            new = await session.scalar(begin.values(state=BEGUN).returning(col(Sending.id)))
            if new is None:  # called back, or begun by a try that was thought lost
                return (await session.get_one(Sending, appeal.step_id)).state
            await _keep(session, appeal.step_id, files)
        return ASKED

    async def _made(self, appeal: Appeal) -> list[PackageFile]:
        channel = self._channel(appeal).name
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

    def _channel(self, appeal: Appeal) -> Channel:
        channel = self._channels.get(appeal.channel) if appeal.channel else None
        if channel is None:
            raise ChannelRefusedError("This way of sending is not set up any more: choose another.")
        return channel

    async def _hand_over(self, appeal: Appeal, *, asked_before: bool) -> Receipt:
        channel = self._channel(appeal)
        package = await self._package(appeal, channel.name)
        found = await channel.find(package) if asked_before else None
        return found or await channel.send(package)

    async def _package(self, appeal: Appeal, channel: ChannelName) -> Package:
        """As it was kept, to where the payer's appeals go now."""
        async with self._sessions() as session:
            case = await session.get_one(DenialCase, appeal.case_id)
            contact = await contact_of(session, case, level=appeal.level, channel=channel)
            if contact is None:
                raise ChannelRefusedError(address_unknown(case.payer_name, channel))
            kept = await session.scalars(
                select(SentFile)
                .where(col(SentFile.sending_id) == appeal.step_id)
                .order_by(col(SentFile.position))
            )
            words = await session.get(StepWords, appeal.step_id)
            return Package(
                key=appeal.step_id,
                destination=contact.plain_destination,
                files=tuple(PackageFile(file.name, file.content, file.pages) for file in kept),
                entered=words.words if words else "",
            )

    async def _explain(self, key: UUID, error: Exception) -> None:
        """Why, for a person; and that nothing went out, where the error says so."""
        went_nowhere = isinstance(error, ChannelRefusedError | ChannelAwayError)
        async with self._sessions.begin() as session:
            sending = await session.get_one(Sending, key, with_for_update=True)
            sending.problem = str(error)
            if went_nowhere and sending.state == BEGUN:
                sending.state = ASKED
                await session.execute(delete(SentFile).where(col(SentFile.sending_id) == key))

    async def _record(self, key: UUID, request: SendLetterInput, receipt: Receipt | None) -> StepResult:
        """Receipt, letter and case in one transaction; None where it is recorded already, or called back."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            sending = await session.get_one(Sending, key)
            if receipt is not None and sending.state != SENT:
                sending.state, sending.confirmation, sending.problem = SENT, receipt.confirmation, ""
                sending.sent_at, sending.content_sha256 = receipt.sent_at, receipt.content_sha256
                sending.proof = {
                    "destination": receipt.destination,
                    "answer": receipt.answer,
                    "files": receipt.file_hashes,
                }
                (await _letter(session, request.appeal)).state = "submitted"
                await _sent(session, case, request, self._channel(request.appeal), receipt)
            return standing_of(case)


async def _keep(session: AsyncSession, key: UUID, files: Sequence[PackageFile]) -> None:
    session.add_all(
        SentFile(sending_id=key, position=position, name=file.name, content=file.content, pages=file.pages)
        for position, file in enumerate(files, start=1)
    )


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


def _not_sent(sending: Sending, problem: str) -> str:
    why = sending.problem or f"The system failed ({problem})."
    if sending.state == BEGUN:
        return (
            f"It may have gone out. {why} Find out before you send it again; if it went out, mark it as "
            "submitted."
        )
    return f"It could not be sent, and nothing went out. {why} Put that right or send it another way."


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
