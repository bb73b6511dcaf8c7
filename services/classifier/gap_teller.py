"""What the practice says of a credentialing gap reaches its workflow here."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from overturn.db.credentialing import GapKey
from overturn.events import CredentialChanged
from workflows.credentialing_gap.starting import look_at_gap


class GapTeller:
    """Handles `credential.changed.v1`: the workflow looks again, however often the event comes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, _: AsyncSession, events: Sequence[CredentialChanged]) -> None:
        for event in events:
            await look_at_gap(self._client, GapKey(event.payer, event.npi))
