"""The demo's own broker keeps messages in memory only: killed in mid-month, it costs nothing."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from overturn.demo.agreement import compare
from overturn.demo.month import month_files, read_truth
from overturn.demo.run import until_settled
from overturn.stack.part import free_port
from overturn.stack.supervisor import Stack
from overturn.synthetic.month import make_month, write_month
from tests.e2e.system import System

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]


@pytest_asyncio.fixture
async def demo_system(parts_folder: Path) -> AsyncIterator[System]:
    """The stack as `overturn demo` starts it, with the embedded broker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERTURN_HOME", str(parts_folder / "embedded"))
        patch.setenv("OVERTURN_WEB_PORT", str(free_port()))
        patch.setenv("OVERTURN_INGEST_PORT", str(free_port()))
        async with Stack() as stack:
            started = System(stack)
            yield started
            await started.close()


async def test_a_month_survives_a_broker_that_forgets(demo_system: System, tmp_path: Path) -> None:
    for _ in write_month(make_month(claims=80, seed=5, month=date(2026, 9, 1)), tmp_path):
        pass
    files = month_files(tmp_path)
    for number, path in enumerate(files):
        if number in {len(files) // 2, len(files) - 2}:
            demo_system.kill("kafka")
        demo_system.send(path)
    demo_system.kill("kafka")
    summary = await until_settled(demo_system.settings, lambda _done, _all: None)
    assert [figure for figure in compare(summary, read_truth(tmp_path)) if not figure.agrees] == []
