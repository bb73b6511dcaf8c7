"""A case's clock: months in seconds."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome, StepRefusedError
from overturn.domain.practice_day import practice_date
from tests.workflow.office import Office
from workflows.denial_case.types import SubmitInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def test_reminders_come_on_their_days_and_then_the_end(office: Office) -> None:
    case_id = await office.open(days_ago=0)
    due_on = (await office.record.case(case_id)).due_on
    assert due_on is not None
    assert due_on - await office.today() == timedelta(days=125)  # 120 days and 5 for the mail
    await office.pass_days(130)

    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    happened = [
        (event.kind, (due_on - practice_date(event.happened_at)).days)
        for event in await office.record.timeline(case_id)
        if event.actor == "clock"
    ]
    assert happened == [("reminder", 14), ("reminder", 7), ("reminder", 1), ("reminder", 0), ("expire", -1)]
    assert (await office.record.timeline(case_id))[-1].amount == Decimal("120.00")
    assert not await office.record.open_items(case_id)


async def test_a_case_rises_in_its_queue_as_the_end_comes_near(office: Office) -> None:
    case_id = await office.open(days_ago=0)
    (before,) = await office.record.open_items(case_id)
    await office.pass_days(112)
    await office.kinds_until(case_id, "reminder")
    (after,) = await office.record.open_items(case_id)
    assert after.priority > before.priority
    assert "14 days left" in (await office.record.case(case_id)).priority_reason


async def test_reminders_of_the_past_are_not_made_up_for(office: Office) -> None:
    case_id = await office.open(days_ago=120)  # five days are left
    await office.pass_days(10)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    assert (await office.record.kinds(case_id)).count("reminder") == 2


async def test_a_deadline_that_is_over_ends_the_case_at_once(office: Office) -> None:
    case_id = await office.open(days_ago=400, waits_for_letter=False)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    assert await office.record.kinds(case_id) == ["opened", "expire"]
    assert not await office.record.letters(case_id)


async def test_what_was_sent_in_time_does_not_expire(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id)
    await office.pass_days(400)
    assert (await office.handle(case_id).query("status", result_type=dict))["status"] == "submitted"
    assert "reminder" not in await office.record.kinds(case_id)


async def test_an_unknown_deadline_is_said_and_never_guessed(office: Office) -> None:
    case_id = await office.open(payer_key=None, action="call_payer")
    case = await office.record.case(case_id)
    assert case.due_on is None
    assert "set the window" in case.deadline["unknown"]
    await office.pass_days(1000)
    assert (await office.record.case(case_id)).status == CaseStatus.NEEDS_WORK


async def test_the_deadline_is_kept_with_its_derivation(office: Office) -> None:
    case = await office.record.case(await office.open())
    assert case.deadline["rule"]["id"] == "medicare-appeal-1"
    assert [step["step"] for step in case.deadline["derivation"]][:3] == ["start", "receipt", "window"]
    assert case.deadline["due_on"] == str(case.due_on)
    assert case.safe_on is not None


async def test_approving_moves_no_deadline(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.pass_days(200)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED


async def test_the_night_in_greenwich_is_still_the_day_before_for_the_practice(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    night = datetime.combine(await office.today() + timedelta(days=2), time(3), UTC)
    await office.pass_time(night - await office.environment.get_current_time())
    assert await office.today() == night.date() - timedelta(days=1)
    step = SubmitInput(
        step_id=uuid4(),
        actor_id=office.record.person_id,
        case_version=2,
        channel=ChannelName.PORTAL,
        submitted_on=night.date(),
    )
    with pytest.raises(StepRefusedError, match="lies in the future"):
        await office.take(case_id, step)
    assert (await office.submit(case_id)).status is CaseStatus.SUBMITTED
