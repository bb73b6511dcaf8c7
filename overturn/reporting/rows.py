"""From a statement to frozen values: the columns of a query are the fields of a dataclass."""

from typing import Any, TypeVar

from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncSession

Shape = TypeVar("Shape")


async def fetch_all(
    session: AsyncSession, shape: type[Shape], statement: TextClause, **parameters: Any
) -> list[Shape]:
    """Every row as a `shape`, in the statement's order."""
    result = await session.execute(statement, parameters)
    return [shape(**row) for row in result.mappings()]


async def fetch_one(
    session: AsyncSession, shape: type[Shape], statement: TextClause, **parameters: Any
) -> Shape | None:
    """The first row as a `shape`, or None where there is none."""
    row = (await session.execute(statement, parameters)).mappings().first()
    return None if row is None else shape(**row)
