"""A package goes to a payer once: it is written down as it will go, then it goes, then what shows it.

Killed before the channel, it goes at the next try. Killed after it, the channel is asked for what it has
under the key, and its receipt is recorded. A channel that cannot tell leaves the question to a person.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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
from overturn.reporting.package_record import AddressUnknownError

ASKED: Final = "asked"
BEGUN: Final = "begun"
SENT: Final = "sent"
NOT_SENT: Final = "not_sent"

EXPLAINED: Final = (
    *(ChannelRefusedError, ChannelAwayError, CannotTellError, ConnectionError),
    *(AddressUnknownError, PackageError),
)
"""Errors whose words are for a biller."""


class HandingOver:
    """What every sending has in common, whatever it is about; `key` is the sending's id."""

    def __init__(self, sessions: Sessions, channels: Mapping[ChannelName, Channel]) -> None:
        self._sessions = sessions
        self._channels = channels

    def channel(self, name: ChannelName | None) -> Channel:
        channel = self._channels.get(name) if name else None
        if channel is None:
            raise ChannelRefusedError("This way of sending is not set up any more: choose another.")
        return channel

    async def begin(self, key: UUID, made: Callable[[], Awaitable[Sequence[PackageFile]]]) -> str:
        """Keep the files and write that they are about to go; the state in which that was found."""
        async with self._sessions() as session:
            sending = await session.get_one(Sending, key)
        if sending.state != ASKED:
            return sending.state
        files = await made()
        async with self._sessions.begin() as session:
            begin = update(Sending).where(col(Sending.id) == key, col(Sending.state) == ASKED)
            new = await session.scalar(begin.values(state=BEGUN).returning(col(Sending.id)))
            if new is None:  # called back, or begun by a try that was thought lost
                return (await session.get_one(Sending, key)).state
            _keep(session, key, files)
        return ASKED

    async def hand_over(
        self, key: UUID, channel: Channel, destination: str, *, asked_before: bool
    ) -> Receipt:
        """As it was kept, to where the payer's letters go now."""
        package = await self._package(key, destination)
        found = await channel.find(package) if asked_before else None
        return found or await channel.send(package)

    async def _package(self, key: UUID, destination: str) -> Package:
        async with self._sessions() as session:
            kept = await session.scalars(
                select(SentFile).where(col(SentFile.sending_id) == key).order_by(col(SentFile.position))
            )
            words = await session.get(StepWords, key)
            return Package(
                key=key,
                destination=destination,
                files=tuple(PackageFile(file.name, file.content, file.pages) for file in kept),
                entered=words.words if words else "",
            )

    async def explain(self, key: UUID, error: Exception) -> None:
        """Why, for a person; and that nothing went out, where the error says so."""
        went_nowhere = isinstance(error, ChannelRefusedError | ChannelAwayError)
        async with self._sessions.begin() as session:
            sending = await session.get_one(Sending, key, with_for_update=True)
            sending.problem = str(error)
            if went_nowhere and sending.state == BEGUN:
                sending.state = ASKED
                await session.execute(delete(SentFile).where(col(SentFile.sending_id) == key))


def keep_receipt(sending: Sending, receipt: Receipt) -> None:
    """What shows that it went out."""
    sending.state, sending.confirmation, sending.problem = SENT, receipt.confirmation, ""
    sending.sent_at, sending.content_sha256 = receipt.sent_at, receipt.content_sha256
    sending.proof = {
        "destination": receipt.destination,
        "answer": receipt.answer,
        "files": receipt.file_hashes,
    }


def not_sent(sending: Sending, problem: str) -> str:
    """The sentence for whoever has to see to it now."""
    why = sending.problem or f"The system failed ({problem})."
    if sending.state == BEGUN:
        return (
            f"It may have gone out. {why} Find out before you send it again; if it went out, mark it as "
            "submitted."
        )
    return f"It could not be sent, and nothing went out. {why} Put that right or send it another way."


def _keep(session: AsyncSession, key: UUID, files: Sequence[PackageFile]) -> None:
    session.add_all(
        SentFile(sending_id=key, position=position, name=file.name, content=file.content, pages=file.pages)
        for position, file in enumerate(files, start=1)
    )
