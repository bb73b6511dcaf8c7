"""Messages that come twice, late, early or at the same time have one effect, and a refusal says why."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome, StepRefusedError
from tests.workflow.office import Office
from workflows.denial_case.starting import open_case
from workflows.denial_case.types import ApproveInput, SubmitInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def test_a_remittance_told_twice_counts_once(office: Office) -> None:
    case_id, event_id = await office.open(), uuid4()
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    for _ in range(3):
        await office.tell(case_id, event_id)
    await office.assign(case_id, 2)  # answered after them
    assert (await office.record.kinds(case_id)).count("remittance") == 1
    assert (await office.record.case(case_id)).recovered_amount == Decimal("50.00")


async def test_a_remittance_told_before_the_start_is_not_lost(office: Office) -> None:
    case_id = await office.record.add_denied_claim(denied_on=await office.today())
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    await open_case(office.environment.client, case_id)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    assert await office.record.published(case_id, "case.opened.v1") == 1


async def test_a_late_duplicate_of_the_start_starts_nothing(office: Office) -> None:
    case_id = await office.open(action="call_payer")
    await office.write_off(case_id)
    await office.result(case_id)
    run = (await office.handle(case_id).describe()).run_id
    await open_case(office.environment.client, case_id)
    await office.tell(case_id)
    assert (await office.handle(case_id).describe()).run_id == run
    assert (await office.record.kinds(case_id))[-1] == "write_off"


async def test_many_starts_at_once_start_one_workflow(office: Office) -> None:
    case_id = await office.record.add_denied_claim(denied_on=await office.today(), action="call_payer")
    await asyncio.gather(*(open_case(office.environment.client, case_id) for _ in range(20)))
    assert await office.kinds_until(case_id, "opened") == ["opened"]


async def test_the_same_step_again_has_the_same_result(office: Office) -> None:
    case_id = await office.open()
    await office.record.fill_letter(case_id)
    step = ApproveInput(step_id=uuid4(), actor_id=office.record.person_id, case_version=1)
    first = await office.take(case_id, step)
    assert await office.take(case_id, step) == first
    assert await office.take_under_another_update_id(case_id, step) == first
    assert (await office.record.kinds(case_id)).count("approve") == 1


async def test_of_two_people_at_once_one_is_refused(office: Office) -> None:
    case_id = await office.open()
    answers = await asyncio.gather(
        office.assign(case_id, 1), office.approve(case_id, 1), return_exceptions=True
    )
    refusals = [answer for answer in answers if isinstance(answer, StepRefusedError)]
    assert len(refusals) == 1
    assert "has changed since the page was loaded" in str(refusals[0])
    assert (await office.record.case(case_id)).version == 2


async def test_a_step_that_does_not_fit_is_refused_in_words(office: Office) -> None:
    case_id = await office.open()
    with pytest.raises(StepRefusedError, match="needs one that is approved"):
        await office.submit(case_id, version=1)
    assert await office.record.kinds(case_id) == ["opened", "letter_drafted"]


async def test_an_old_page_is_refused(office: Office) -> None:
    case_id = await office.open()
    await office.assign(case_id, 1)
    with pytest.raises(StepRefusedError, match="Reload the page"):
        await office.approve(case_id, 1)


async def test_a_date_in_the_future_is_refused(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    step = SubmitInput(
        step_id=uuid4(),
        actor_id=office.record.person_id,
        case_version=2,
        channel=ChannelName.PORTAL,
        submitted_on=await office.today() + timedelta(days=3),
    )
    with pytest.raises(StepRefusedError, match="lies in the future"):
        await office.take(case_id, step)


async def test_nobody_is_assigned_who_has_no_account(office: Office) -> None:
    case_id = await office.open()
    with pytest.raises(StepRefusedError, match="no account"):
        await office.assign(case_id, 1, to=uuid4())
    case = await office.record.case(case_id)
    assert (case.assigned_to, case.version) == (None, 1)
    assert (await office.assign(case_id, 1)).case_version == 2


async def test_a_case_that_nobody_opened_refuses_steps(office: Office) -> None:
    with pytest.raises(StepRefusedError, match="still being opened"):
        await office.assign(uuid4(), 1)


async def test_a_step_on_a_closed_case_is_refused(office: Office) -> None:
    case_id = await office.open(action="call_payer")
    await office.write_off(case_id)
    await office.result(case_id)
    with pytest.raises(StepRefusedError, match="Reload the page"):
        await office.assign(case_id, 2)


async def test_a_case_that_cannot_be_prepared_goes_to_a_person(office: Office) -> None:
    case_id = await office.open(category="unheard_of", waits_for_letter=False)
    case = await office.record.case(case_id)
    assert (case.status, case.queue) == (CaseStatus.NEEDS_WORK, "payer_calls")
    (event,) = await office.record.timeline(case_id)
    assert event.kind == "needs_person"
    assert "could not find deadline and queue of this case (ValueError)" in event.summary
    assert len(await office.record.open_items(case_id)) == 1
    assert (await office.write_off(case_id, case.version)).outcome is Outcome.WRITTEN_OFF


async def test_a_letter_that_cannot_be_drafted_goes_to_a_person(office: Office) -> None:
    case_id = await office.open(patient_name="X" * 200_000, waits_for_letter=False)
    await office.kinds_until(case_id, "needs_person")
    assert not await office.record.letters(case_id)
    assert (await office.approve(case_id)).status is CaseStatus.APPROVED
