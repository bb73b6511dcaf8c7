"""Recoupments are looked for in the record, again and again; each that has news has its workflow look."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import col
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from overturn.db.session import Sessions
from overturn.db.tables import Recoupment
from overturn.domain import workflow_ids as ids
from overturn.domain.recoupment import RecoupmentStatus
from overturn.rule_sets import RulesInForce
from workflows.keeping import keep_looking
from workflows.recoupment.gathering import gather_take_backs
from workflows.recoupment.types import RecoupmentInput
from workflows.recoupment.workflow import RecoupmentWorkflow
from workflows.starting import start_or_signal

EVERY_SECONDS: Final = 60.0

OVERSLEPT: Final = timedelta(minutes=10)
"""A workflow that did not look by then is lost, or behind; telling it is harmless."""


async def keep_recoupments(client: Client, sessions: Sessions, rules: RulesInForce) -> None:
    """Look every minute, until cancelled; a part that is away is waited for."""
    await keep_looking(
        lambda: gather_recoupments(client, sessions, rules, now=datetime.now(UTC)),
        every=EVERY_SECONDS,
        waits="recoupments.wait",
    )


async def gather_recoupments(
    client: Client, sessions: Sessions, rules: RulesInForce, *, now: datetime
) -> list[UUID]:
    """Open what is new, post what moved, have those look that have news; their ids. Twice changes nothing."""
    async with sessions.begin() as session:
        rulebook = await rules.current(session)
        await gather_take_backs(session, rulebook.payers, at=now)
    async with sessions() as session:
        unseen = col(Recoupment.version) != col(Recoupment.looked_version)
        overslept = and_(
            col(Recoupment.status) != RecoupmentStatus.CLOSED, col(Recoupment.next_look_at) < now - OVERSLEPT
        )
        news = (await session.scalars(select(col(Recoupment.id)).where(or_(unseen, overslept)))).all()
    for recoupment_id in news:
        await look_at_recoupment(client, recoupment_id)
    return list(news)


async def look_at_recoupment(client: Client, recoupment_id: UUID) -> None:
    """Have its workflow look; one that was terminated, or whose end was taken back, is started again."""
    await start_or_signal(
        client,
        RecoupmentWorkflow.run,
        RecoupmentInput(recoupment_id=recoupment_id),
        workflow_id=ids.recoupment(recoupment_id),
        reuse=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        signal="look",
    )
