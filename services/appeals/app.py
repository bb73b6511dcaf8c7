"""The appeals process: a worker that drafts letters, sends them, and asks after them."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from temporalio.client import Client
from temporalio.worker import Worker

from overturn.channels import Channel
from overturn.channels.configured import configured_channels
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.domain.channel_names import ChannelName
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.settings import Settings
from overturn.temporal.client import connect
from overturn.temporal.failures import FailuresByKind
from overturn.temporal.running import run_until_stopped
from overturn.temporal.signs_of_life import SignsOfLife
from services.appeals.activities import LetterDrafting
from services.appeals.corrected_claims import ClaimWriting
from services.appeals.rebuttals import RebuttalSending
from services.appeals.records import RecordsSending
from services.appeals.sending import LetterSending
from services.appeals.watching import AppealWatching
from workflows.task_queues import APPEALS

LETTERS_AT_ONCE: Final = 4
"""Rendering a PDF keeps a core busy for a moment."""

TO_FINISH: Final = timedelta(seconds=30)
"""What runs may go on so long when the worker is told to stop; then the next worker does it."""


async def run(settings: Settings) -> None:
    """Draft and send letters until told to stop."""
    engine = create_engine(settings.database_url, pool_size=LETTERS_AT_ONCE)
    client = await connect(settings)
    channels = configured_channels(settings)
    rules = RulesInForce(load_rulebook())
    await run_until_stopped(
        create_worker(client, create_sessions(engine), rules, channels, claims_folder=settings.claims_folder)
    )
    await engine.dispose()


def create_worker(
    client: Client,
    sessions: Sessions,
    rules: RulesInForce,
    channels: Mapping[ChannelName, Channel],
    *,
    claims_folder: Path,
) -> Worker:
    sending = LetterSending(sessions, channels, rules)
    records = RecordsSending(sessions, channels, rules)
    watching = AppealWatching(sessions, rules)
    rebuttals = RebuttalSending(sessions, channels, rules)
    writing = ClaimWriting(sessions, rules, claims_folder)
    return Worker(
        client,
        task_queue=APPEALS,
        activities=[
            LetterDrafting(sessions, rules).draft_letter,
            sending.send_letter,
            sending.record_not_sent,
            records.send_records,
            records.record_records_not_sent,
            rebuttals.send_rebuttal,
            rebuttals.record_rebuttal_not_sent,
            watching.watch_appeal,
            watching.ask_payer,
            writing.write_claim,
            writing.record_answer,
            writing.ask_about_claim,
        ],
        interceptors=[FailuresByKind(), SignsOfLife()],
        max_concurrent_activities=LETTERS_AT_ONCE,
        graceful_shutdown_timeout=TO_FINISH,
    )
