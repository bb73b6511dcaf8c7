"""What the tests of batches do: open like cases by the dozen, order, and wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.db.appeal_batches import (
    IDLE,
    GivenOrder,
    give_order,
    look_again,
    make_batches,
)
from overturn.domain.appeal_batch import MemberState, Order
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus
from services.appeals.activities import letter_id
from tests.waiting import until
from tests.workflow.office import Office
from workflows.appeal_batch.starting import look_at_batch
from workflows.denial_case.starting import open_case
from workflows.worker import create_batch_worker


@dataclass(frozen=True)
class Batches:
    """A desk with batches: the office's cases, and the worker that asks them."""

    office: Office

    async def open_many(self, count: int) -> list[UUID]:
        """Like cases, each with its letter and no blank in it."""
        denied_on = await self.office.today() - timedelta(days=10)
        case_ids = [
            await self.office.record.add_denied_claim(denied_on=denied_on, payer_key="medicare")
            for _ in range(count)
        ]
        await self._open(case_ids[:1])
        await self._hand_letter_round(case_ids[0], case_ids[1:])
        await self._open(case_ids[1:])
        return case_ids

    async def _hand_letter_round(self, drafted: UUID, others: list[UUID]) -> None:
        """Drafting is another test's matter: the letter of one is that of all, each packed by itself."""
        (letter,) = await self.office.record.letters(drafted)
        async with self.office.record.sessions.begin() as session:
            session.add_all(
                tables.Letter(
                    **{**letter.model_dump(), "id": letter_id(case_id, letter.level), "case_id": case_id}
                )
                for case_id in others
            )

    async def _open(self, case_ids: list[UUID]) -> None:
        """Until each is prepared, has its letter, and takes steps."""
        for case_id in case_ids:
            await open_case(self.office.environment.client, case_id)

        async def prepared() -> bool:
            statuses = await self.statuses(case_ids)
            letters = select(col(tables.Letter.case_id)).where(col(tables.Letter.case_id).in_(case_ids))
            async with self.office.record.sessions() as session:
                drafted = set(await session.scalars(letters))
            return len(drafted) == len(case_ids) and CaseStatus.OPENED not in statuses

        await until(prepared)
        for case_id in case_ids:
            await self.office.record.fill_letter(case_id)

    async def make(self, case_ids: list[UUID]) -> UUID:
        async with self.office.record.sessions.begin() as session:
            (batch_id,) = await make_batches(
                session,
                case_ids,
                key=uuid4(),
                actor_id=self.office.record.person_id,
                at=await self.office.environment.get_current_time(),
            )
        return batch_id

    async def batch(self, batch_id: UUID) -> tables.AppealBatch:
        async with self.office.record.sessions() as session:
            return await session.get_one(tables.AppealBatch, batch_id)

    async def order(
        self, batch_id: UUID, order: Order, version: int | None = None, *, starts: bool = True
    ) -> None:
        """As the page does: the order is written, then the workflow is told."""
        version = version or (await self.batch(batch_id)).version
        channel = ChannelName.MAIL if order is Order.SEND else None
        given = GivenOrder(order, version, self.office.record.person_id, channel)
        async with self.office.record.sessions.begin() as session:
            await give_order(session, batch_id, given)
        if starts:
            await look_at_batch(self.office.environment.client, batch_id)

    async def done(self, batch_id: UUID, order: Order) -> None:
        """Give the order and wait until it is carried out."""
        await self.order(batch_id, order)
        await self.idle(batch_id)

    async def idle(self, batch_id: UUID) -> None:
        async def is_idle() -> bool:
            return (await self.batch(batch_id)).state == IDLE

        await until(is_idle)

    async def look_again(self, batch_id: UUID) -> None:
        version = (await self.batch(batch_id)).version
        async with self.office.record.sessions.begin() as session:
            await look_again(session, batch_id, version=version)

    async def members(self, batch_id: UUID) -> dict[UUID, tables.AppealBatchMember]:
        statement = select(tables.AppealBatchMember).where(col(tables.AppealBatchMember.batch_id) == batch_id)
        async with self.office.record.sessions() as session:
            return {member.case_id: member for member in await session.scalars(statement)}

    async def states(self, batch_id: UUID) -> list[MemberState]:
        return [MemberState(member.state) for member in (await self.members(batch_id)).values()]

    async def sendings(self, case_ids: list[UUID]) -> list[tables.Sending]:
        statement = select(tables.Sending).where(col(tables.Sending.case_id).in_(case_ids))
        async with self.office.record.sessions() as session:
            return list(await session.scalars(statement))

    async def all_out(self, case_ids: list[UUID]) -> None:
        """Every letter that was to be sent is sent, or came back."""

        async def settled() -> bool:
            return all(sending.state in {"sent", "not_sent"} for sending in await self.sendings(case_ids))

        await until(settled)

    async def statuses(self, case_ids: list[UUID]) -> list[CaseStatus]:
        wanted = select(col(tables.DenialCase.status)).where(col(tables.DenialCase.id).in_(case_ids))
        async with self.office.record.sessions() as session:
            return [CaseStatus(status) for status in await session.scalars(wanted)]


@asynccontextmanager
async def batches_at(office: Office) -> AsyncIterator[Batches]:
    """With the worker of batches beside the two of the office."""
    async with create_batch_worker(office.environment.client, office.record.sessions):
        yield Batches(office)
