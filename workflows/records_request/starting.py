"""Requests for records that have news are found in the record, again and again, and their workflows look.

What is heard late or twice changes nothing, and a workflow that was lost starts anew at its next look.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from temporalio.client import Client

from overturn.db.session import Sessions
from overturn.domain import workflow_ids as ids
from overturn.reporting.records_requests import requests_with_news
from workflows.keeping import keep_looking
from workflows.records_request.types import RequestInput
from workflows.records_request.workflow import RecordsRequestWorkflow
from workflows.task_queues import DENIAL_CASES
from workflows.telling import start_and_tell

EVERY_SECONDS: Final = 15.0


async def keep_requests_followed(client: Client, sessions: Sessions) -> None:
    """Look every quarter of a minute, until cancelled; a part that is away is waited for."""
    await keep_looking(
        lambda: follow_requests(client, sessions, now=datetime.now(UTC)),
        every=EVERY_SECONDS,
        waits="records_requests.wait",
    )


async def follow_requests(client: Client, sessions: Sessions, *, now: datetime) -> list[UUID]:
    """Have the workflow of every request with news look, starting it where none runs; returns their ids."""
    async with sessions() as session:
        news = await requests_with_news(session, now=now)
    for request_id in news:
        await look_at_request(client, request_id)
    return news


async def look_at_request(client: Client, request_id: UUID) -> None:
    """Start the request's workflow where none runs, and have it look."""
    await start_and_tell(
        client,
        RecordsRequestWorkflow.run,
        RequestInput(request_id=request_id),
        workflow_id=ids.records_request(request_id),
        task_queue=DENIAL_CASES,
    )
