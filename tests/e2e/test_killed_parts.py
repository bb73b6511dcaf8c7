"""SIGKILL in the middle of a month: every case is there once, and every figure is as if nothing happened."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from overturn.db import tables
from overturn.demo.agreement import compare
from overturn.demo.month import month_files, read_truth
from overturn.demo.run import until_settled
from overturn.synthetic.month import make_month, write_month
from tests.e2e.system import System
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

KILLED = ("services.classifier", "services.relay", "workflows", "services.appeals", "postgres", "temporal")


async def test_a_month_survives_the_death_of_every_part(system: System, tmp_path: Path) -> None:
    for _ in write_month(make_month(claims=200, seed=22, month=date(2026, 9, 1)), tmp_path):
        pass
    files = month_files(tmp_path)
    kills = {len(files) * (n + 1) // (len(KILLED) + 1): part for n, part in enumerate(KILLED)}
    for number, path in enumerate(files):
        if part := kills.get(number):
            system.kill(part)
        await _send_until_taken(system, path)
    system.kill("services.classifier")
    system.kill("workflows")
    summary = await until_settled(system.settings, lambda _done, _all: None)
    wrong = [figure for figure in compare(summary, read_truth(tmp_path)) if not figure.agrees]
    assert wrong == []
    assert summary.ledger.difference == 0
    await until(lambda: _has_workflows(system, summary.cases))  # the list learns of them a moment later
    async with system.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(tables.DeadLetter)) == 0
        twice = select(col(tables.WorkItem.case_id)).group_by(col(tables.WorkItem.case_id))
        assert (await session.scalars(twice.having(func.count() > 1))).all() == []


async def _send_until_taken(system: System, path: Path) -> None:
    """What a sender does when the answer is an error: send again."""

    async def taken() -> bool:
        try:
            await asyncio.to_thread(system.send, path)
        except Exception:  # noqa: BLE001 - PostgreSQL was just killed under the ingest service
            return False
        return True

    await until(taken, pause=0.5)


async def _has_workflows(system: System, number: int) -> bool:
    client = await system.temporal()
    return (await client.count_workflows('WorkflowType = "DenialCaseWorkflow"')).count == number
