"""The submission of a claim that counts, for whoever asks: the classifier, a letter."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.domain.submission import SubmittedClaim

CONTENT: Final = TypeAdapter(SubmittedClaim)


async def latest_submissions(
    session: AsyncSession, claim_ids: Collection[UUID]
) -> dict[UUID, SubmittedClaim]:
    """Each claim's submission of the latest date; one without a date comes before all that have one."""
    rows = await session.scalars(
        select(tables.SubmittedClaim)
        .where(col(tables.SubmittedClaim.claim_id).in_(claim_ids))
        .order_by(
            col(tables.SubmittedClaim.submitted_on).nulls_first(), col(tables.SubmittedClaim.created_at)
        )
    )
    latest = {row.claim_id: row.content for row in rows}
    return {claim_id: CONTENT.validate_python(content) for claim_id, content in latest.items()}
