"""The demo's addresses: there for every payer, and never over what somebody entered."""

from typing import Any

import pytest

from overturn.db import tables
from overturn.db.addresses import contact_of
from overturn.db.session import Sessions
from overturn.demo.addresses import ensure_addresses
from overturn.domain.channel_names import ChannelName
from overturn.settings import Settings
from overturn.synthetic.practice import PAYERS
from tests.integration.records import rows

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def test_every_payer_of_the_generated_practice_can_be_written_to(
    sessions: Sessions, database_url: str
) -> None:
    await ensure_addresses(Settings.model_construct(database_url=database_url))
    async with sessions() as session:
        for payer in PAYERS:
            given: dict[str, Any] = {"payer_name": payer.name, "line_of_business": "Commercial"}
            case = tables.DenialCase(**given)
            for channel in (ChannelName.MAIL, ChannelName.FAX):
                assert await contact_of(session, case, level=1, channel=channel) is not None
    (profile,) = await rows(sessions, tables.PracticeProfile)
    assert profile.signer_name


async def test_a_second_run_leaves_what_was_entered(sessions: Sessions, database_url: str) -> None:
    settings = Settings.model_construct(database_url=database_url)
    await ensure_addresses(settings)
    async with sessions.begin() as session:
        profile = await session.get_one(tables.PracticeProfile, 1)
        profile.signer_name = "Somebody Else"
    before = len(await rows(sessions, tables.PayerContact))
    await ensure_addresses(settings)
    (profile,) = await rows(sessions, tables.PracticeProfile)
    assert profile.signer_name == "Somebody Else"
    assert len(await rows(sessions, tables.PayerContact)) == before
