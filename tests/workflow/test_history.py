"""What a case leaves in Temporal: few events, nothing in clear that says who or why."""

import json

import pytest
from temporalio.api.enums.v1 import EventType

from tests.workflow.office import Office
from tests.workflow.record import PATIENT

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
    await office.take(case_id, office.write_off(reason=CANARY))
    await office.result(case_id)
    history = await office.history(case_id)
    raw = b"".join(event.SerializeToString() for event in history.events)
    for secret in (CANARY, PATIENT, "MEMBER1", "Dana Example", "Written off", "write_off_amount"):
        assert secret.encode() not in raw
    assert (await office.record.timeline(case_id))[-1].summary == f"Written off: {CANARY}"


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
