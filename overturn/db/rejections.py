"""Rejections come to an end: the payer took the claim in or adjudicated it, or a person says why."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.tables import Rejection

OPEN: Final = "open"
DONE: Final = "done"

log = structlog.get_logger()

# An answer from before the rejection is about what was sent before, and closes nothing.
_ADJUDICATED: Final = text("""
    UPDATE rejection r
       SET state = 'done', done_at = now(),
           done_reason = 'A remittance of ' || answer.on_day || ' adjudicated the claim.'
      FROM (SELECT claim_id, max(payment_on) AS on_day
              FROM claim_payment WHERE claim_id = ANY(:claims) GROUP BY claim_id) answer
     WHERE r.claim_id = answer.claim_id AND r.state = 'open'
       AND answer.on_day >= coalesce(r.rejected_on, r.created_at::date)
""")

_TAKEN_IN: Final = text("""
    UPDATE rejection r
       SET state = 'done', done_at = now(),
           done_reason = 'A 277CA of ' || answer.on_day || ' took the claim in.'
      FROM (SELECT a.claim_id, max(a.acknowledged_on) AS on_day
              FROM claim_acknowledgement a
              JOIN claim c ON c.id = a.claim_id AND c.acknowledgement = 'accepted'
             WHERE a.claim_id = ANY(:claims) AND a.accepted GROUP BY a.claim_id) answer
     WHERE r.claim_id = answer.claim_id AND r.state = 'open'
       AND answer.on_day >= coalesce(r.rejected_on, r.created_at::date)
""")


class FinishRefusedError(ValueError):
    """The rejection cannot be marked as done; the message says why."""


async def close_answered(session: AsyncSession, claim_ids: Collection[UUID]) -> None:
    """Close what a later remittance or an accepting 277CA settled, whatever order the files came in."""
    claim_id = col(Rejection.claim_id)
    refused = select(claim_id).where(among(claim_id, claim_ids), col(Rejection.state) == OPEN)
    if claims := list(await session.scalars(refused)) if claim_ids else ():
        await session.execute(_TAKEN_IN, {"claims": claims})
        await session.execute(_ADJUDICATED, {"claims": claims})


async def finish_rejection(session: AsyncSession, *, rejection_id: UUID, reason: str, actor_id: UUID) -> None:
    """A person is done with a rejection, for a reason that is kept.

    Raises:
        FinishRefusedError: it is not there, or done already.
    """
    rejection = await session.get(Rejection, rejection_id, with_for_update=True)
    if rejection is None:
        raise FinishRefusedError("This rejection is not there any more. Reload the page.")
    if rejection.state == DONE:
        raise FinishRefusedError(f"This rejection is done already: {rejection.done_reason}")
    rejection.state, rejection.done_reason, rejection.done_by = DONE, reason, actor_id
    rejection.done_at = datetime.now(UTC)
    log.info("rejection.done", rejection_id=str(rejection_id), actor=str(actor_id))
