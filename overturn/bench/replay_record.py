"""A record of any size to replay: one generated month, posted by the intake, and copies of its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from overturn.bench.ingest import bench_settings, ingest_service, postgres_server, temporary_folder
from overturn.db.migrate import upgrade
from overturn.db.tables import metadata
from overturn.ingest_client import IngestClient
from overturn.stack import postgres
from overturn.synthetic.month import make_month, write_month

DATABASE: Final = "bench"
MONTH_CLAIMS: Final = 500
SEED: Final = 835

COPIED: Final = (
    *("claim", "submitted_claim", "claim_acknowledgement", "claim_payment"),
    *("service_line", "adjustment", "remark"),
)
"""The tables that replay reads of a claim, each after those it refers to; payments stay in one remittance."""

_NEW_IDS: Final = frozenset({"id", "claim_id", "claim_payment_id"})
_NEW_NUMBERS: Final = frozenset({"patient_control_number", "member_identifier"})
"""Each copy is of other patients: else every claim would have its copies beside it on the same day."""


@contextmanager
def replay_record(adjudications: int) -> Iterator[str]:
    """A database on a server of its own, with at least so many adjudications; its URL."""
    with temporary_folder() as folder, postgres_server(folder, durable=False) as (port, password):
        url = postgres.ensure_database(password, port, password, DATABASE)
        upgrade(url)
        _post_month(folder, url, min(adjudications, MONTH_CLAIMS))
        with postgres.connect(password, port, DATABASE) as connection:
            _multiply(connection, adjudications)
        yield url


def _post_month(folder: Path, url: str, claims: int) -> None:
    settings = bench_settings(folder, url)
    files = list(write_month(make_month(claims=claims, seed=SEED), folder / "month"))
    with ingest_service(settings), IngestClient(settings) as client:
        for path in files:
            if path.suffix != ".json":  # what is true of the month
                client.send(path)


def _multiply(connection: psycopg.Connection, wanted: int) -> None:
    """Copy the month's rows under ids of their own until there are enough."""
    connection.execute("SET session_replication_role = replica")  # the copies refer to each other correctly
    found = connection.execute("SELECT count(*) FROM claim_payment").fetchone()
    posted = found[0] if found else 0
    for table in COPIED:
        connection.execute(
            sql.SQL("CREATE TEMP TABLE {} AS SELECT * FROM {}").format(_first(table), _name(table))
        )
    for number in range(1, -(-wanted // posted)):
        for table in COPIED:
            connection.execute(_copy(table), {"number": str(number)})
    connection.execute("VACUUM ANALYZE")


def _copy(table: str) -> sql.Composed:
    columns = [column.name for column in metadata.tables[table].columns]
    copied = [sql.SQL(_copied(name)).format(sql.Identifier(name)) for name in columns]
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
        _name(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(copied),
        _first(table),
    )


def _copied(column: str) -> str:
    if column in _NEW_IDS:
        return "md5({}::text || %(number)s)::uuid"
    return "{} || '-' || %(number)s" if column in _NEW_NUMBERS else "{}"


def _name(table: str) -> sql.Identifier:
    return sql.Identifier("public", table)


def _first(table: str) -> sql.Identifier:
    return sql.Identifier(f"first_{table}")
