"""The records a payer asked for go out once, and their request knows what became of them."""

import asyncio
from collections.abc import Mapping
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from overturn.channels import Channel, ChannelRefusedError, Receipt
from overturn.db.addresses import address_unknown, find_address
from overturn.db.session import Sessions
from overturn.db.tables import RecordsRequest, Sending
from overturn.db.timeline import WORKFLOW
from overturn.domain import identifiers
from overturn.domain.channel_names import ChannelName
from overturn.domain.practice_day import practice_date
from overturn.domain.records_request import RequestStatus, RequestStep, next_status
from overturn.packages import PackageFile, build_package
from overturn.records.package import records_package
from overturn.records.timeline import late, note
from overturn.rule_sets import RulesInForce
from overturn.rulebook.appeals import limits_of
from services.appeals.courier import NOT_SENT, SENT, Courier, Order, keep_receipt, not_sent_words
from workflows.records_request.sending import RecordsSendingActivities
from workflows.records_request.types import RecordsNotSentInput, SendRecordsInput


class RecordsSending(RecordsSendingActivities):
    """Hands the packages of gathered requests to channels."""

    def __init__(
        self, sessions: Sessions, channels: Mapping[ChannelName, Channel], rules: RulesInForce
    ) -> None:
        self._sessions = sessions
        self._courier = Courier(sessions, channels)
        self._rules = rules

    @activity.defn
    async def send_records(self, request: SendRecordsInput) -> None:
        """Made, begun, gone, recorded: steps each of which can run again."""
        async with self._sessions() as session:
            channel = ChannelName((await session.get_one(Sending, request.sending_id)).channel)
        order = Order(
            request.sending_id,
            channel,
            partial(self._made, request, channel),
            partial(self._destination, request, channel),
        )
        receipt = await self._courier.carry(order)
        if receipt is not None:
            await self._record(request, channel, receipt)

    @activity.defn
    async def record_records_not_sent(self, request: RecordsNotSentInput) -> None:
        """The request is a person's again, who is told whether it may have gone out."""
        async with self._sessions.begin() as session:
            row = await _locked(session, request)
            sending = await session.get_one(Sending, request.sending_id)
            if row.status == RequestStatus.SENDING and sending.state != SENT:
                summary = not_sent_words(sending, request.problem)
                sending.state = NOT_SENT
                _move(session, row, RequestStep.NOT_SENT, summary, request)

    async def _made(self, request: SendRecordsInput, channel: ChannelName) -> list[PackageFile]:
        async with self._sessions() as session:
            row = await session.get_one(RecordsRequest, request.request_id)
            package = await records_package(session, row, channel=channel, dated_on=practice_date(request.at))
            rulebook = await self._rules.current(session)
        limits = limits_of(rulebook.channel_limits, channel, row.payer_key)
        return await asyncio.to_thread(build_package, package, limits=limits)

    async def _destination(self, request: SendRecordsInput, channel: ChannelName) -> str:
        async with self._sessions() as session:
            row = await session.get_one(RecordsRequest, request.request_id)
            contact = await find_address(session, row, channel=channel)
        if contact is None:
            raise ChannelRefusedError(address_unknown(row.requester_name or row.payer_name, channel))
        return contact.plain_destination

    async def _record(self, request: SendRecordsInput, channel: ChannelName, receipt: Receipt) -> None:
        """Receipt and request in one transaction."""
        async with self._sessions.begin() as session:
            row = await _locked(session, request)
            sending = await session.get_one(Sending, request.sending_id)
            if sending.state == SENT:
                return
            keep_receipt(sending, receipt)
            row.sent_on = sent_on = practice_date(request.at)
            how = self._courier.channel(channel).label.lower()
            summary = f"Sent ({how}) on {sent_on}, confirmation {receipt.confirmation}{late(row, sent_on)}."
            _move(session, row, RequestStep.SENT, summary, request)


async def _locked(session: AsyncSession, request: SendRecordsInput) -> RecordsRequest:
    return await session.get_one(RecordsRequest, request.request_id, with_for_update=True)


def _move(
    session: AsyncSession, row: RecordsRequest, step: RequestStep, summary: str, request: SendRecordsInput
) -> None:
    row.status, row.version = next_status(RequestStatus(row.status), step), row.version + 1
    event_id = identifiers.deterministic_id(f"records-{step}", request.sending_id)
    note(session, row, event_id, kind=step, summary=summary, actor=WORKFLOW, at=request.at)
