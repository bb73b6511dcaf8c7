"""Claims of ours by the number a payer quotes."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.tables import Claim


async def submitted_by_number(
    session: AsyncSession, numbers: Iterable[str | None]
) -> dict[str | None, list[UUID]]:
    """The submitted claims that bear each patient control number; a number nobody bears has none."""
    found = await session.execute(
        select(col(Claim.patient_control_number), col(Claim.id)).where(
            col(Claim.submitted), among(col(Claim.patient_control_number), {n for n in numbers if n})
        )
    )
    by_number: dict[str | None, list[UUID]] = defaultdict(list)
    for number, claim in found:
        by_number[number].append(claim)
    return by_number
