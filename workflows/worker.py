"""The worker of the task queue `denial-cases`: workflows, and the activities that keep their record."""

import asyncio
import os
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.worker import Worker

from overturn.channels.configured import mail_server
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.domain.expiries import Notice
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.settings import Settings, SettingsError
from overturn.temporal.client import connect
from overturn.temporal.failures import FailuresByKind
from overturn.temporal.running import run_until_stopped
from overturn.temporal.search_attributes import register_search_attributes
from overturn.temporal.signs_of_life import SignsOfLife
from workflows.appeal_batch.activities import BatchAppealActivities
from workflows.appeal_batch.starting import keep_batches_going
from workflows.credentialing_gap.activities import CredentialingGapActivities
from workflows.credentialing_gap.starting import keep_gathered
from workflows.denial_case.activities import DenialCaseActivities
from workflows.denial_case.deadline_watch import keep_deadlines
from workflows.denial_case.repair import keep_repaired
from workflows.nightly.activities import DigestPost, NightlyActivities
from workflows.nightly.schedule import ensure_schedules
from workflows.records_request.activities import RecordsRequestActivities
from workflows.records_request.starting import keep_requests_followed
from workflows.recoupment.activities import RecoupmentActivities
from workflows.recoupment.starting import keep_recoupments
from workflows.registry import WORKFLOWS
from workflows.task_queues import BATCHES, DENIAL_CASES

WORKFLOW_TASKS_PER_CORE: Final = 4
"""More at once, and a backlog starves each of them past the 10 seconds a workflow task has."""

DATABASE_CONNECTIONS: Final = 10

BATCHES_AT_ONCE: Final = 2
"""Each asks a few cases at a time; more would only wait for the same worker."""

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
    records = RecordsRequestActivities(
        sessions, rules, reminder_days=settings.reminder_days, escalation_days=settings.escalation_days
    )
    keeping = [
        asyncio.create_task(keep_repaired(client, sessions)),
        asyncio.create_task(keep_gathered(client, sessions, rules)),
        asyncio.create_task(keep_deadlines(client, sessions, rules)),
        asyncio.create_task(keep_recoupments(client, sessions, rules)),
        asyncio.create_task(keep_requests_followed(client, sessions)),
        asyncio.create_task(keep_batches_going(client, sessions)),
    ]
    nightly = NightlyActivities(
        sessions,
        rules,
        reference_dir=settings.reference_dir,
        notice=Notice(settings.expiry_days, settings.few_visits),
        post=_digest_post(settings),
    )
    await ensure_schedules(client)
    async with create_batch_worker(client, sessions):
        await run_until_stopped(create_worker(client, cases, gaps, recoupments, records, nightly))
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
    *activities: DenialCaseActivities
    | CredentialingGapActivities
    | RecoupmentActivities
    | RecordsRequestActivities
    | NightlyActivities,
) -> Worker:
    return Worker(
        client,
        task_queue=DENIAL_CASES,
        workflows=WORKFLOWS[DENIAL_CASES],
        activities=[each for kind in activities for each in kind.all()],
        interceptors=[FailuresByKind(), SignsOfLife()],
        max_concurrent_workflow_tasks=WORKFLOW_TASKS_PER_CORE * (os.cpu_count() or 1),
        max_concurrent_activities=DATABASE_CONNECTIONS,
        graceful_shutdown_timeout=timedelta(seconds=20),
    )


def create_batch_worker(client: Client, sessions: Sessions) -> Worker:
    """The steps of batches, with slots of their own."""
    return Worker(
        client,
        task_queue=BATCHES,
        activities=BatchAppealActivities(client, sessions).all(),
        interceptors=[FailuresByKind()],
        max_concurrent_activities=BATCHES_AT_ONCE,
        graceful_shutdown_timeout=timedelta(seconds=20),
    )
