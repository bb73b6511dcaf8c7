"""A batch is made to look at its order, at once by whoever gave it, and every minute in case nobody could."""

from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import col
from temporalio.client import Client
from temporalio.service import RPCError

from overturn.db.appeal_batches import AT_WORK
from overturn.db.session import Sessions
from overturn.db.tables import AppealBatch
from overturn.domain import workflow_ids as ids
from workflows.appeal_batch.types import BatchInput
from workflows.appeal_batch.workflow import BatchAppealWorkflow
from workflows.keeping import keep_looking
from workflows.task_queues import DENIAL_CASES
from workflows.telling import start_and_tell

EVERY_SECONDS: Final = 60.0

log = structlog.get_logger()


async def look_at_batch(client: Client, batch_id: UUID) -> None:
    """Start the batch's workflow where none runs, and have it look."""
    await start_and_tell(
        client,
        BatchAppealWorkflow.run,
        BatchInput(batch_id=batch_id),
        workflow_id=ids.appeal_batch(batch_id),
        task_queue=DENIAL_CASES,
    )


async def follow_batch(client: Client, batch_id: UUID) -> None:
    """As the web does it: an order that Temporal cannot hear is taken up within a minute of its return."""
    try:
        await look_at_batch(client, batch_id)
    except RPCError as outage:
        log.warning("batch.wait", error=type(outage).__name__)


async def keep_batches_going(client: Client, sessions: Sessions) -> None:
    """Look every minute, until cancelled; a part that is away is waited for."""
    await keep_looking(lambda: take_up_batches(client, sessions), every=EVERY_SECONDS, waits="batches.wait")


async def take_up_batches(client: Client, sessions: Sessions) -> list[UUID]:
    """Have every batch that is at work look at its order; those batches. Twice changes nothing."""
    async with sessions() as session:
        at_work = select(col(AppealBatch.id)).where(col(AppealBatch.state) == AT_WORK)
        batch_ids = list(await session.scalars(at_work))
    for batch_id in batch_ids:
        await look_at_batch(client, batch_id)
    return batch_ids
