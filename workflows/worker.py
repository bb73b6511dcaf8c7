"""The worker of the task queue `denial-cases`: workflows, and the activities that keep their record."""

import asyncio
import os
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.worker import Worker

from overturn.db.session import create_engine, create_sessions
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.settings import Settings
from overturn.temporal.client import connect
from overturn.temporal.failures import FailuresByKind
from overturn.temporal.running import run_until_stopped
from overturn.temporal.search_attributes import register_search_attributes
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.repair import keep_repaired
from workflows.registry import WORKFLOWS
from workflows.task_queues import DENIAL_CASES

WORKFLOW_TASKS_PER_CORE: Final = 4
"""More at once, and a backlog starves each of them past the 10 seconds a workflow task has."""

DATABASE_CONNECTIONS: Final = 10


async def run(settings: Settings) -> None:
    """Work until told to stop."""
    engine = create_engine(settings.database_url, pool_size=DATABASE_CONNECTIONS)
    client = await connect(settings)
    await register_search_attributes(client)
    sessions = create_sessions(engine)
    activities = DenialCaseActivities(
        sessions,
        RulesInForce(load_rulebook()),
        reminder_days=settings.reminder_days,
        escalation_days=settings.escalation_days,
    )
    repairing = asyncio.create_task(keep_repaired(client, sessions))
    await run_until_stopped(create_worker(client, activities))
    repairing.cancel()
    await asyncio.wait([repairing])
    await engine.dispose()


def create_worker(client: Client, activities: DenialCaseActivities) -> Worker:
    return Worker(
        client,
        task_queue=DENIAL_CASES,
        workflows=WORKFLOWS[DENIAL_CASES],
        activities=activities.all(),
        interceptors=[FailuresByKind()],
        max_concurrent_workflow_tasks=WORKFLOW_TASKS_PER_CORE * (os.cpu_count() or 1),
        max_concurrent_activities=DATABASE_CONNECTIONS,
        graceful_shutdown_timeout=timedelta(seconds=20),
    )
