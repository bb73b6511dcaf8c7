"""Temporal with a clock that skips, both of our workers, and a record they keep."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from overturn.channels.folder import PrintFolder
from overturn.db.session import create_engine, create_sessions
from overturn.domain.practice_day import DAY_BEGINS, practice_date
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.temporal.search_attributes import add_request
from services.appeals.app import create_worker as create_appeals_worker
from tests.logs import logging_as_in_a_process
from tests.replay.recorded import history_converter
from tests.waiting import PATIENCE_SECONDS
from tests.workflow.office import RECALL_SECONDS, Office
from tests.workflow.post import Post
from tests.workflow.record import create_record
from workflows.credentialing_gap.activities import CredentialingGapActivities
from workflows.denial_case.activities import DenialCaseActivities
from workflows.records_request.activities import RecordsRequestActivities
from workflows.recoupment.activities import RecoupmentActivities
from workflows.worker import create_worker


@pytest.fixture(scope="module", autouse=True)
def _logging_as_in_a_process() -> Iterator[None]:
    """structlog's own default prints every local of a traceback: with all rules among them, for a minute."""
    with logging_as_in_a_process():
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def environment(time_skipping_binary: str) -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=history_converter(),
        test_server_existing_path=time_skipping_binary,
        test_server_startup_timeout=timedelta(seconds=PATIENCE_SECONDS),
    ) as started:
        client = started.client
        await client.operator_service.add_search_attributes(add_request(client.namespace))
        await _let_the_day_begin(started)
        yield started


async def _let_the_day_begin(environment: WorkflowEnvironment) -> None:
    """An hour into the practice's day, which then ends in no test that does not let days pass."""
    now = await environment.get_current_time()
    begun = datetime.combine(practice_date(now) + timedelta(days=1), DAY_BEGINS) + timedelta(hours=1)
    await environment.sleep(begun - now)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(
    environment: WorkflowEnvironment, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """Both workers at work on one record."""
    engine = create_engine(module_database_url)
    sessions, rules = create_sessions(engine), RulesInForce(load_rulebook())
    post = Post(PrintFolder(tmp_path_factory.mktemp("print")))
    claims, days = tmp_path_factory.mktemp("claims"), (14, 7, 1, 0)
    activities = DenialCaseActivities(
        sessions, rules, reminder_days=days, escalation_days=7, recall_seconds=RECALL_SECONDS
    )
    gaps = CredentialingGapActivities(environment.client, sessions, rules, reminder_days=days)
    recoupments = RecoupmentActivities(
        sessions, rules, reminder_days=days, escalation_days=7, recall_seconds=RECALL_SECONDS
    )
    records = RecordsRequestActivities(sessions, rules, reminder_days=days, escalation_days=7)
    async with (
        create_worker(environment.client, activities, gaps, recoupments, records),
        create_appeals_worker(environment.client, sessions, rules, {post.name: post}, claims_folder=claims),
    ):
        office = Office(environment, await create_record(sessions), post, claims, activities)
        yield office
        said = await office.patient_data()
    await engine.dispose()
    assert said == {}, "a history says what only Postgres may know"
