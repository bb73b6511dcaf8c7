"""Bring a database to the newest migration. Migrations are the only way tables come to be, in tests too."""

from pathlib import Path

from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str) -> None:
    """Apply what is missing; a database that is up to date is left alone."""
    command.upgrade(alembic_config(database_url), "head")
