"""Rules that ask how much waits in a queue are told, by the open work items; others cost no query."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, update
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import WorkItem
from overturn.domain.rule_cells import FigureCell
from overturn.rulebook import Rulebook, load_rulebook
from overturn.workloads import with_workloads
from tests.web_factories import CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SHIPPED = load_rulebook()


def asking() -> Rulebook:
    """The shipped rules, with a limit to the first queue."""
    first, *others = SHIPPED.routing.routes
    limited = replace(first, workload=FigureCell.parse("<40"))
    return replace(SHIPPED, routing=replace(SHIPPED.routing, routes=(limited, *others)))


async def test_open_work_items_are_counted_by_queue(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for number, queue in enumerate(["coding", "coding", "records"]):
            await add_case(session, CaseSeed(f"C{number}", queue=queue))
        done = update(WorkItem).where(col(WorkItem.queue) == "records")
        await session.execute(done.values(done_at=datetime.now(UTC)))
    async with sessions() as session:
        assert (await with_workloads(session, asking())).routing.waiting == {"coding": 2}


async def test_rules_that_do_not_ask_are_left_alone(sessions: Sessions) -> None:
    async with sessions() as session:
        asked: list[str] = []
        connection = await session.connection()
        event.listen(connection.sync_connection, "before_cursor_execute", lambda *a: asked.append(a[2]))
        assert await with_workloads(session, SHIPPED) is SHIPPED
        assert asked == []
