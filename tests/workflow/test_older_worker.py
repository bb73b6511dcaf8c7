"""A worker with older code meets a newer history: it fails at the task and the case waits for a newer one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from overturn.channels.folder import PrintFolder
from overturn.db.session import create_engine, create_sessions
from overturn.domain.denial_case import Outcome
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.temporal.search_attributes import register_search_attributes
from tests.replay.recorded import history_converter
from tests.waiting import until
from tests.workflow.office import RECALL_SECONDS, Office
from tests.workflow.post import Post
from tests.workflow.record import create_record
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.deadline_timer import DeadlineTimer
from workflows.registry import WORKFLOWS
from workflows.task_queues import DENIAL_CASES
from workflows.worker import create_worker

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal, pytest.mark.postgres]


@pytest_asyncio.fixture(loop_scope="session")
async def closed_office(
    temporal_address: str, module_database_url: str, tmp_path: Path
) -> AsyncIterator[Office]:
    """The record and a server that runs as in production, and nobody at work yet."""
    client = await Client.connect(temporal_address, data_converter=history_converter())
    await register_search_attributes(client)
    engine = create_engine(module_database_url)
    sessions, rules = create_sessions(engine), RulesInForce(load_rulebook())
    activities = DenialCaseActivities(
        sessions, rules, reminder_days=(7,), escalation_days=7, recall_seconds=RECALL_SECONDS
    )
    post = Post(PrintFolder(tmp_path))
    environment = WorkflowEnvironment.from_client(client)
    yield Office(environment, await create_record(sessions), post, tmp_path, activities)
    await engine.dispose()


@contextmanager
def older_code() -> Iterator[None]:
    """As before a case had a timer for its last day: it orders none, and the history has one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DeadlineTimer, "set", lambda _self, _at: None)
        yield


async def why_tasks_failed(office: Office, case_id: UUID) -> set[int]:
    return {
        event.workflow_task_failed_event_attributes.cause
        for event in (await office.history(case_id)).events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    }


async def test_an_older_worker_fails_its_task_alone_and_the_case_goes_on_with_the_newer(
    closed_office: Office,
) -> None:
    office, client = closed_office, closed_office.environment.client
    async with create_worker(client, office.activities):
        case_id = await office.open(action="corrected_claim", category="coding")
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    with older_code():
        async with create_worker(client, office.activities):
            await office.tell(case_id)
            await until(lambda: why_tasks_failed(office, case_id))
    causes = await why_tasks_failed(office, case_id)
    assert causes == {WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR}
    assert (await office.handle(case_id).describe()).status is WorkflowExecutionStatus.RUNNING
    async with create_worker(client, office.activities):
        assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    assert (await office.record.kinds(case_id)).count("remittance") == 1


async def test_no_kind_of_error_fails_a_workflow_that_a_worker_cannot_replay(closed_office: Office) -> None:
    """A case that failed would be lost; one whose task failed waits for a worker that can."""
    worker = create_worker(closed_office.environment.client, closed_office.activities)
    assert not worker.config().get("workflow_failure_exception_types")
    for kind in WORKFLOWS[DENIAL_CASES]:
        definition = getattr(kind, "__temporal_workflow_definition")
        assert not definition.failure_exception_types, kind
