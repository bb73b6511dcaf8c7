"""Classified denials reach Temporal here: one workflow per case."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from overturn.events import DenialClassified
from workflows.denial_case.starting import open_case


class CaseStarter:
    """Handles `denial.classified.v1`: one workflow per case, however often the event comes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, _: AsyncSession, events: Sequence[DenialClassified]) -> None:
        for event in events:
            await open_case(self._client, event.case_id)
