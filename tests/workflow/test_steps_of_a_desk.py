"""Pending, deadlines set by hand, undoing, reopening: what a desk needs besides going on."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from overturn.domain.business_days import is_business_day
from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from overturn.rulebook.holidays import federal_holidays
from tests.workflow.office import Office
from workflows.denial_case.types import PendInput, ReopenInput, SetDeadlineInput, UndoInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


@pytest_asyncio.fixture
async def lead(office: Office) -> AsyncIterator[None]:
    await office.record.promote("manager")
    yield
    await office.record.promote("specialist")


# --- pend -------------------------------------------------------------------------------------------------


async def test_a_pended_case_comes_back_to_who_pended_it_at_its_old_rank(office: Office) -> None:
    case_id = await office.open()
    (before,) = await office.record.open_items(case_id)
    await office.step(case_id, PendInput, 1, "Waiting for the plan of care.", business_days=5)
    case = await office.record.case(case_id)
    today = await office.today()
    assert case.pended_until is not None
    days = [today + timedelta(days=n) for n in range(1, (case.pended_until - today).days + 1)]
    holidays = federal_holidays(today.year, today.year + 1)
    assert sum(is_business_day(day, holidays) for day in days) == 5
    assert case.assigned_to == office.record.person_id
    (after,) = await office.record.open_items(case_id)
    assert (after.id, after.priority) == (before.id, before.priority)
    last = (await office.record.timeline(case_id))[-1].summary
    assert last == f"Pended until {case.pended_until}: Waiting for the plan of care."


async def test_a_new_fact_wakes_a_pended_case(office: Office) -> None:
    case_id = await office.open()
    await office.step(case_id, PendInput, 1, "Waiting.", business_days=20)
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    await office.tell(case_id)
    await office.kinds_until(case_id, "remittance")
    assert (await office.record.case(case_id)).pended_until is None


async def test_past_the_safe_date_only_a_lead_pends(office: Office) -> None:
    case_id = await office.open(days_ago=115)  # ten days are left
    case = await office.record.case(case_id)
    assert case.safe_on is not None
    with pytest.raises(StepRefusedError, match=f"after the safe date, {case.safe_on}"):
        await office.step(case_id, PendInput, 1, "Waiting.", business_days=4)
    assert (await office.record.case(case_id)).version == 1


@pytest.mark.usefixtures("lead")
async def test_a_lead_pends_past_the_safe_date_and_nobody_past_the_last_day(office: Office) -> None:
    case_id = await office.open(days_ago=115)
    with pytest.raises(StepRefusedError, match="after the last day"):
        await office.step(case_id, PendInput, 1, "Waiting.", business_days=30)
    assert (await office.step(case_id, PendInput, 1, "My call.", business_days=4)).case_version == 2


async def test_pending_needs_a_reason(office: Office) -> None:
    case_id = await office.open()
    with pytest.raises(StepRefusedError, match="reason"):
        await office.step(case_id, PendInput, 1, business_days=2)


# --- a deadline set by hand -------------------------------------------------------------------------------


async def test_an_unknown_deadline_is_set_and_from_then_on_watched(office: Office) -> None:
    case_id = await office.open(payer_key=None, action="call_payer")
    due_on = await office.today() + timedelta(days=40)
    await office.step(case_id, SetDeadlineInput, 1, "Contract of 2024, page 7.", due_on=str(due_on))
    case = await office.record.case(case_id)
    assert (case.due_on, case.deadline["rule"]["id"]) == (due_on, "stated")
    assert "unknown" not in case.deadline
    assert case.deadline["derivation"][0]["because"] == "Contract of 2024, page 7."
    assert case.safe_on is not None
    assert (await office.record.open_items(case_id))[0].due_on == due_on
    last = (await office.record.timeline(case_id))[-1].summary
    assert last == f"Last day set to {due_on} (it was unknown): Contract of 2024, page 7."
    await office.pass_days(45)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    assert (await office.record.kinds(case_id)).count("reminder") == 4


async def test_a_deadline_that_moves_moves_the_timer(office: Office) -> None:
    case_id = await office.open()
    before = (await office.record.case(case_id)).due_on
    due_on = await office.today() + timedelta(days=30)
    await office.step(case_id, SetDeadlineInput, 1, "The payer's letter.", due_on=str(due_on))
    assert f"(it was {before})" in (await office.record.timeline(case_id))[-1].summary
    await office.pass_days(35)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED


async def test_a_last_day_that_is_over_is_refused(office: Office) -> None:
    case_id = await office.open()
    yesterday = await office.today() - timedelta(days=1)
    with pytest.raises(StepRefusedError, match="is over"):
        await office.step(case_id, SetDeadlineInput, 1, "x", due_on=str(yesterday))


# --- undo -------------------------------------------------------------------------------------------------


async def test_an_approval_is_taken_back(office: Office) -> None:
    case_id = await office.open()
    (before,) = await office.record.open_items(case_id)
    await office.approve(case_id)
    assert (await office.step(case_id, UndoInput, 2)).status is CaseStatus.NEEDS_WORK
    (letter,) = await office.record.letters(case_id)
    assert (letter.state, letter.approved_by) == ("draft", None)
    (after,) = await office.record.open_items(case_id)
    assert (after.kind, after.title, after.priority) == (before.kind, before.title, before.priority)
    assert (await office.approve(case_id, 3)).status is CaseStatus.APPROVED


async def test_a_submission_by_hand_is_taken_back_and_may_expire_again(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id)
    assert (await office.step(case_id, UndoInput, 3)).status is CaseStatus.APPROVED
    await office.appeal(case_id).result()
    await office.pass_days(130)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    assert (await office.record.case(case_id)).missed_cause == "not_sent"


async def test_what_the_system_sent_cannot_be_called_back(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    await office.kinds_until(case_id, "sent")
    with pytest.raises(StepRefusedError, match="cannot be called back"):
        await office.step(case_id, UndoInput, 4)


async def test_a_decision_is_taken_back_and_the_payer_asked_again(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id)
    await office.decide(case_id, PayerDecision.OVERTURNED)
    assert (await office.step(case_id, UndoInput, 4)).status is CaseStatus.SUBMITTED
    await office.pass_days(61)
    await office.kinds_until(case_id, "ask_payer")


# --- reopen -----------------------------------------------------------------------------------------------


async def written_off(office: Office) -> UUID:
    case_id = await office.open(action="call_payer")
    await office.write_off(case_id)
    await office.result(case_id)
    return case_id


async def test_a_closed_case_is_worked_again(office: Office) -> None:
    case_id = await written_off(office)
    answer = await office.step(case_id, ReopenInput, 2, "The payer called back.")
    assert answer.status is CaseStatus.NEEDS_WORK
    case = await office.record.case(case_id)
    assert (case.outcome, case.resolved_at) == (None, None)
    assert case.written_off_amount == 0
    assert len(await office.record.open_items(case_id)) == 1
    await office.write_off(case_id, answer.case_version)
    assert (await office.result(case_id)).outcome is Outcome.WRITTEN_OFF
    assert await office.record.published(case_id, "case.resolved.v1") == 2


async def test_a_case_reopened_after_its_last_day_has_an_unknown_one(office: Office) -> None:
    case_id = await office.open()
    await office.pass_days(130)
    await office.result(case_id)
    version = (await office.record.case(case_id)).version
    await office.step(case_id, ReopenInput, version, "Good cause: the office was flooded.")
    case = await office.record.case(case_id)
    assert (case.status, case.due_on, case.missed_cause) == ("needs_work", None, None)
    assert "is over" in case.deadline["unknown"]


async def test_an_open_case_is_not_reopened(office: Office) -> None:
    case_id = await office.open()
    with pytest.raises(StepRefusedError, match="needs one that is resolved"):
        await office.step(case_id, ReopenInput, 1, "x")


# --- what was missed --------------------------------------------------------------------------------------


async def test_the_lead_is_told_from_the_seventh_day_on(office: Office) -> None:
    case_id = await office.open(days_ago=0)
    await office.pass_days(112)
    await office.kinds_until(case_id, "reminder")
    assert (await office.record.case(case_id)).escalated_at is None
    await office.pass_days(7)
    await office.kinds_until(case_id, "reminder", 2)
    assert (await office.record.case(case_id)).escalated_at is not None
    assert (await office.record.timeline(case_id))[-1].summary.endswith("; the lead is told.")


async def test_a_missed_case_keeps_its_cause(office: Office) -> None:
    nobodys, owned = await office.open(), await office.open()
    late = await office.open(days_ago=400, waits_for_letter=False)
    await office.assign(owned, 1)
    await office.pass_days(130)
    for case_id, cause in ((nobodys, "nobodys"), (owned, "not_done"), (late, "arrived_late")):
        await office.result(case_id)
        assert (await office.record.case(case_id)).missed_cause == cause
