"""Later remittances reach the case they answer here, as signals."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from overturn.domain.denial_case import Step
from overturn.events import CaseAdvanced
from workflows.denial_case.starting import tell_remittance
from workflows.denial_case.types import RemittanceReceived


class CaseTeller:
    """Handles `case.advanced.v1`: a later remittance becomes a signal; other steps came from the workflow."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, _: AsyncSession, events: Sequence[CaseAdvanced]) -> None:
        for event in events:
            if event.step is Step.REMITTANCE and event.claim_payment_id is not None:
                told = RemittanceReceived(event_id=event.event_id, claim_payment_id=event.claim_payment_id)
                await tell_remittance(self._client, event.case_id, told)
