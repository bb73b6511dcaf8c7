"""A remittance or a decision that came late, with its proof: the last day is derived from the day it came."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from tests.workflow.office import Office
from workflows.denial_case.deadline_watch import tell_moved_cases
from workflows.denial_case.types import ProveReceiptInput, ReopenInput, SetDeadlineInput, StepResult

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

PROOF = "Envelope postmarked, exhibit 3. Why it came late: it went to the former address."


async def prove(office: Office, case_id: UUID, received_on: date, version: int = 1) -> StepResult:
    return await office.step(case_id, ProveReceiptInput, version, PROOF, received_on=received_on)


async def test_a_late_receipt_moves_day_work_letter_and_timer(office: Office) -> None:
    case_id = await office.open(days_ago=40)
    received_on = await office.today() - timedelta(days=5)
    await prove(office, case_id, received_on)
    case = await office.record.case(case_id)
    before, due_on = await office.today() + timedelta(days=85), received_on + timedelta(days=120)
    assert (case.received_on, case.due_on, case.status) == (received_on, due_on, CaseStatus.NEEDS_WORK)
    assert case.deadline["derivation"][0] == {
        "step": "start",
        "date": str(received_on),
        "because": "proven date of receipt",
    }
    assert [item.due_on for item in await office.record.open_items(case_id)] == [due_on]
    said = next(e.summary for e in await office.record.timeline(case_id) if e.kind == "prove_receipt")
    assert said.startswith(f"Received on {received_on}, proven by: {PROOF} Deadline moved: due {due_on}, ")
    presumed = await office.today() - timedelta(days=35)
    assert f"before due {before}" in said
    assert f"proven date of receipt is {received_on}, not {presumed}" in said

    async def drafted_anew() -> bool:
        return [letter.version for letter in await office.record.letters(case_id)] == [2]

    await office.until(drafted_anew)
    await office.pass_days(100)  # past the day that was presumed, and before the proven one
    assert (await office.record.case(case_id)).status == CaseStatus.NEEDS_WORK
    await office.pass_days(20)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED


async def test_what_was_proven_is_kept_by_every_later_derivation(office: Office) -> None:
    case_id = await office.open(days_ago=40)
    await prove(office, case_id, await office.today())
    rules, now = RulesInForce(load_rulebook()), await office.environment.get_current_time()
    await tell_moved_cases(office.environment.client, office.record.sessions, rules, now=now)
    version = (await office.record.case(case_id)).version
    await office.assign(case_id, version)  # after whatever it was told
    assert "deadline_moved" not in await office.record.kinds(case_id)
    assert (await office.record.case(case_id)).due_on == await office.today() + timedelta(days=120)


async def test_a_missed_case_that_is_reopened_has_its_day_by_the_proof(office: Office) -> None:
    case_id = await office.open(days_ago=400, waits_for_letter=False)
    await office.result(case_id)
    version = (await office.record.case(case_id)).version
    version = (await office.step(case_id, ReopenInput, version, "It came yesterday.")).case_version
    await prove(office, case_id, await office.today() - timedelta(days=1), version)
    case = await office.record.case(case_id)
    assert (case.status, case.due_on) == (CaseStatus.NEEDS_WORK, await office.today() + timedelta(days=119))


async def test_it_takes_the_place_of_a_day_that_a_person_set(office: Office) -> None:
    case_id = await office.open()
    stated = await office.today() + timedelta(days=9)
    await office.step(case_id, SetDeadlineInput, 1, "To be sure.", due_on=stated)
    await prove(office, case_id, await office.today(), 2)
    case = await office.record.case(case_id)
    assert (case.due_on, case.deadline["rule"]["id"]) == (
        await office.today() + timedelta(days=120),
        "medicare-appeal-1",
    )


async def test_the_next_level_answers_another_notice_with_a_receipt_of_its_own(office: Office) -> None:
    case_id = await office.open(days_ago=40)
    await office.approve(case_id)
    await prove(office, case_id, await office.today() - timedelta(days=1), 2)
    assert "is kept: look at the day it names" in (await office.record.timeline(case_id))[-1].summary
    await office.submit(case_id, 3)
    await office.decide(case_id, PayerDecision.UPHELD, 4)
    case = await office.record.case(case_id)
    assert (case.received_on, case.due_on) == (None, await office.today() + timedelta(days=185))
    await office.kinds_until(case_id, "letter_drafted", 2)
    await office.pass_days(20)
    await prove(office, case_id, await office.today(), case.version)
    assert (await office.record.case(case_id)).due_on == await office.today() + timedelta(days=180)


@pytest.mark.parametrize(
    ("days_ago", "payer_key", "received", "words"),
    [
        (10, "medicare", -11, "cannot have been received on"),
        (10, "medicare", 1, "lies in the future"),
        (10, "unitedhealthcare", -1, "No last day of this case is counted from receipt"),
        (10, None, -1, "No last day of this case is counted from receipt"),
    ],
)
async def test_what_proves_nothing_is_refused_and_nothing_moves(
    office: Office, days_ago: int, payer_key: str | None, received: int, words: str
) -> None:
    case_id = await office.open(days_ago=days_ago, payer_key=payer_key, action="call_payer")
    with pytest.raises(StepRefusedError, match=words):
        await prove(office, case_id, await office.today() + timedelta(days=received))
    case = await office.record.case(case_id)
    assert (case.version, case.received_on) == (1, None)


async def test_a_receipt_that_leaves_no_day_or_is_known_is_refused(office: Office) -> None:
    case_id = await office.open(days_ago=400, waits_for_letter=False)
    await office.result(case_id)
    version = (await office.record.case(case_id)).version
    version = (await office.step(case_id, ReopenInput, version, "Good cause.")).case_version
    with pytest.raises(StepRefusedError, match="which is over"):
        await prove(office, case_id, await office.today() - timedelta(days=300), version)
    received_on = await office.today() - timedelta(days=2)
    version = (await prove(office, case_id, received_on, version)).case_version
    with pytest.raises(StepRefusedError, match="on record already"):
        await prove(office, case_id, received_on, version)
