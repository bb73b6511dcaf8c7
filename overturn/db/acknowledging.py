"""What the 277CA answers on record say of a claim, whatever order they and the claim came in."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.tables import Claim
from overturn.db.tables import ClaimAcknowledgement as AcknowledgementRow
from overturn.domain.submission import REJECTED_CATEGORIES

ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"


async def find_waiting(session: AsyncSession, claims: Mapping[str, UUID]) -> Sequence[AcknowledgementRow]:
    """Put answers that came before their claim under it, and return all answers of the claims they met;
    `claims` gives ids by patient control number."""
    number = col(AcknowledgementRow.patient_control_number)
    found = await session.scalars(
        select(AcknowledgementRow)
        .where(col(AcknowledgementRow.claim_id).is_(None), among(number, claims))
        .order_by(col(AcknowledgementRow.id))
    )
    met = found.all()
    for row in met:
        row.claim_id = claims[row.patient_control_number or ""]
    await session.flush()
    return await mark_claims(session, {row.claim_id for row in met if row.claim_id})


async def mark_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> Sequence[AcknowledgementRow]:
    """Set what the latest answer of each claim says, whatever order the answers came in, and return all
    answers of these claims, the latest last.

    Answers that neither accept nor reject (received, forwarded) leave a claim as it is.
    """
    if not claim_ids:
        return []
    claims = await session.scalars(
        select(Claim).where(among(col(Claim.id), claim_ids)).order_by(col(Claim.id)).with_for_update()
    )
    found = await session.scalars(
        select(AcknowledgementRow)
        .where(among(col(AcknowledgementRow.claim_id), claim_ids))
        .order_by(
            col(AcknowledgementRow.acknowledged_on).nulls_first(),
            col(AcknowledgementRow.created_at),
            col(AcknowledgementRow.segment_index),
        )
    )
    answers = found.all()
    latest = {row.claim_id: state for row in answers if (state := _state(row))}
    for claim in claims:
        claim.acknowledgement = latest.get(claim.id, claim.acknowledgement)
    return answers


def _state(row: AcknowledgementRow) -> str | None:
    if row.accepted:
        return ACCEPTED
    return REJECTED if any(s["category"] in REJECTED_CATEGORIES for s in row.statuses) else None
