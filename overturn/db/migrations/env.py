"""Alembic's entry: run migrations over the URL that `overturn.db.migrate` hands in."""

from alembic import context
from sqlalchemy import create_engine, pool

from overturn.db import tables

config = context.config


def run() -> None:
    engine = create_engine(config.attributes["database_url"], poolclass=pool.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=tables.metadata)
        with context.begin_transaction():
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            context.run_migrations()


run()
