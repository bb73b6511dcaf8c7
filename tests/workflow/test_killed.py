"""Workers, server and database die in turn while cases run: each ends as it would have ended undisturbed.

OVERTURN_KILLED_CASES sets how many: `make kill` has a thousand, the suite a few dozen.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
import pytest_asyncio
from temporalio.client import Client

from overturn.db.session import create_engine, create_sessions
from overturn.domain.denial_case import Outcome
from tests.replay.recorded import history_converter
from tests.waiting import until
from tests.workflow.kept_parts import KILLED, KeptParts, kept_parts
from tests.workflow.lives import LIVES, Life, Person, begin, fate, live, open_and_prepare
from tests.workflow.record import create_record

pytestmark = [pytest.mark.asyncio, pytest.mark.temporal, pytest.mark.postgres, pytest.mark.slow]

CASES: Final = int(os.environ.get("OVERTURN_KILLED_CASES", "24"))
AT_ONCE: Final = 16
STAGES_A_KILL: Final = 40
ENDED_SECONDS: Final = 240.0

Stage = Callable[[Person, UUID, Life], Awaitable[None]]


@pytest_asyncio.fixture(loop_scope="session")
async def parts(parts_folder: Path) -> AsyncIterator[KeptParts]:
    folder = parts_folder / "killed"
    folder.mkdir(mode=0o711)
    async with kept_parts(folder) as kept:
        yield kept


@pytest_asyncio.fixture(loop_scope="session")
async def person(parts: KeptParts) -> AsyncIterator[Person]:
    engine = create_engine(parts.database_url, pool_size=AT_ONCE)
    client = await Client.connect(parts.temporal_address, data_converter=history_converter())
    yield Person(client, await create_record(create_sessions(engine)))
    await engine.dispose()


class Trouble:
    """Kills the parts in turn, one whenever so many cases have come a stage further."""

    def __init__(self, parts: KeptParts, every: int) -> None:
        self.kills = 0
        self._parts = parts
        self._every = every
        self._stages = 0

    async def one_further(self) -> None:
        self._stages += 1
        if self._stages % self._every == 0:
            part = KILLED[self.kills % len(KILLED)]
            self.kills += 1
            await self._parts.kill(part)


async def nothing_happens() -> None:
    """As when no part dies."""


async def through(
    person: Person, cases: dict[UUID, Life], after_each: Callable[[], Awaitable[None]] = nothing_happens
) -> None:
    """All of them opened, so many at once; then, while all run, each lived to its end."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(stage: Stage, case_id: UUID, life: Life) -> None:
        async with gate:
            await stage(person, case_id, life)
        await after_each()

    for stage in (open_and_prepare, live):
        await asyncio.gather(*(one(stage, case_id, life) for case_id, life in cases.items()))


async def begun(person: Person, lives: Iterable[Life]) -> dict[UUID, Life]:
    return {await begin(person.record, life): life for life in lives}


async def until_all_have_ended(person: Person) -> None:
    """No workflow of a case, an appeal or a corrected claim is left running."""
    kinds = "('DenialCaseWorkflow', 'AppealWorkflow', 'CorrectedClaimWorkflow')"
    left = f"WorkflowType IN {kinds} AND ExecutionStatus = 'Running'"

    async def none_left() -> bool:
        return (await person.client.count_workflows(left)).count == 0

    await until(none_left, ENDED_SECONDS, pause=0.5)


@pytest.mark.timeout(300 + 6 * CASES)
async def test_each_case_ends_as_it_would_have_ended_undisturbed(person: Person, parts: KeptParts) -> None:
    undisturbed = await begun(person, LIVES)
    await through(person, undisturbed)
    expected = {life: await fate(person, case_id) for case_id, life in undisturbed.items()}
    assert {life.outcome for life in LIVES} == set(Outcome)
    assert [expected[life].outcome for life in LIVES] == [life.outcome for life in LIVES]

    every = min(STAGES_A_KILL, 2 * CASES // (len(KILLED) + 1))
    trouble = Trouble(parts, every)
    cases = await begun(person, (LIVES[number % len(LIVES)] for number in range(CASES)))
    await through(person, cases, trouble.one_further)

    assert trouble.kills == 2 * CASES // every
    assert trouble.kills >= len(KILLED)
    fates = {case_id: await fate(person, case_id) for case_id in cases}
    other = {case_id: fates[case_id] for case_id, life in cases.items() if fates[case_id] != expected[life]}
    assert other == {}
    await until_all_have_ended(person)
