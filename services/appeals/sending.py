"""A letter goes to the payer once: that it is about to go is written first, then it goes, then what shows it.

Killed before the channel, the letter goes at the next try. Killed after it, the channel is asked for what it
has under the key, and its receipt is recorded. A channel that cannot tell leaves the question to a person.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.channels import Attachment, Channel, Package, Receipt
from overturn.db.session import Sessions
from overturn.db.tables import DenialCase, Letter, Sending
from overturn.domain import identifiers
from overturn.domain.denial_case import CaseStatus, Step, next_status
from overturn.domain.practice_day import practice_date
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
UNCERTAIN: Final = "CannotTellError"
PDF: Final = "application/pdf"


class LetterSending(SendingActivities):
    """Hands approved letters to channels."""

    def __init__(self, sessions: Sessions, channels: Mapping[str, Channel]) -> None:
        self._sessions = sessions
        self._channels = channels

    @activity.defn
    async def send_letter(self, request: SendLetterInput) -> StepResult:
        """Begun, gone, recorded: three steps, each of which can run again."""
        key = request.appeal.step_id
        channel = self._channels[request.appeal.channel or ""]
        asked_before = await self._begin(key)
        if await self._is_sent(key):
            receipt = None
        else:
            found = await channel.find(key) if asked_before else None
            receipt = found or await channel.send(await self._package(key, request.appeal))
        return await self._record(key, request, channel, receipt)

    @activity.defn
    async def record_not_sent(self, request: NotSentInput) -> StepResult:
        """The case goes back to a person, who is told whether it may have gone out."""
        key = request.appeal.step_id
        event_id = identifiers.deterministic_id("not-sent", key)
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            if case.status == CaseStatus.SENDING and not await is_recorded(session, event_id):
                sending = await session.get(Sending, key)
                if sending is not None:
                    sending.state = NOT_SENT
                await _give_back(session, case, request, event_id)
            return standing_of(case)

    async def _begin(self, key: UUID) -> bool:
        """Write that it is about to go; True when that stood there before, so something may have gone out."""
        begin = update(Sending).where(col(Sending.id) == key, col(Sending.state) == ASKED)
        async with self._sessions.begin() as session:
            new = await session.scalar(begin.values(state=BEGUN).returning(col(Sending.id)))
        return new is None

    async def _is_sent(self, key: UUID) -> bool:
        async with self._sessions() as session:
            return (await session.get_one(Sending, key)).state == SENT

    async def _package(self, key: UUID, appeal: Appeal) -> Package:
        async with self._sessions() as session:
            case = await session.get_one(DenialCase, appeal.case_id)
            letter = await _letter(session, appeal)
        name = f"letter-{case.id.hex[:8]}-{appeal.level}.pdf"
        return Package(key, letter.title, case.payer_name, (Attachment(name, PDF, letter.pdf),))

    async def _record(
        self, key: UUID, request: SendLetterInput, channel: Channel, receipt: Receipt | None
    ) -> StepResult:
        """Receipt, letter and case in one transaction; None: they are written already."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.appeal.case_id)
            sending = await session.get_one(Sending, key)
            if receipt is not None and sending.state != SENT:
                sending.state, sending.confirmation = SENT, receipt.confirmation
                sending.sent_at, sending.proof = receipt.sent_at, receipt.proof
                (await _letter(session, request.appeal)).state = "submitted"
                await _sent(session, case, request, channel, receipt)
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


async def _give_back(session: AsyncSession, case: DenialCase, request: NotSentInput, event_id: UUID) -> None:
    if request.problem == UNCERTAIN:
        summary = (
            "It may have gone out: the channel stopped answering in the middle and cannot tell. Find out "
            "before you send it again; if it went out, mark it as submitted."
        )
    else:
        summary = f"It could not be sent ({request.problem}) and nothing went out. Send it another way."
    enter(session, case, event_id, kind=Step.NOT_SENT, summary=summary, actor=WORKFLOW, at=request.at)
    case.version += 1
    await move(session, case, next_status(CaseStatus.SENDING, Step.NOT_SENT), at=request.at)
    await tell_advanced(session, case, Step.NOT_SENT, event_id)


async def _letter(session: AsyncSession, appeal: Appeal) -> Letter:
    found = await session.scalars(
        select(Letter).where(col(Letter.case_id) == appeal.case_id, col(Letter.level) == appeal.level)
    )
    return found.one()
