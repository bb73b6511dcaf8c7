"""Many rows in one statement: copied in, or, where some may be there already, as one JSON document."""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from psycopg import AsyncConnection, Error
from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
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
    """Insert rows that all have the same columns in the same order; `created_at` is added where the table has
    it. With `unless_there`, a row that conflicts with one that is there is left out.

    A parameter for each value costs several times as much, for the tens of rows that a claim has.

    Raises:
        DBAPIError: the database refuses a row, or is away.
    """
    if not rows:
        return
    if CREATED_AT in table.model_fields:
        now = utc_now()
        rows = [{**row, CREATED_AT: now} for row in rows]
    columns = tuple(rows[0])
    if unless_there:
        statement = _statement(table, columns)
        await session.execute(statement, {"rows": json.dumps(rows, default=str)})
    else:
        await _copy(session, table, columns, (list(row.values()) for row in rows))


@cache
def _statement(table: type[SQLModel], columns: tuple[str, ...]) -> TextClause:
    name, listed = table.__tablename__, ", ".join(columns)
    return text(
        f"INSERT INTO {name} ({listed}) SELECT {listed} "  # noqa: S608 - names of our own tables
        f"FROM json_populate_recordset(NULL::{name}, CAST(:rows AS json)) ON CONFLICT DO NOTHING"
    )


async def _copy(
    session: AsyncSession, table: type[SQLModel], columns: tuple[str, ...], rows: Iterable[list[Any]]
) -> None:
    """COPY knows no conflict, and is the cheapest that PostgreSQL has: it inserts page by page."""
    await session.flush()
    documents = _documents(table, columns)
    connection = await _driver_connection(session)
    statement = f"COPY {table.__tablename__} ({', '.join(columns)}) FROM STDIN"
    try:
        async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                for place in documents:
                    row[place] = json.dumps(row[place])
                await copy.write_row(row)
    except Error as refused:
        raise DBAPIError.instance(statement, None, refused, Error, hide_parameters=True) from refused


async def _driver_connection(session: AsyncSession) -> AsyncConnection[Any]:
    """The driver's own connection, in the session's transaction."""
    raw = await (await session.connection()).get_raw_connection()
    connection = raw.driver_connection
    assert isinstance(connection, AsyncConnection)  # noqa: S101 - every URL of ours is of psycopg
    return connection


@cache
def _documents(table: type[SQLModel], columns: tuple[str, ...]) -> tuple[int, ...]:
    """Which of the columns are JSON."""
    types = table.metadata.tables[str(table.__tablename__)].columns
    return tuple(place for place, name in enumerate(columns) if isinstance(types[name].type, JSONB))
