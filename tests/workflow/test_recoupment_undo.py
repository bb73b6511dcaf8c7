"""A step on a recoupment that was recorded by mistake is taken back, one that ended it as well."""

from decimal import Decimal
from uuid import UUID

import pytest
from temporalio.client import WorkflowExecutionStatus

from overturn.db import recoupments as record
from overturn.db.recoupment_record import money_of
from overturn.domain.recoupment import Decision, Dispute, RecoupmentRefusedError
from tests.workflow.office import Office
from tests.workflow.test_recoupments import SEVENTY, Desk

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

WRONG = "Entered at the wrong demand."


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office)


async def states(desk: Desk, recoupment_id: UUID) -> dict[tuple[str, int], str]:
    return {key: clock.state for key, clock in (await desk.clocks(recoupment_id)).items()}


async def ended(desk: Desk, recoupment_id: UUID) -> str | None:
    await desk.step(recoupment_id, record.accept, reason="Right.")
    return (await desk.end(recoupment_id)).outcome


async def test_an_acceptance_is_taken_back_and_the_clocks_ring_again(desk: Desk) -> None:
    recoupment_id = await desk.demand(await desk.pay())
    before = await states(desk, recoupment_id)
    assert await ended(desk, recoupment_id) == "accepted"
    assert set((await states(desk, recoupment_id)).values()) == {"moot"}
    await desk.step(recoupment_id, record.undo, reason=WRONG)
    row = await desk.row(recoupment_id)
    assert (row.status, row.outcome, row.closed_on) == ("demanded", None, None)
    assert (await desk.told(recoupment_id, "undo")) == [f"Taken back: accept. {WRONG}"]
    assert await states(desk, recoupment_id) == before
    assert (await desk.handle(recoupment_id).describe()).status is WorkflowExecutionStatus.RUNNING
    await desk.pass_days(20, recoupment_id)
    assert (await states(desk, recoupment_id))["recoupment_rebuttal", 1] == "missed"
    assert await ended(desk, recoupment_id) == "accepted"
    assert len(await desk.told(recoupment_id, "closed")) == 2


async def test_a_decision_is_taken_back_with_the_level_it_opened(desk: Desk) -> None:
    recoupment_id = await desk.demand(await desk.pay())
    today = await desk.office.today()
    await desk.step(recoupment_id, record.submit, dispute=Dispute.APPEAL, submitted_on=today, confirmation="")
    await desk.step(
        recoupment_id, record.decide, decision=Decision.REDUCED, decided_on=today, amount=Decimal(10)
    )
    assert ("appeal", 2) in await states(desk, recoupment_id)
    await desk.step(recoupment_id, record.undo, reason=WRONG)
    row = await desk.row(recoupment_id)
    assert (row.status, row.dispute, row.level, row.appealed_on) == ("disputed", "appeal", 1, today)
    assert (row.answered_on, row.withdrawn_amount) == (None, Decimal(0))
    assert money_of(row).in_dispute == SEVENTY
    assert {level for _, level in await states(desk, recoupment_id)} == {1}
    with pytest.raises(RecoupmentRefusedError, match="There is no step to take back"):
        await desk.step(recoupment_id, record.undo, reason=WRONG)
    assert await ended(desk, recoupment_id) == "accepted"


async def test_an_appeal_that_was_not_sent_is_missed_and_one_that_was_in_time_is_not(desk: Desk) -> None:
    recoupment_id = await desk.demand(await desk.pay())
    sent_on = await desk.office.today()
    appeal = {"dispute": Dispute.APPEAL, "submitted_on": sent_on, "confirmation": ""}
    await desk.step(recoupment_id, record.submit, **appeal)
    await desk.pass_days(40, recoupment_id)
    await desk.step(recoupment_id, record.undo, reason=WRONG)
    stop = (await desk.clocks(recoupment_id))["recoupment_stop", 1]
    assert (stop.state, stop.missed_amount) == ("missed", SEVENTY)
    await desk.step(recoupment_id, record.submit, **appeal)
    stop = (await desk.clocks(recoupment_id))["recoupment_stop", 1]
    assert (stop.state, stop.missed_amount, stop.missed_cause) == ("met", None, None)
    assert await ended(desk, recoupment_id) == "accepted"


async def test_what_remittances_moved_stays_and_may_settle_it_again(desk: Desk) -> None:
    claim_id = await desk.pay()
    recoupment_id, today = await desk.demand(claim_id), await desk.office.today()
    await desk.take(claim_id, "30.00")
    await desk.gather()
    await desk.step(recoupment_id, record.repay, amount=Decimal("40.00"), paid_on=today, how="check 7")
    assert (await desk.end(recoupment_id)).outcome == "repaid"
    await desk.step(recoupment_id, record.undo, reason=WRONG)
    money = money_of(await desk.row(recoupment_id))
    assert (money.withheld, money.repaid, money.remaining) == (Decimal(30), Decimal(0), Decimal(40))
    await desk.take(claim_id, "40.00")
    await desk.gather()
    assert (await desk.end(recoupment_id)).outcome == "repaid"
    assert await desk.opened_for(claim_id) == [recoupment_id]


async def test_what_was_demanded_again_since_is_worked_there(desk: Desk) -> None:
    claim_id = await desk.pay()
    first = await desk.demand(claim_id)
    assert await ended(desk, first) == "accepted"
    second = await desk.demand(claim_id)
    with pytest.raises(RecoupmentRefusedError, match="demanded again since"):
        await desk.step(first, record.undo, reason=WRONG)
    assert (await desk.row(first)).status == "closed"
    assert await ended(desk, second) == "accepted"


async def test_a_step_taken_back_twice_by_the_same_form_is_taken_back_once(desk: Desk) -> None:
    recoupment_id, today = await desk.demand(await desk.pay()), await desk.office.today()
    for amount in ("10.00", "20.00"):
        await desk.step(recoupment_id, record.repay, amount=Decimal(amount), paid_on=today, how="")
    asked = await desk.asked(recoupment_id)
    for _ in range(2):
        async with desk.office.record.sessions.begin() as session:
            await record.undo(session, asked, reason=WRONG)
    assert (await desk.row(recoupment_id)).repaid_amount == Decimal(10)
    assert await ended(desk, recoupment_id) == "accepted"
