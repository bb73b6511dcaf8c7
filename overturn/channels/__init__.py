"""One package in, under a key of its own; out to a payer, at most once, with a receipt back."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from overturn.domain.channel_names import ChannelName
from overturn.packages import PackageFile


@dataclass(frozen=True, slots=True)
class Receipt:
    """What shows that it went out: the confirmation, when (aware), where to, and what was answered.

    `file_hashes` is SHA-256 by file name; `content_sha256` is over all of them.
    """

    confirmation: str
    answer: str
    destination: str
    sent_at: datetime
    file_hashes: dict[str, str]
    content_sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """What goes to a payer in one piece. `key` is the sending's identity: two packages of one key are one.

    `destination` is a number or an electronic address, empty for mail, whose address is on the cover sheet.
    `entered` is the confirmation that a person brought along, empty where the channel gives one itself.
    File names say nothing about a patient.
    """

    key: UUID
    destination: str
    files: tuple[PackageFile, ...]
    entered: str = ""

    @property
    def content_sha256(self) -> str:
        """Over names, lengths and contents: the same package has the same hash on every channel."""
        digest = sha256()
        for file in self.files:
            digest.update(f"{file.name} {len(file.content)}\n".encode())
            digest.update(file.content)
        return digest.hexdigest()

    def receipt(self, confirmation: str, *, answer: str, sent_at: datetime) -> Receipt:
        return Receipt(
            confirmation=confirmation,
            answer=answer,
            destination=self.destination,
            sent_at=sent_at,
            file_hashes={file.name: sha256(file.content).hexdigest() for file in self.files},
            content_sha256=self.content_sha256,
        )


class ChannelRefusedError(Exception):
    """The channel will never take this package; nothing went out. The message is for a biller."""


class ChannelAwayError(Exception):
    """Nothing went out, and a later try may succeed. The message is for a biller."""


class CannotTellError(Exception):
    """Whether something went out under the key cannot be found out here: a person has to look."""


class Channel(Protocol):
    """One way to a payer.

    Whoever sends writes down that it is about to, then sends, then writes down the receipt. What a crash
    leaves between the last two is what `find` is for.
    """

    @property
    def name(self) -> ChannelName:
        """Its name in the record, in addresses and in limits."""

    @property
    def label(self) -> str:
        """What a person reads: `Print and mail`."""

    async def find(self, package: Package) -> Receipt | None:
        """The receipt of what went out under the package's key.

        None where nothing did, or where sending the same package again under its key sends nothing twice.

        Raises:
            CannotTellError: this channel keeps no account of keys.
        """

    async def send(self, package: Package) -> Receipt:
        """Send it.

        Raises:
            ChannelRefusedError: it never will.
            ChannelAwayError: nothing went out; it is tried again.
            CannotTellError: a part of it went out; a person has to look.
            Exception: any other may have let it out; it is tried again after asking `find`.
        """
