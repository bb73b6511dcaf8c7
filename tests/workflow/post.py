"""A channel that does what the post does, and what tests ask of it: break before, in the middle, or after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from overturn.channels import Channel, Package, Receipt
from overturn.domain.channel_names import ChannelName


def nothing_happens() -> None:
    """As on most days."""


@dataclass
class Post:
    """The real print folder behind it keeps what went out; `keys` are all packages it was handed."""

    behind: Channel
    name: ChannelName = ChannelName.MAIL
    label: str = "Print and mail"
    before: Callable[[], None] = nothing_happens
    after: Callable[[], None] = nothing_happens
    looking: Callable[[], None] = nothing_happens
    keys: list[UUID] = field(default_factory=list)

    async def find(self, package: Package) -> Receipt | None:
        self.looking()
        return await self.behind.find(package)

    async def send(self, package: Package) -> Receipt:
        self.before()
        self.keys.append(package.key)
        receipt = await self.behind.send(package)
        self.after()
        return receipt
