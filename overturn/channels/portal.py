"""A payer's portal: a person enters fields and uploads files there, and brings the confirmation back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from overturn.channels import ChannelRefusedError, Package, Receipt
from overturn.domain.channel_names import ChannelName


@dataclass(frozen=True, slots=True)
class PortalChannel:
    """Sends nothing by itself; its receipt is what the person entered, over the package that was uploaded."""

    clock: Callable[[], datetime]
    name: ChannelName = ChannelName.PORTAL
    label: str = "Portal"

    async def find(self, package: Package) -> Receipt | None:  # noqa: ARG002 - the contract's
        return None

    async def send(self, package: Package) -> Receipt:
        if not package.entered:
            raise ChannelRefusedError("The portal's confirmation number is missing: enter it.")
        return package.receipt(package.entered, answer="entered by hand", sent_at=self.clock())
