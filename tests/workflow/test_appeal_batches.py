"""Like denials appealed together: one order, and every case by its own steps, whatever breaks."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import update
from sqlmodel import col

from overturn.channels import ChannelRefusedError
from overturn.db import tables
from overturn.db.appeal_batches import AT_WORK, go_on, stop
from overturn.domain import workflow_ids as ids
from overturn.domain.appeal_batch import BatchRefusedError, MemberState, Order
from overturn.domain.denial_case import CaseStatus
from tests.waiting import until
from tests.workflow.batches import Batches, batches_at
from tests.workflow.office import Office
from tests.workflow.post import nothing_happens
from workflows.appeal_batch import activities
from workflows.appeal_batch.starting import look_at_batch, take_up_batches

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

HUNDREDS = int(os.environ.get("OVERTURN_BATCH_CASES", "200"))
"""Of the test that measures; docs/benchmarks.md has the figure of 300."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def batches(office: Office) -> AsyncIterator[Batches]:
    async with batches_at(office) as found:
        yield found


@pytest.fixture(autouse=True)
def working_post(office: Office) -> Iterator[None]:
    yield
    office.post.before = office.post.after = office.post.looking = nothing_happens
    office.post.keys.clear()


def refusing(count: int) -> Callable[[], None]:
    """A channel that refuses the first so many packages."""
    left = [ChannelRefusedError("no such number")] * count

    def before() -> None:
        if left:
            raise left.pop()

    return before


@pytest.mark.timeout(900)
async def test_hundreds_go_out_with_one_approval_and_one_order_to_send(
    batches: Batches, capsys: pytest.CaptureFixture[str]
) -> None:
    case_ids = await batches.open_many(HUNDREDS)
    began = time.monotonic()
    batch_id = await batches.make(case_ids)
    await batches.done(batch_id, Order.APPROVE)
    approved = time.monotonic()
    assert Counter(await batches.states(batch_id)) == {MemberState.APPROVED: HUNDREDS}
    await batches.done(batch_id, Order.SEND)
    asked = time.monotonic()
    await batches.all_out(case_ids)
    out = time.monotonic()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{HUNDREDS} cases: approved in {approved - began:.1f} s, ordered to go out in "
            f"{asked - approved:.1f} s, all out {out - asked:.1f} s later\n"
        )
    assert Counter(await batches.statuses(case_ids)) == {CaseStatus.SUBMITTED: HUNDREDS}
    assert sorted(batches.office.post.keys) == sorted(s.id for s in await batches.sendings(case_ids))
    assert len(batches.office.post.keys) == HUNDREDS


async def test_what_a_channel_refuses_leaves_the_rest_sent_and_can_be_tried_again(batches: Batches) -> None:
    case_ids = await batches.open_many(6)
    batch_id = await batches.make(case_ids)
    await batches.done(batch_id, Order.APPROVE)
    batches.office.post.before = refusing(2)
    await batches.done(batch_id, Order.SEND)
    await batches.all_out(case_ids)
    sendings = await batches.sendings(case_ids)
    assert Counter(sending.state for sending in sendings) == {"sent": 4, "not_sent": 2}
    assert {sending.problem for sending in sendings if sending.state == "not_sent"} == {"no such number"}
    await until(lambda: _standing(batches, case_ids, CaseStatus.APPROVED, 2))
    await batches.look_again(batch_id)
    assert Counter(await batches.states(batch_id)) == {MemberState.SENDING: 4, MemberState.APPROVED: 2}
    await batches.done(batch_id, Order.SEND)
    await until(lambda: _standing(batches, case_ids, CaseStatus.SUBMITTED, 6))
    assert len(batches.office.post.keys) == 6


async def _standing(batches: Batches, case_ids: list[UUID], status: CaseStatus, count: int) -> bool:
    return (await batches.statuses(case_ids)).count(status) == count


async def test_a_case_that_moved_after_the_review_is_left_out_and_named(batches: Batches) -> None:
    office = batches.office
    case_ids = await batches.open_many(5)
    taken, closed, edited, approved, _ = case_ids
    batch_id = await batches.make(case_ids)
    await office.assign(taken, 1)
    await office.write_off(closed)
    await office.approve(approved)
    async with office.record.sessions.begin() as session:
        await session.execute(
            update(tables.Letter).where(col(tables.Letter.case_id) == edited).values(version=2)
        )
    await batches.done(batch_id, Order.APPROVE)
    members = await batches.members(batch_id)
    assert "needs work and with Dana Example" in members[taken].words
    assert "closed meanwhile: written off" in members[closed].words
    assert "letter was changed" in members[edited].words
    assert "it is approved" in members[approved].words
    assert Counter(m.state for m in members.values()) == {"apart": 4, "approved": 1}
    assert (await office.record.kinds(taken)).count("approve") == 0


async def test_a_letter_with_a_blank_stays_out_until_it_is_filled(batches: Batches) -> None:
    case_ids = await batches.open_many(3)
    async with batches.office.record.sessions.begin() as session:
        await session.execute(
            update(tables.Letter)
            .where(col(tables.Letter.case_id) == case_ids[0])
            .values(missing_facts=["plan-of-care date"])
        )
    batch_id = await batches.make(case_ids)
    assert (await batches.members(batch_id))[case_ids[0]].words == "Its letter needs: plan-of-care date."
    await batches.done(batch_id, Order.APPROVE)
    assert Counter(await batches.states(batch_id)) == {MemberState.APPROVED: 2, MemberState.APART: 1}
    await batches.office.record.fill_letter(case_ids[0])
    await batches.look_again(batch_id)
    await batches.done(batch_id, Order.APPROVE)
    assert Counter(await batches.states(batch_id)) == {MemberState.APPROVED: 3}


async def test_a_crash_in_the_middle_asks_nobody_twice(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After half of the cases took the step and before the batch wrote that down: as a worker that dies."""
    case_ids = await batches.open_many(8)
    batch_id = await batches.make(case_ids)
    await batches.done(batch_id, Order.APPROVE)
    died: list[UUID] = []
    mark = activities._Asking._mark

    async def dies(asking: activities._Asking, case_id: UUID, step_id: UUID, version: int) -> None:
        if len(died) < 4:
            died.append(case_id)
            raise ConnectionResetError
        await mark(asking, case_id, step_id, version)

    monkeypatch.setattr(activities._Asking, "_mark", dies)
    await batches.done(batch_id, Order.SEND)
    await batches.all_out(case_ids)
    assert len(died) == 4
    assert Counter(await batches.states(batch_id)) == {MemberState.SENDING: 8}
    assert len(batches.office.post.keys) == len(set(batches.office.post.keys)) == 8
    for case_id in case_ids:
        assert (await batches.office.record.kinds(case_id)).count("send") == 1


async def test_a_double_click_orders_once(batches: Batches) -> None:
    case_ids = await batches.open_many(3)
    batch_id = await batches.make(case_ids)
    version = (await batches.batch(batch_id)).version
    await asyncio.gather(*(batches.order(batch_id, Order.APPROVE, version) for _ in range(3)))
    await batches.idle(batch_id)
    assert (await batches.batch(batch_id)).version == version + 1
    for case_id in case_ids:
        assert (await batches.office.record.kinds(case_id)).count("approve") == 1


async def test_an_order_from_a_page_that_is_old_is_refused(batches: Batches) -> None:
    case_ids = await batches.open_many(2)
    batch_id = await batches.make(case_ids)
    await batches.look_again(batch_id)
    with pytest.raises(BatchRefusedError, match="has changed"):
        await batches.order(batch_id, Order.APPROVE, 1)
    with pytest.raises(BatchRefusedError, match="No letter of this batch is approved"):
        await batches.order(batch_id, Order.SEND)


async def test_within_its_minute_the_whole_batch_is_called_back(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches.office.activities, "_recall_seconds", 3600)
    case_ids = await batches.open_many(4)
    batch_id = await batches.make(case_ids)
    await batches.done(batch_id, Order.APPROVE)
    await batches.done(batch_id, Order.SEND)
    await batches.done(batch_id, Order.CALL_BACK)
    assert Counter(await batches.states(batch_id)) == {MemberState.APPROVED: 4}
    assert Counter(await batches.statuses(case_ids)) == {CaseStatus.APPROVED: 4}
    assert batches.office.post.keys == []


async def test_a_stopped_batch_goes_on_where_it_was(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities, "ROUND", 1)
    case_ids = await batches.open_many(6)
    batch_id = await batches.make(case_ids)
    sessions = batches.office.record.sessions
    await batches.order(batch_id, Order.APPROVE, starts=False)
    async with sessions.begin() as session:
        await stop(session, batch_id)
    await look_at_batch(batches.office.environment.client, batch_id)
    await batches.office.environment.client.get_workflow_handle(ids.appeal_batch(batch_id)).result()
    assert Counter(await batches.states(batch_id)) == {MemberState.CHOSEN: 6}
    with pytest.raises(BatchRefusedError, match="stopped in the middle"):
        await batches.order(batch_id, Order.APPROVE)
    async with sessions.begin() as session:
        await go_on(session, batch_id)
    await look_at_batch(batches.office.environment.client, batch_id)
    await batches.idle(batch_id)
    assert Counter(await batches.states(batch_id)) == {MemberState.APPROVED: 6}


async def test_an_order_that_nobody_could_tell_temporal_of_is_taken_up(batches: Batches) -> None:
    batch_id = await batches.make(await batches.open_many(2))
    await batches.order(batch_id, Order.APPROVE, starts=False)
    assert (await batches.batch(batch_id)).state == AT_WORK
    taken_up = await take_up_batches(batches.office.environment.client, batches.office.record.sessions)
    assert batch_id in taken_up
    await batches.idle(batch_id)
    assert Counter(await batches.states(batch_id)) == {MemberState.APPROVED: 2}


async def test_a_fault_of_ours_stops_the_batch_and_says_so(
    batches: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = await batches.make(await batches.open_many(2))
    with monkeypatch.context() as broken:
        broken.setattr(activities, "is_recorded", _broken)
        await batches.order(batch_id, Order.APPROVE)
        await until(lambda: _is_stopped(batches, batch_id))
    assert "KeyError" in (await batches.batch(batch_id)).problem
    assert Counter(await batches.states(batch_id)) == {MemberState.CHOSEN: 2}


async def _broken(*_: object) -> bool:
    raise KeyError


async def _is_stopped(batches: Batches, batch_id: UUID) -> bool:
    return (await batches.batch(batch_id)).state == "stopped"
