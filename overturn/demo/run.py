"""Running the demo against a stack that is up: ingest, wait until everything has settled, add up."""

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.db.tables import ReceivedFile
from overturn.ingest_client import IngestClient
from overturn.reporting.summary import Summary, summarise, work_in_flight
from overturn.settings import Settings

LOOK_SECONDS: Final = 0.3
QUIET_LOOKS: Final = 4
"""Work passes between parts through tables we look at one after another; quiet means quiet for a while."""
PATIENCE_SECONDS: Final = 600.0

Progress = Callable[[int, int], None]


class DemoError(Exception):
    """The demo cannot show what it is meant to; the message says why and what to do."""


async def refuse_other_files(settings: Settings, files: Sequence[Path]) -> None:
    """Invented claims are not mixed with anybody's own.

    Raises:
        DemoError: files that are not the demo's were taken in here.
    """
    own = {sha256(path.read_bytes()).hexdigest() for path in files}
    engine = create_engine(settings.database_url, pool_size=1)
    async with create_sessions(engine)() as session:
        taken_in = set(await session.scalars(select(col(ReceivedFile.sha256))))
    await engine.dispose()
    if taken_in - own:
        raise DemoError(
            f"{len(taken_in - own)} files of your own were taken in here; the demo would mix invented claims "
            "with them. Go on with `overturn up`, or set OVERTURN_HOME to another folder for the demo."
        )


async def send_files(settings: Settings, files: Sequence[Path], progress: Progress) -> None:
    """Post every file in order; `progress` is told how many of how many are done."""
    with IngestClient(settings) as client:
        for number, path in enumerate(files, start=1):
            await asyncio.to_thread(client.send, path)
            progress(number, len(files))


async def until_settled(settings: Settings, progress: Progress) -> Summary:
    """Wait until no event and no case is on its way, then add up the record.

    Raises:
        DemoError: it did not come to rest in time.
    """
    engine = create_engine(settings.database_url, pool_size=1)
    try:
        sessions = create_sessions(engine)
        await asyncio.wait_for(_quiet(sessions, progress), PATIENCE_SECONDS)
        async with sessions() as session:
            return await summarise(session)
    except TimeoutError:
        raise DemoError(
            f"Work is still under way after {PATIENCE_SECONDS:.0f} seconds; "
            "`overturn status` says which part is not healthy and where its log is."
        ) from None
    finally:
        await engine.dispose()


async def _quiet(sessions: Sessions, progress: Progress) -> None:
    most, quiet = 1, 0
    while quiet < QUIET_LOOKS:
        async with sessions() as session:
            left = await work_in_flight(session)
        most, quiet = max(most, left), quiet + 1 if left == 0 else 0
        progress(most - left, most)
        await asyncio.sleep(LOOK_SECONDS)
