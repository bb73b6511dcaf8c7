"""Cases that their workflows have prepared, read with all that a second decision about them needs."""

from collections import defaultdict
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.domain.denial_case import CaseStatus, Step
from services.classifier.reclassification import PreparedRecord

SENT: Final = (Step.SEND, Step.SENT, Step.SUBMIT, Step.DECIDE)


async def told_already(session: AsyncSession, event_ids: Collection[UUID]) -> set[UUID]:
    """Those of these lines that stand in a timeline already."""
    event_id = col(tables.CaseEvent.id)
    return set(await session.scalars(select(event_id).where(event_id.in_(event_ids))))


async def prepared_records(session: AsyncSession, case_ids: Collection[UUID]) -> list[PreparedRecord]:
    """Those of the cases that are still open and prepared; the classifier has written the others anew."""
    case, claim = tables.DenialCase, tables.Claim
    found = await session.execute(
        select(case, claim)
        .join(claim, col(claim.id) == col(case.claim_id))
        .where(col(case.id).in_(case_ids), col(case.status).not_in([CaseStatus.RESOLVED, CaseStatus.OPENED]))
        .order_by(col(case.id))
    )
    denials = defaultdict(list)
    for denial in await session.scalars(
        select(tables.Denial)
        .where(col(tables.Denial.case_id).in_(case_ids))
        .order_by(col(tables.Denial.line_number))
    ):
        denials[denial.case_id].append(denial)
    event = tables.CaseEvent
    sent = set(
        await session.scalars(
            select(col(event.case_id)).where(col(event.case_id).in_(case_ids), col(event.kind).in_(SENT))
        )
    )
    return [PreparedRecord(row, of, denials[row.id], row.id in sent) for row, of in found]
