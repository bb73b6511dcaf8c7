"""What a case leaves in Temporal: few events, nothing in clear that says who or why."""

import json
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType

from overturn.domain.denial_case import CaseStatus, StepRefusedError
from tests.replay.recorded import patient_data_in, texts_in
from tests.workflow.office import Office
from tests.workflow.record import PATIENT
from workflows.denial_case.types import WriteOffInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

EVENTS_TO_A_DRAFTED_LETTER = 18
EVENTS_TO_A_PREPARED_CASE = 15
CANARY = "Canary the patient's sister called"


async def test_a_drafted_letter_costs_few_events(office: Office) -> None:
    case_id = await office.open()
    assert len((await office.history(case_id)).events) <= EVENTS_TO_A_DRAFTED_LETTER


async def test_a_case_without_a_letter_costs_fewer(office: Office) -> None:
    case_id = await office.open(action="corrected_claim", category="coding")
    assert len((await office.history(case_id)).events) <= EVENTS_TO_A_PREPARED_CASE


async def test_nothing_a_person_typed_and_no_patient_stands_in_the_history(office: Office) -> None:
    case_id = await office.open()
    await office.write_off(case_id, reason=CANARY)
    await office.result(case_id)
    history = await office.history(case_id)
    raw = b"".join(event.SerializeToString() for event in history.events)
    for secret in (CANARY, PATIENT, "MEMBER1", "Dana Example", "Written off", "write_off_amount"):
        assert secret.encode() not in raw
    assert (await office.record.timeline(case_id))[-1].summary == f"Written off: {CANARY}"


async def test_decoded_a_history_has_ids_codes_and_dates_alone(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id)
    await office.write_off(case_id, 3, reason=CANARY)
    await office.result(case_id)
    said = await texts_in(await office.history(case_id))
    assert str(case_id) in said
    assert "write_off" in said
    assert await patient_data_in(await office.history(case_id)) == set()
    assert "confirmation FAX 7" in (await office.record.timeline(case_id))[-2].summary


async def test_decoded_a_failure_names_its_kind_alone(office: Office) -> None:
    """An exception's message may quote anything, a patient's name too."""
    case_id = await office.open(category="unheard_of", waits_for_letter=False)
    await office.write_off(case_id, 2)
    await office.result(case_id)
    said = await texts_in(await office.history(case_id))
    assert not any("unheard_of" in text for text in said)
    assert "see the worker's log" in said


async def test_the_words_of_a_step_count_as_they_were_first_sent(office: Office) -> None:
    case_id = await office.open(action="call_payer")
    step = WriteOffInput(step_id=uuid4(), actor_id=office.record.person_id, case_version=1)
    first = await office.take(case_id, step, "Too small.")
    assert await office.take(case_id, step, "Something else.") == first
    assert (await office.record.timeline(case_id))[-1].summary == "Written off: Too small."


async def test_a_write_off_without_a_reason_on_record_is_refused(office: Office) -> None:
    case_id = await office.open(action="call_payer")
    step = WriteOffInput(step_id=uuid4(), actor_id=office.record.person_id, case_version=1)
    with pytest.raises(StepRefusedError, match="reason of this step is not on record"):
        await office.take(case_id, step)
    assert (await office.record.case(case_id)).status == CaseStatus.NEEDS_WORK


async def test_a_failure_is_encrypted_too(office: Office) -> None:
    case_id = await office.open(category="unheard_of", waits_for_letter=False)
    history = await office.history(case_id)
    raw = b"".join(event.SerializeToString() for event in history.events)
    assert b"unheard_of" not in raw
    assert b"Encoded failure" in raw


async def test_search_attributes_are_codes_in_clear(office: Office) -> None:
    case_id = await office.open()
    due_on = (await office.record.case(case_id)).due_on
    (upsert,) = [
        event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        for event in (await office.history(case_id)).events
        if event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    ]
    assert {name: json.loads(payload.data) for name, payload in upsert.items()} == {
        "OverturnPayerKey": "medicare",
        "OverturnCategory": "medical_necessity",
        "OverturnQueue": "clinical_appeals",
        "OverturnDueOn": f"{due_on}T00:00:00+00:00",
    }
