"""How much work waits in each queue, for rules that ask for it."""

from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import WorkItem
from overturn.rulebook import Rulebook


async def with_workloads(session: AsyncSession, rulebook: Rulebook) -> Rulebook:
    """The same rules, with the number of open work items of each queue where a row of `queues.csv` asks."""
    if not rulebook.routing.asks_for_workload:
        return rulebook
    found = await session.execute(
        select(col(WorkItem.queue), func.count())
        .where(col(WorkItem.done_at).is_(None))
        .group_by(col(WorkItem.queue))
    )
    waiting = {queue: number for queue, number in found if queue}
    return replace(rulebook, routing=replace(rulebook.routing, waiting=waiting))
