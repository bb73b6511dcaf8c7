"""Answers of 277CAs and 999s reach the corrected claims that wait for them here, as signals; open cases whose
proof they may be are decided anew."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from overturn.db.tables import DenialCase, Sending
from overturn.db.touched_cases import tell_of_claims
from overturn.domain import workflow_ids as ids
from overturn.events import ClaimAcknowledged
from workflows.corrected_claim.types import ClaimAnswered
from workflows.denial_case.resubmitting import CLAIMS


class ClaimTeller:
    """Handles `claim.acknowledged.v1`; an answer that no corrected claim waits for needs no telling."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, session: AsyncSession, events: Sequence[ClaimAcknowledged]) -> None:
        await tell_of_claims(session, {e.claim_id: e.event_id for e in events})
        for event in events:
            answer = ClaimAnswered(
                event_id=event.event_id,
                acknowledgement_id=event.acknowledgement_id,
                accepted=event.accepted,
            )
            for case_id, number in await _waiting(session, event):
                await self._tell(ids.corrected_claim(case_id, number), answer)

    async def _tell(self, workflow_id: str, answer: ClaimAnswered) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal("claim_answered", answer)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended
                raise


async def _waiting(session: AsyncSession, event: ClaimAcknowledged) -> Sequence[tuple[UUID, int]]:
    """Case and number of each corrected claim of this claim that is out."""
    found = await session.execute(
        select(col(DenialCase.id), col(Sending.level))
        .join(DenialCase, col(DenialCase.id) == col(Sending.case_id))
        .where(
            col(DenialCase.claim_id) == event.claim_id,
            col(Sending.channel) == CLAIMS,
            col(Sending.state).in_(["begun", "sent"]),
        )
    )
    return [(case_id, number) for case_id, number in found]
