"""Replaying stored history beside reading the same rows and doing nothing with them."""

import asyncio
import os
import platform
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.bench.figure import compare
from overturn.bench.ingest import peak_megabytes
from overturn.bench.outcome import Outcome
from overturn.bench.replay_record import replay_record
from overturn.db.history import read_chunks
from overturn.db.session import create_engine, create_sessions
from overturn.domain.codes import Action
from overturn.domain.rule_row import DenialRule
from overturn.reference.causes import with_cause_tables
from overturn.replay import replay
from overturn.rulebook import Rulebook, load_rulebook

BASELINE: Final = "reading the same rows"

Pass = Callable[[AsyncSession], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One pass: adjudications by CPU second of this process, and by second; what the process held at most."""

    by_cpu: float
    by_clock: float
    peak_megabytes: float


def bench_replay(adjudications: int, runs: int) -> Outcome:
    """Read a record of at least so many adjudications, once without doing anything and once replaying it."""
    with replay_record(adjudications) as database_url:
        return asyncio.run(measure(database_url, runs))


async def measure(database_url: str, runs: int) -> Outcome:
    """A pack with one other row, and rules of which every row differs: all is decided twice, all changes."""
    engine = create_engine(database_url)
    shipped = with_cause_tables(load_rulebook())
    outcome = Outcome()
    try:
        async with create_sessions(engine)() as session:
            for name, after in (("one row", _one_row(shipped)), ("every row", _every_row(shipped))):
                await _add(outcome, name, session, (shipped, after), runs=runs)
    finally:
        await engine.dispose()
    return outcome


async def _add(
    outcome: Outcome, name: str, session: AsyncSession, rules: tuple[Rulebook, Rulebook], *, runs: int
) -> None:
    before, after = rules
    decided = total = 0

    async def read(session: AsyncSession) -> int:
        return sum([len(chunk.payments) async for chunk in read_chunks(await session.connection())])

    async def replayed(session: AsyncSession) -> int:
        nonlocal decided, total
        found = await replay(session, before=before, after=after)
        decided, total = found.decided_again, found.adjudications
        return total

    baseline, ours = [], []
    for _ in range(runs):
        baseline.append(await _measured(read, session))
        ours.append(await _measured(replayed, session))
    versions = {"python": platform.python_version()}
    for unit, rate in (("CPU second", "by_cpu"), ("second", "by_clock")):
        rates = [[getattr(reading, rate) for reading in readings] for readings in (ours, baseline)]
        figure = compare(
            f"replay, {name} differs, per {unit}",
            "adjudications",
            *rates,
            baseline_name=BASELINE,
            versions=versions,
        )
        outcome.figures.append(figure)
    peaks = [max(reading.peak_megabytes for reading in readings) for readings in (baseline, ours)]
    outcome.notes.append(
        f"{name} differs: {decided:,} of {total:,} decided again; at most {peaks[1]:.0f} MB "
        f"in the process, {peaks[0]:.0f} MB while only reading"
    )


async def _measured(work: Pass, session: AsyncSession) -> Reading:
    _forget_peak()
    clock, cpu = time.perf_counter(), time.process_time()
    read = await work(session)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    return Reading(by_cpu=read / cpu, by_clock=read / clock, peak_megabytes=peak_megabytes(os.getpid()))


def _forget_peak() -> None:
    """What the process held before counts no more (Linux: proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _one_row(rulebook: Rulebook) -> Rulebook:
    """The row of one reason decides otherwise."""
    return _changed(rulebook, lambda rule: rule.id == "co-50")


def _every_row(rulebook: Rulebook) -> Rulebook:
    return _changed(rulebook, lambda _: True)


def _changed(rulebook: Rulebook, which: Callable[[DenialRule], bool]) -> Rulebook:
    rules = tuple(
        replace(rule, action=Action.APPEAL if rule.action is Action.CALL_PAYER else Action.CALL_PAYER)
        if which(rule)
        else rule
        for rule in rulebook.denials.rules
    )
    return replace(rulebook, denials=replace(rulebook.denials, rules=rules))
