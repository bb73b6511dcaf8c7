"""How far rules that were put in force have been applied to what is in the record."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Inbox, Outbox
from overturn.events import RulesPublished
from overturn.events.topics import CONSUMERS

IDS: Final = 1 << 128
"""Ids are hashes, so the share of them before one is the share of rows."""


async def publication_progress(session: AsyncSession) -> str:
    """What of the last publication is done, in words; empty when all of it is, or nothing was published."""
    due = await _last_event(session)
    if due is None or await _is_handled(session, due.event_id):
        return ""
    if due.after_claim_id is not None:
        return f"the open cases are decided anew, and {_percent(due.after_claim_id)} % of the other claims"
    return f"{_percent(due.after_case_id)} % of the open cases are decided anew"


async def _last_event(session: AsyncSession) -> RulesPublished | None:
    payload = await session.scalar(
        select(col(Outbox.payload))
        .where(col(Outbox.topic) == RulesPublished.topic)
        .order_by(col(Outbox.created_at).desc())
        .limit(1)
    )
    return RulesPublished.model_validate(payload) if payload else None


async def _is_handled(session: AsyncSession, event_id: UUID) -> bool:
    group = CONSUMERS[RulesPublished.topic]
    found = await session.scalar(
        select(col(Inbox.event_id)).where(col(Inbox.consumer) == group, col(Inbox.event_id) == event_id)
    )
    return found is not None


def _percent(after: UUID | None) -> int:
    return after.int * 100 // IDS if after else 0
