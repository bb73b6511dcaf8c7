"""Many rows in one statement: handed over as one JSON document, which PostgreSQL takes apart."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from overturn.db.tables import utc_now

CREATED_AT = "created_at"


async def insert_rows(
    session: AsyncSession,
    table: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    *,
    unless_there: bool = False,
) -> None:
    """Insert rows that all have the same columns; `created_at` is added where the table has it. With
    `unless_there`, a row that conflicts with one that is there is left out.

    A parameter for each value costs several times as much, for the tens of rows that a claim has.
    """
    if not rows:
        return
    if CREATED_AT in table.model_fields:
        now = utc_now()
        rows = [{**row, CREATED_AT: now} for row in rows]
    statement = _statement(table, tuple(rows[0]), unless_there=unless_there)
    await session.execute(statement, {"rows": json.dumps(rows, default=str)})


@cache
def _statement(table: type[SQLModel], columns: tuple[str, ...], *, unless_there: bool) -> TextClause:
    name, listed = table.__tablename__, ", ".join(columns)
    ending = " ON CONFLICT DO NOTHING" if unless_there else ""
    return text(
        f"INSERT INTO {name} ({listed}) SELECT {listed} "  # noqa: S608 - names of our own tables
        f"FROM json_populate_recordset(NULL::{name}, CAST(:rows AS json)){ending}"
    )
