"""The documents people uploaded for a package: of a case, of a request for records, or of a rebuttal."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Exhibit


async def supplied_exhibits(session: AsyncSession, **owner: UUID) -> list[Exhibit]:
    """Those of this `case_id`, `request_id` or `recoupment_id`, oldest first."""
    found = await session.scalars(
        select(Exhibit).filter_by(**owner).order_by(col(Exhibit.uploaded_at), col(Exhibit.id))
    )
    return list(found)


async def remove_exhibit(session: AsyncSession, exhibit_id: UUID, **owner: UUID) -> None:
    """Take one of these out of its package; where it is another's, nothing happens."""
    await session.execute(delete(Exhibit).filter_by(id=exhibit_id, **owner))
