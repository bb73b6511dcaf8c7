"""The appeals process: a worker that drafts letters, and nothing else."""

from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.worker import Worker

from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.rulebook import Rulebook, load_rulebook
from overturn.settings import Settings
from overturn.temporal.client import connect
from overturn.temporal.failures import FailuresByKind
from overturn.temporal.running import run_until_stopped
from services.appeals.activities import LetterDrafting
from workflows.task_queues import APPEALS

LETTERS_AT_ONCE: Final = 4
"""Rendering a PDF keeps a core busy for a moment."""


async def run(settings: Settings) -> None:
    """Draft letters until told to stop."""
    engine = create_engine(settings.database_url, pool_size=LETTERS_AT_ONCE)
    client = await connect(settings)
    await run_until_stopped(create_worker(client, create_sessions(engine), load_rulebook()))
    await engine.dispose()


def create_worker(client: Client, sessions: Sessions, rulebook: Rulebook) -> Worker:
    return Worker(
        client,
        task_queue=APPEALS,
        activities=[LetterDrafting(sessions, rulebook).draft_letter],
        interceptors=[FailuresByKind()],
        max_concurrent_activities=LETTERS_AT_ONCE,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )
