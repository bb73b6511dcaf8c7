"""A case that other rules see otherwise is planned anew, while nobody has committed to what it said."""

from datetime import timedelta
from uuid import uuid4

import pytest

from overturn.db import tables
from overturn.domain.denial_case import CaseStatus
from overturn.domain.workflow_ids import denial_case
from tests.workflow.office import Office
from workflows.denial_case.types import SetDeadlineInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def reclassified(office: Office, case_id: object, **row: str) -> None:
    assert isinstance(case_id, type(uuid4()))
    await office.record.reclassify(case_id, **row)
    await office.tell_other_rules(case_id, uuid4())
    await office.kinds_until(case_id, "planned_anew")


async def test_queue_deadline_work_and_letter_follow_the_new_classification(office: Office) -> None:
    case_id = await office.open()
    before = await office.record.case(case_id)
    await reclassified(office, case_id, category="coding", action="corrected_claim")
    case = await office.record.case(case_id)
    [item] = await office.record.open_items(case_id)
    assert (case.queue, item.queue) == ("coding", "coding")
    assert before.queue != "coding"
    assert (item.due_on, item.priority) == (case.due_on, case.priority)
    assert case.due_on != before.due_on
    assert await office.record.letters(case_id) == []  # nobody had touched its draft
    told = (await office.record.timeline(case_id))[-1].summary
    assert told.startswith(
        f"Planned anew: in queue coding, due {case.due_on}; before in queue {before.queue}"
    )
    attributes = (await office.handle(case_id).describe()).typed_search_attributes
    assert "coding" in {str(pair.value) for pair in attributes}
    assert office.handle(case_id).id == denial_case(case_id)


async def test_another_letter_is_drafted_where_the_new_action_needs_one(office: Office) -> None:
    case_id = await office.open(action="corrected_claim", category="coding")
    await reclassified(office, case_id, category="medical_necessity", action="appeal")

    async def drafted() -> bool:
        return bool(await office.record.letters(case_id))

    await office.until(drafted)
    [letter] = await office.record.letters(case_id)
    assert letter.version == (await office.record.case(case_id)).version == 2


async def test_an_edited_letter_stays_and_the_timeline_says_so(office: Office) -> None:
    case_id = await office.open()
    await office.record.edit_letter(case_id, "In our own words.")
    await reclassified(office, case_id, category="coding", action="appeal")
    [letter] = await office.record.letters(case_id)
    assert letter.markdown == "In our own words."
    assert "The letter was edited and is kept" in (await office.record.timeline(case_id))[-1].summary


async def test_an_approval_that_was_quicker_is_left_alone(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    before = await office.record.case(case_id)
    await office.tell_other_rules(case_id, uuid4())
    await office.kinds_until(case_id, "planned_anew")
    case = await office.record.case(case_id)
    assert (case.status, case.queue, case.due_on) == (CaseStatus.APPROVED, before.queue, before.due_on)
    assert "Approved before it could be planned anew" in (await office.record.timeline(case_id))[-1].summary


async def test_a_last_day_that_a_person_set_stays(office: Office) -> None:
    case_id = await office.open()
    due_on = await office.today() + timedelta(days=30)
    await office.step(case_id, SetDeadlineInput, 1, "The payer's letter.", due_on=due_on)
    await reclassified(office, case_id, category="coding", action="corrected_claim")
    assert (await office.record.case(case_id)).due_on == due_on


async def test_no_case_ends_because_a_new_last_day_is_over(office: Office) -> None:
    case_id = await office.open(days_ago=160, action="bill_patient")
    await reclassified(office, case_id, category="medical_necessity", action="appeal")
    case = await office.record.case(case_id)
    assert (case.status, case.due_on) == (CaseStatus.NEEDS_WORK, None)
    assert "is over" in case.deadline["unknown"]
    assert isinstance(case, tables.DenialCase)
