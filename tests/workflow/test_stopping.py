"""A worker that is told to stop lets what runs end, or leaves it to the next one: done exactly once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from overturn.channels import Package, Receipt
from overturn.channels.folder import PrintFolder
from overturn.db.session import create_engine, create_sessions
from overturn.domain.denial_case import CaseStatus
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.appeals import app
from tests.waiting import PATIENCE_SECONDS
from tests.workflow.office import Office
from tests.workflow.post import Post
from tests.workflow.record import create_record
from workflows.denial_case.activities import DenialCaseActivities
from workflows.worker import create_worker

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


@dataclass
class SlowPost(Post):
    """Takes a package only when it may, and says so only when it may: the test has both in its hand."""

    entered: asyncio.Event = field(default_factory=asyncio.Event)
    may_take: asyncio.Event = field(default_factory=asyncio.Event)
    may_say_so: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, package: Package) -> Receipt:
        self.entered.set()
        await self.may_take.wait()
        receipt = await super().send(package)
        await self.may_say_so.wait()
        return receipt


@dataclass(frozen=True)
class Building:
    """An office whose letters are sent by workers that come and go."""

    office: Office
    post: SlowPost
    rules: RulesInForce

    def letters(self) -> Worker:
        office = self.office
        return app.create_worker(
            office.environment.client,
            office.record.sessions,
            self.rules,
            {self.post.name: self.post},
            claims_folder=office.claims,
        )

    async def case_at_the_channel(self) -> UUID:
        """Its letter is in the hands of a channel that takes its time."""
        case_id = await self.office.open()
        await self.office.approve(case_id)
        await self.office.send(case_id)
        await asyncio.wait_for(self.post.entered.wait(), PATIENCE_SECONDS)
        return case_id

    async def went_out_once(self, case_id: UUID) -> None:
        kinds = await self.office.kinds_until(case_id, "sent")
        (sending,) = await self.office.record.sendings(case_id)
        assert (sending.state, self.post.keys) == ("sent", [sending.id])
        assert sending.confirmation
        assert (kinds.count("sent"), kinds.count("not_sent")) == (1, 0)
        assert (await self.office.record.case(case_id)).status == CaseStatus.SUBMITTED


@pytest_asyncio.fixture(loop_scope="session")
async def building(
    environment: WorkflowEnvironment, module_database_url: str, tmp_path: Path
) -> AsyncIterator[Building]:
    engine = create_engine(module_database_url)
    sessions, rules = create_sessions(engine), RulesInForce(load_rulebook())
    activities = DenialCaseActivities(
        sessions, rules, reminder_days=(1,), escalation_days=1, recall_seconds=0
    )
    post = SlowPost(PrintFolder(tmp_path / "print"))
    async with create_worker(environment.client, activities):
        office = Office(environment, await create_record(sessions), post, tmp_path / "claims", activities)
        yield Building(office, post, rules)
    await engine.dispose()


async def test_a_worker_that_is_told_to_stop_lets_a_sending_end_and_reports_it(building: Building) -> None:
    worker = building.letters()
    running = asyncio.create_task(worker.run())
    case_id = await building.case_at_the_channel()
    stopping = asyncio.create_task(worker.shutdown())
    await asyncio.sleep(0.2)
    assert not stopping.done(), "it did not wait for what it was doing"
    building.post.may_take.set()
    building.post.may_say_so.set()
    await asyncio.wait_for(stopping, PATIENCE_SECONDS)
    await running
    await building.went_out_once(case_id)  # and no other worker was there to do it


@pytest.mark.parametrize("taken", [False, True], ids=["before the channel took it", "after"])
async def test_what_does_not_end_in_time_is_done_by_the_next_worker_and_once(
    building: Building, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    monkeypatch.setattr(app, "TO_FINISH", timedelta(seconds=1))
    if taken:
        building.post.may_take.set()
    worker = building.letters()
    running = asyncio.create_task(worker.run())
    case_id = await building.case_at_the_channel()
    if taken:
        await building.office.until(lambda: _has_one(building.post))
    await asyncio.wait_for(worker.shutdown(), PATIENCE_SECONDS)
    await running
    assert "sent" not in await building.office.record.kinds(case_id)
    assert len(building.post.keys) == int(taken)
    building.post.may_take.set()
    building.post.may_say_so.set()
    async with building.letters():
        await building.went_out_once(case_id)


async def _has_one(post: Post) -> bool:
    return bool(post.keys)
