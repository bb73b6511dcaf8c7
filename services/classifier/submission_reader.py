"""A claim that we sent may decide open cases of its patient: a line of the same day, a visit used up."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.touched_cases import tell_of_claims
from overturn.events import ClaimSubmitted


class SubmissionReader:
    """Handles `claim.submitted.v1`; a claim that bears on no open case needs no telling."""

    async def __call__(self, session: AsyncSession, events: Sequence[ClaimSubmitted]) -> None:
        await tell_of_claims(session, {e.claim_id: e.event_id for e in events})
