"""Sessions on a fresh database for one test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from overturn.db.session import Sessions, create_engine, create_sessions


@pytest_asyncio.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    engine = create_engine(database_url)
    yield create_sessions(engine)
    await engine.dispose()
