"""The tests' own clock: days pass in a moment, whatever a test before left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import Outcome
from tests.waiting import PATIENCE_SECONDS
from tests.workflow.office import Office

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

LONG = 400


async def ended_while_its_letter_was_drafted(office: Office) -> UUID:
    case_id = await office.record.add_denied_claim(denied_on=await office.today())
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    return case_id


async def ended_before_its_appeal(office: Office) -> UUID:
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id, channel=ChannelName.MAIL)
    await office.kinds_until(case_id, "sent")
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    return case_id


@pytest.mark.parametrize("ended", [ended_while_its_letter_was_drafted, ended_before_its_appeal])
async def test_the_clock_goes_on_after_what_a_case_left_running(
    office: Office, ended: Callable[[Office], Awaitable[UUID]]
) -> None:
    case_id = await ended(office)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    start = await office.environment.get_current_time()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await office.pass_days(LONG)
    assert await office.environment.get_current_time() - start >= timedelta(days=LONG)
