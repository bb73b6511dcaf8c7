"""Rows of a long table, so many at a time in the order of their ids, so that memory does not grow with it."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncSession


class Identified(Protocol):
    """A table's row."""

    id: UUID


First = TypeVar("First", bound=Identified)
Others = TypeVarTuple("Others")

SIZE: Final = 200
_BEFORE_ALL: Final = UUID(int=0)


async def in_batches(
    session: AsyncSession, query: Select[First, *Others], *, size: int = SIZE
) -> AsyncIterator[Sequence[Row[First, *Others]]]:
    """What the query finds, which has no order of its own; it goes by the ids of the first thing selected."""
    row_id = query.column_descriptions[0]["entity"].id
    page, last = query.order_by(row_id).limit(size), _BEFORE_ALL
    while batch := (await session.execute(page.where(row_id > last))).all():
        last = batch[-1][0].id
        yield batch
