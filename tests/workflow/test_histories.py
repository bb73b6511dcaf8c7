"""Situations of a case, played on today's code.

With OVERTURN_RECORD_HISTORIES=1 the history of a new situation is written to tests/replay/histories. Those
that are there stay as they are: they are the past that newer code has to agree with.
"""

import os
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import Info

from overturn.domain import workflow_ids as ids
from overturn.domain.appeal_batch import Order
from overturn.domain.denial_case import PayerDecision
from overturn.domain.resubmission import Corrections
from tests.replay.recorded import FOLDER, history_converter, patient_data_in, save, texts_in
from tests.workflow.batches import batches_at
from tests.workflow.claims import answer_claim, approved, resubmit, workflow_ends
from tests.workflow.office import Office
from tests.workflow.record import PATIENT
from workflows.appeal_batch import activities as batch_activities
from workflows.appeal_batch.starting import look_at_batch
from workflows.denial_case.types import UndoInput
from workflows.registry import WORKFLOWS
from workflows.task_queues import DENIAL_CASES

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

RECORDS = bool(os.environ.get("OVERTURN_RECORD_HISTORIES"))


async def recovered(office: Office) -> UUID:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id)
    await office.decide(case_id, PayerDecision.OVERTURNED)
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    await office.result(case_id)
    return case_id


async def upheld(office: Office) -> UUID:
    case_id = await office.open()
    await office.assign(case_id, 1)
    await office.approve(case_id, 2)
    await office.submit(case_id, 3)
    await office.decide(case_id, PayerDecision.UPHELD, 4, final=True)
    await office.result(case_id)
    return case_id


async def written_off(office: Office) -> UUID:
    """After a part of the money came, twice told."""
    case_id = await office.open(action="corrected_claim", category="coding")
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    await office.tell(case_id)
    await office.kinds_until(case_id, "remittance")
    await office.write_off(case_id, 2)
    await office.result(case_id)
    return case_id


async def expired(office: Office) -> UUID:
    case_id = await office.open()
    await office.pass_days(130)
    await office.result(case_id)
    return case_id


async def opened_too_late(office: Office) -> UUID:
    case_id = await office.open(days_ago=400, waits_for_letter=False)
    await office.result(case_id)
    return case_id


async def needs_person(office: Office) -> UUID:
    """Neither prepared nor, so, with a letter; a person ends it."""
    case_id = await office.open(category="unheard_of", waits_for_letter=False)
    await office.write_off(case_id, 2)
    await office.result(case_id)
    return case_id


async def no_letter(office: Office) -> UUID:
    """Its draft fails; the case lives on."""
    case_id = await office.open(patient_name="X" * 200_000, waits_for_letter=False)
    await office.kinds_until(case_id, "needs_person")
    await office.write_off(case_id)
    await office.result(case_id)
    return case_id


async def second_level(office: Office) -> UUID:
    """Sent by the system, upheld, drafted for the next level, sent by hand, asked after, overturned, paid."""
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    await office.kinds_until(case_id, "sent")
    await office.decide(case_id, PayerDecision.UPHELD, 4)
    await office.kinds_until(case_id, "letter_drafted", 2)
    await office.approve(case_id, 5)
    await office.submit(case_id, 6)
    await office.pass_days(61)
    await office.kinds_until(case_id, "ask_payer")
    await office.decide(case_id, PayerDecision.OVERTURNED, 8)
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    await office.result(case_id)
    return case_id


async def corrected(office: Office) -> UUID:
    """Rejected, written again, taken in, paid."""
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    await answer_claim(office, case_id, "A7")
    await office.kinds_until(case_id, "rejected")
    await workflow_ends(office, case_id)
    version = (await office.record.case(case_id)).version
    await office.approve(case_id, version)
    await resubmit(office, case_id, version + 1, Corrections(prior_authorization="AUTH1"))
    await office.kinds_until(case_id, "sent", 2)
    await answer_claim(office, case_id, "A2")
    await office.kinds_until(case_id, "accepted")
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    await office.result(case_id)
    return case_id


async def reclassified(office: Office) -> UUID:
    """Other rules make a corrected claim of it, twice told; a person ends it by the new version."""
    case_id = await office.open()
    event_id = uuid4()
    await office.record.reclassify(case_id, category="coding", action="corrected_claim")
    for _ in range(2):
        await office.tell_other_rules(case_id, event_id)
    await office.kinds_until(case_id, "planned_anew")
    await office.write_off(case_id, 2)
    await office.result(case_id)
    return case_id


SITUATIONS: list[Callable[[Office], Awaitable[UUID]]] = [
    recovered,
    upheld,
    written_off,
    expired,
    opened_too_late,
    needs_person,
    no_letter,
    second_level,
    corrected,
    reclassified,
]


async def keep(name: str, history: WorkflowHistory) -> None:
    """It replays on the code that made it, says nothing of a patient, and stays for the code to come."""
    assert await patient_data_in(history) == set()
    replayer = Replayer(workflows=WORKFLOWS[DENIAL_CASES], data_converter=history_converter())
    await replayer.replay_workflow(history)
    if RECORDS and not (FOLDER / f"{name}.json").exists():
        save(name, history)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
async def test_a_situation_replays(office: Office, situation: Callable[[Office], Awaitable[UUID]]) -> None:
    case_id = await situation(office)
    history = await office.history(case_id)
    await keep(f"denial_case_{situation.__name__}", history)


async def test_the_appeals_of_a_case_replay(office: Office) -> None:
    case_id = await second_level(office)
    for level in (1, 2):
        await office.appeal(case_id, level).result()
        await keep(f"appeal_level_{level}", await office.appeal(case_id, level).fetch_history())


async def test_the_corrected_claims_of_a_case_replay(office: Office) -> None:
    case_id = await corrected(office)
    for number, end in ((1, "rejected"), (2, "accepted")):
        await workflow_ends(office, case_id, number)
        claim = office.environment.client.get_workflow_handle(ids.corrected_claim(case_id, number))
        await keep(f"corrected_claim_{end}", await claim.fetch_history())


async def test_a_run_that_continues_another_replays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Info, "is_continue_as_new_suggested", lambda info: not info.continued_run_id)
    case_id = await office.open(action="call_payer")
    await office.assign(case_id, 1)
    await office.pass_days(130)
    await office.result(case_id)
    history = await office.history(case_id)
    assert history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    await keep("denial_case_continued", history)


async def test_an_appeal_that_waited_and_one_that_was_called_back_replay(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    monkeypatch.setattr(office.activities, "_recall_seconds", 600)
    await office.send(case_id)
    await office.step(case_id, UndoInput, 3)
    await office.appeal(case_id).result()
    await keep("appeal_called_back", await office.appeal(case_id).fetch_history())
    monkeypatch.setattr(office.activities, "_recall_seconds", 1)
    await office.send(case_id, 4)
    await office.kinds_until(case_id, "sent")
    await office.decide(case_id, PayerDecision.OVERTURNED, 6)
    await office.appeal(case_id).result()
    await keep("appeal_waited", await office.appeal(case_id).fetch_history())


async def test_a_batch_at_work_one_that_continues_and_one_that_was_stopped_replay(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_activities, "ROUND", 2)
    async with batches_at(office) as batches:
        case_ids = await batches.open_many(5)
        batch_id = await batches.make(case_ids)
        handle = office.environment.client.get_workflow_handle(ids.appeal_batch(batch_id))
        await batches.done(batch_id, Order.APPROVE)
        await handle.result()
        history = await handle.fetch_history()
        assert PATIENT not in "".join(await texts_in(history))
        await keep("appeal_batch_rounds", history)
        with monkeypatch.context() as long:
            long.setattr(Info, "is_continue_as_new_suggested", lambda info: not info.continued_run_id)
            await batches.done(batch_id, Order.SEND)
            await handle.result()
        history = await handle.fetch_history()
        assert history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        await keep("appeal_batch_continued", history)
        await batches.all_out(case_ids)
        batch_id = await batches.make(await batches.open_many(1))
        await batches.order(batch_id, Order.APPROVE, starts=False)
        monkeypatch.setattr(batch_activities, "owed", _lost)
        await look_at_batch(office.environment.client, batch_id)
        handle = office.environment.client.get_workflow_handle(ids.appeal_batch(batch_id))
        await handle.result()
        assert (await batches.batch(batch_id)).state == "stopped"
        await keep("appeal_batch_stopped", await handle.fetch_history())


async def _lost(*_: object, **__: object) -> list[UUID]:
    raise KeyError
