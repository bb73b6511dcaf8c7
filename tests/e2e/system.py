"""A running system as a test sees it: files in, tables and histories out, parts that can be killed."""

import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.client import Client

from overturn.db import tables
from overturn.db.session import create_engine, create_sessions
from overturn.domain.practice_day import practice_date
from overturn.ingest_client import IngestClient
from overturn.settings import load_settings
from overturn.stack.supervisor import Stack
from overturn.temporal.client import connect
from tests.waiting import until

T = TypeVar("T")
DENIED_ON = practice_date(tables.utc_now()) - timedelta(days=20)
"""Lately, so that no case's last day is over and no step lies ahead, whenever the tests run."""


class System:
    """The stack with a connection to its record."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.settings = load_settings()
        self._engine = create_engine(self.settings.database_url)
        self.sessions = create_sessions(self._engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def temporal(self) -> Client:
        return await connect(self.settings)

    def send(self, path: Path) -> dict[str, Any]:
        """Post one file as the command line does."""
        with IngestClient(self.settings) as client:
            return client.send(path)

    def kill(self, part: str) -> None:
        """SIGKILL, as it happens to a process that the machine has no memory for."""
        pid = next(p.pid for p in self.stack.parts if p.name == part)
        if pid is not None:
            with suppress(ProcessLookupError):  # dead already, and about to be started again
                os.kill(pid, signal.SIGKILL)

    async def until(self, look: Callable[[AsyncSession], Awaitable[T | None]]) -> T:
        """The first answer of `look` that is not None or False."""

        async def now() -> T | None:
            async with self.sessions() as session:
                return await look(session)

        found = await until(now, pause=0.1)
        assert found is not None
        return found

    async def case_of(self, number: str, *, status: str) -> tables.DenialCase:
        """The case of a claim by its patient control number, once it has this status."""

        async def look(session: AsyncSession) -> tables.DenialCase | None:
            case, claim = tables.DenialCase, tables.Claim
            return await session.scalar(
                select(case)
                .join(claim, col(claim.id) == col(case.claim_id))
                .where(col(claim.patient_control_number) == number, col(case.status) == status)
            )

        return await self.until(look)

    async def letter_of(self, case: tables.DenialCase) -> tables.Letter:
        """The case's letter, once it is drafted."""
        return await self.until(
            lambda session: session.scalar(select(tables.Letter).where(col(tables.Letter.case_id) == case.id))
        )
