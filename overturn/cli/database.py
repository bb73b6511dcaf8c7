"""What commands ask of the running system's database, and what they say when it does not answer."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

FAILED = 2
NO_DATABASE = "The database does not answer; `overturn status` shows what is down."

Answer = TypeVar("Answer")
Work = Callable[["AsyncSession"], Awaitable[Answer]]


def ask(work: Work[Answer], *refusals: type[Exception]) -> Answer:
    """The work's answer, its one transaction committed; a refusal's words end the command instead."""
    import asyncio

    from sqlalchemy.exc import OperationalError

    from overturn.settings import SettingsError, load_settings

    known: tuple[type[Exception], ...] = (SettingsError, *refusals)
    try:
        return asyncio.run(in_transaction(load_settings().database_url, work))
    except known as error:
        typer.echo(f"error: {error}", err=True)
    except OperationalError:
        typer.echo(f"error: {NO_DATABASE}", err=True)
    raise typer.Exit(FAILED)


async def in_transaction(database_url: str, work: Work[Answer]) -> Answer:
    """The work's answer; the engine is gone afterwards, however it ended."""
    from overturn.db.session import create_engine, create_sessions

    engine = create_engine(database_url)
    try:
        async with create_sessions(engine).begin() as session:
            return await work(session)
    finally:
        await engine.dispose()
