"""Alembic migrations: an older database in, the tables of today out."""
