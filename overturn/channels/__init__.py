"""One package in, under a key of its own; out to a payer, at most once, with a receipt back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a package; `name` is a file name that says nothing about a patient."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """What goes to a payer in one piece. `key` is the sending's identity: two packages of one key are one."""

    key: UUID
    title: str
    payer_name: str | None
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What shows that it went out: the channel's confirmation, when (aware), and its proof as plain JSON."""

    confirmation: str
    sent_at: datetime
    proof: dict[str, str | int] = field(default_factory=dict)


class ChannelRefusedError(Exception):
    """The channel will never take this package; nothing went out. The message is for a biller."""


class CannotTellError(Exception):
    """Whether something went out under the key cannot be found out here: a person has to look."""


class Channel(Protocol):
    """One way to a payer.

    Whoever sends writes down that it is about to, then sends, then writes down the receipt. What a crash
    leaves between the last two is what `find` is for.
    """

    @property
    def name(self) -> str:
        """Its name in the record and in messages: a short code."""

    @property
    def label(self) -> str:
        """What a person reads: `Print and mail`."""

    async def find(self, key: UUID) -> Receipt | None:
        """The receipt of what went out under this key; None where nothing did.

        Raises:
            CannotTellError: this channel keeps no account of keys.
        """

    async def send(self, package: Package) -> Receipt:
        """Send it.

        Raises:
            ChannelRefusedError: it never will; anything else is tried again after asking `find`.
        """
