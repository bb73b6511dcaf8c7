"""A portal's receipt is what a person brought back."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from overturn.channels import ChannelRefusedError, Package
from overturn.channels.portal import PortalChannel
from overturn.packages import PackageFile

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
FILES = (PackageFile("appeal.pdf", b"%PDF generated", 1),)


def portal() -> PortalChannel:
    return PortalChannel(lambda: NOW)


async def test_the_confirmation_is_the_one_entered_over_the_files_that_were_uploaded() -> None:
    package = Package(uuid4(), "https://portal.test", FILES, entered="CONF-1")
    receipt = await portal().send(package)
    assert (receipt.confirmation, receipt.sent_at) == ("CONF-1", NOW)
    assert receipt.content_sha256 == package.content_sha256


async def test_without_a_confirmation_nothing_counts_as_sent() -> None:
    with pytest.raises(ChannelRefusedError, match="confirmation number"):
        await portal().send(Package(uuid4(), "https://portal.test", FILES))


async def test_the_hash_is_over_names_and_contents() -> None:
    one, other = (Package(uuid4(), "", (PackageFile(name, b"%PDF", 1),)) for name in ("a.pdf", "b.pdf"))
    assert one.content_sha256 != other.content_sha256
