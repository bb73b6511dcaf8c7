"""A package goes to the payer once: it is written down as it will go, then it goes, then what shows it.

Killed before the channel, it goes at the next try. Killed after it, the channel is asked for what it has
under the key, and its receipt is recorded. A channel that cannot tell leaves the question to a person.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.channels import (
    CannotTellError,
    Channel,
    ChannelAwayError,
    ChannelRefusedError,
    Package,
    Receipt,
)
from overturn.db.session import Sessions
from overturn.db.tables import Sending, SentFile, StepWords
from overturn.domain.channel_names import ChannelName
from overturn.packages import PackageError, PackageFile
from overturn.records.package import LetterIncompleteError
from overturn.reporting.package_record import AddressUnknownError

ASKED: Final = "asked"
BEGUN: Final = "begun"
SENT: Final = "sent"
NOT_SENT: Final = "not_sent"

EXPLAINED: Final = (
    *(ChannelRefusedError, ChannelAwayError, CannotTellError, ConnectionError),
    *(AddressUnknownError, LetterIncompleteError, PackageError),
)
"""Errors whose words are for a biller."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to carry: under which key, by which channel, how its files are made, and where they go now."""

    key: UUID
    channel: ChannelName | None
    made: Callable[[], Awaitable[list[PackageFile]]]
    destination: Callable[[], Awaitable[str]]


class Courier:
    """Hands packages to channels; who asked for it records what the receipt means."""

    def __init__(self, sessions: Sessions, channels: Mapping[ChannelName, Channel]) -> None:
        self._sessions = sessions
        self._channels = channels

    def channel(self, name: ChannelName | None) -> Channel:
        """Raises ChannelRefusedError where it is not set up any more."""
        channel = self._channels.get(name) if name else None
        if channel is None:
            raise ChannelRefusedError("This way of sending is not set up any more: choose another.")
        return channel

    async def carry(self, order: Order) -> Receipt | None:
        """The receipt; None where it was recorded already, or called back.

        Raises what the channel or the making of the package raised, with its words kept for a person.
        """
        try:
            state = await self._begin(order)
            if state not in {ASKED, BEGUN}:
                return None
            return await self._hand_over(order, asked_before=state == BEGUN)
        except EXPLAINED as error:
            await self._explain(order.key, error)
            raise

    async def _begin(self, order: Order) -> str:
        """Keep the files and write that they are about to go; the state in which that was found."""
        async with self._sessions() as session:
            sending = await session.get_one(Sending, order.key)
        if sending.state != ASKED:
            return sending.state
        files = await order.made()
        async with self._sessions.begin() as session:
            begin = update(Sending).where(col(Sending.id) == order.key, col(Sending.state) == ASKED)
            new = await session.scalar(begin.values(state=BEGUN).returning(col(Sending.id)))
            if new is None:  # called back, or begun by a try that was thought lost
                return (await session.get_one(Sending, order.key)).state
            await _keep(session, order.key, files)
        return ASKED

    async def _hand_over(self, order: Order, *, asked_before: bool) -> Receipt:
        channel = self.channel(order.channel)
        package = await self._package(order)
        found = await channel.find(package) if asked_before else None
        return found or await channel.send(package)

    async def _package(self, order: Order) -> Package:
        """As it was kept, to where it goes now."""
        destination = await order.destination()
        async with self._sessions() as session:
            kept = await session.scalars(
                select(SentFile).where(col(SentFile.sending_id) == order.key).order_by(col(SentFile.position))
            )
            words = await session.get(StepWords, order.key)
            sending = await session.get_one(Sending, order.key)
            return Package(
                key=order.key,
                destination=destination,
                files=tuple(PackageFile(file.name, file.content, file.pages) for file in kept),
                entered=words.words if words else sending.confirmation or "",
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


def keep_receipt(sending: Sending, receipt: Receipt) -> None:
    """What shows that it went out, on the sending's row."""
    sending.state, sending.confirmation, sending.problem = SENT, receipt.confirmation, ""
    sending.sent_at, sending.content_sha256 = receipt.sent_at, receipt.content_sha256
    sending.proof = {
        "destination": receipt.destination,
        "answer": receipt.answer,
        "files": receipt.file_hashes,
    }


def not_sent_words(sending: Sending, problem: str) -> str:
    """Whether it may have gone out, and what a person does now."""
    why = sending.problem or f"The system failed ({problem})."
    if sending.state == BEGUN:
        return (
            f"It may have gone out. {why} Find out before you send it again; if it went out, mark it as "
            "submitted."
        )
    return f"It could not be sent, and nothing went out. {why} Put that right or send it another way."


async def _keep(session: AsyncSession, key: UUID, files: Sequence[PackageFile]) -> None:
    session.add_all(
        SentFile(sending_id=key, position=position, name=file.name, content=file.content, pages=file.pages)
        for position, file in enumerate(files, start=1)
    )
