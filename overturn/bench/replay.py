"""Replaying stored history beside reading the same rows and doing nothing with them."""

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from overturn.bench.figure import Figure, compare
from overturn.bench.outcome import Outcome
from overturn.db.history import read_chunks
from overturn.db.session import create_engine
from overturn.domain.codes import Answer
from overturn.domain.rule_row import DenialRule
from overturn.replay import replay
from overturn.rulebook import Rulebook, load_rulebook
from overturn.settings import SettingsError, load_settings

UNIT: Final = "adjudications per second"
NO_RECORD: Final = "replay needs a record: `overturn up`, or `overturn demo`, then again."

Pass = Callable[[AsyncConnection], Awaitable[int]]


def bench_replay(_: int, runs: int) -> Outcome:
    """Read the running system's record, once without doing anything and once under other rules."""
    try:
        database_url = load_settings().database_url
    except SettingsError:
        return Outcome(notes=[NO_RECORD])
    return asyncio.run(measure(database_url, runs))


async def measure(database_url: str, runs: int) -> Outcome:
    """A pack with one other row, and rules of which every row differs, so that all is decided twice."""
    engine = create_engine(database_url)
    shipped = load_rulebook()
    try:
        async with engine.connect() as connection:
            return Outcome(
                [
                    await _beside_reading("one row differs", connection, shipped, _one_row(shipped), runs),
                    await _beside_reading(
                        "every row differs", connection, shipped, _every_row(shipped), runs
                    ),
                ]
            )
    finally:
        await engine.dispose()


async def _beside_reading(
    name: str, connection: AsyncConnection, before: Rulebook, after: Rulebook, runs: int
) -> Figure:
    async def read(connection: AsyncConnection) -> int:
        return sum([len(chunk.payments) async for chunk in read_chunks(connection, since=None)])

    async def replayed(connection: AsyncConnection) -> int:
        return (await replay(connection, before=before, after=after)).adjudications

    ours, baseline = [], []
    for _ in range(runs):
        baseline.append(await _rate(read, connection))
        ours.append(await _rate(replayed, connection))
    versions = {"python": platform.python_version()}
    return compare(
        f"replay, {name}", UNIT, ours, baseline, baseline_name="reading the same rows", versions=versions
    )


async def _rate(work: Pass, connection: AsyncConnection) -> float:
    started = time.perf_counter()
    return await work(connection) / (time.perf_counter() - started)


def _one_row(rulebook: Rulebook) -> Rulebook:
    """The row of one reason decides otherwise."""
    return _changed(rulebook, lambda rule: rule.id == "co-50")


def _every_row(rulebook: Rulebook) -> Rulebook:
    return _changed(rulebook, lambda _: True)


def _changed(rulebook: Rulebook, which: Callable[[DenialRule], bool]) -> Rulebook:
    rules = tuple(
        replace(rule, preventable=Answer.NO if rule.preventable is Answer.YES else Answer.YES)
        if which(rule)
        else rule
        for rule in rulebook.denials.rules
    )
    return replace(rulebook, denials=replace(rulebook.denials, rules=rules))
