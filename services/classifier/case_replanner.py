"""Cases that other rules see otherwise hear of it here, and plan themselves anew."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from overturn.events import CaseReclassified
from workflows.denial_case.starting import tell_reclassified
from workflows.denial_case.types import Reclassified


class CaseReplanner:
    """Handles `case.reclassified.v1`: a signal to the case's workflow, which applies each event once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, _: AsyncSession, events: Sequence[CaseReclassified]) -> None:
        for event in events:
            await tell_reclassified(self._client, event.case_id, Reclassified(event_id=event.event_id))
