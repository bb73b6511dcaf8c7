"""The migrations make exactly the tables the models describe, and can be taken back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, pool

from overturn.db import tables
from overturn.db.migrate import alembic_config, upgrade

pytestmark = pytest.mark.postgres


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=pool.NullPool)
    yield engine
    engine.dispose()


def differences(url: str) -> list[object]:
    with engine_of(url) as engine, engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, tables.metadata))


def table_names(url: str) -> set[str]:
    with engine_of(url) as engine:
        return set(inspect(engine).get_table_names())


def test_models_and_migrations_agree(database_url: str) -> None:
    assert differences(database_url) == []


def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    before = table_names(database_url)
    upgrade(database_url)
    assert table_names(database_url) == before
    assert differences(database_url) == []


def test_down_to_nothing_and_up_again(database_url: str) -> None:
    command.downgrade(alembic_config(database_url), "base")
    assert table_names(database_url) == {"alembic_version"}
    upgrade(database_url)
    assert differences(database_url) == []


def test_a_table_more_in_the_models_would_be_noticed(database_url: str) -> None:
    with engine_of(database_url) as engine, engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE inbox")
        connection.exec_driver_sql("ALTER TABLE claim DROP COLUMN acknowledgement")
    assert len(differences(database_url)) == 2
