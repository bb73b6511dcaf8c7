"""The worker of the task queue `denial-cases`: workflows, and the activities that keep their record."""

import asyncio
import os
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.worker import Worker

from overturn.channels.configured import mail_server
from overturn.db.session import create_engine, create_sessions
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.settings import Settings, SettingsError
from overturn.temporal.client import connect
from overturn.temporal.failures import FailuresByKind
from overturn.temporal.running import run_until_stopped
from overturn.temporal.search_attributes import register_search_attributes
from workflows.credentialing_gap.activities import CredentialingGapActivities
from workflows.credentialing_gap.starting import keep_gathered
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.repair import keep_repaired
from workflows.nightly.activities import DigestPost, NightlyActivities
from workflows.nightly.schedule import ensure_schedules
from workflows.recoupment.activities import RecoupmentActivities
from workflows.recoupment.starting import keep_recoupments
from workflows.registry import WORKFLOWS
from workflows.task_queues import DENIAL_CASES

WORKFLOW_TASKS_PER_CORE: Final = 4
"""More at once, and a backlog starves each of them past the 10 seconds a workflow task has."""

DATABASE_CONNECTIONS: Final = 10

NOBODY_TO_WRITE_TO: Final = (
    "OVERTURN_SMTP_HOST is set: set OVERTURN_SMTP_SENDER and OVERTURN_DIGEST_TO as well, or take it out"
)


async def run(settings: Settings) -> None:
    """Work until told to stop."""
    engine = create_engine(settings.database_url, pool_size=DATABASE_CONNECTIONS)
    client = await connect(settings)
    await register_search_attributes(client)
    sessions = create_sessions(engine)
    rules = RulesInForce(load_rulebook())
    cases = DenialCaseActivities(
        sessions,
        rules,
        reminder_days=settings.reminder_days,
        escalation_days=settings.escalation_days,
        recall_seconds=settings.recall_seconds,
    )
    gaps = CredentialingGapActivities(client, sessions, rules, reminder_days=settings.reminder_days)
    recoupments = RecoupmentActivities(
        sessions,
        rules,
        reminder_days=settings.reminder_days,
        escalation_days=settings.escalation_days,
        recall_seconds=settings.recall_seconds,
    )
    keeping = [
        asyncio.create_task(keep_repaired(client, sessions)),
        asyncio.create_task(keep_gathered(client, sessions, rules)),
        asyncio.create_task(keep_recoupments(client, sessions, rules)),
    ]
    nightly = NightlyActivities(
        sessions, rules, reference_dir=settings.reference_dir, post=_digest_post(settings)
    )
    await ensure_schedules(client)
    await run_until_stopped(create_worker(client, cases, gaps, recoupments, nightly))
    for task in keeping:
        task.cancel()
    await asyncio.wait(keeping)
    await engine.dispose()


def _digest_post(settings: Settings) -> DigestPost | None:
    if not settings.smtp_host:
        return None
    if not (settings.smtp_sender and settings.digest_to):
        raise SettingsError(NOBODY_TO_WRITE_TO)
    url = settings.public_url or f"http://{settings.web_host}:{settings.web_port}"
    return DigestPost(mail_server(settings), settings.digest_to, url.rstrip("/"))


def create_worker(
    client: Client,
    *activities: DenialCaseActivities | CredentialingGapActivities | RecoupmentActivities | NightlyActivities,
) -> Worker:
    return Worker(
        client,
        task_queue=DENIAL_CASES,
        workflows=WORKFLOWS[DENIAL_CASES],
        activities=[each for kind in activities for each in kind.all()],
        interceptors=[FailuresByKind()],
        max_concurrent_workflow_tasks=WORKFLOW_TASKS_PER_CORE * (os.cpu_count() or 1),
        max_concurrent_activities=DATABASE_CONNECTIONS,
        graceful_shutdown_timeout=timedelta(seconds=20),
    )
