"""A person's last step on a recoupment is taken back: its row stands again as the step found it."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Recoupment, RecoupmentClaim, RecoupmentClock
from overturn.domain.recoupment import RecoupmentRefusedError, RecoupmentStatus, RecoupmentStep

UNDOABLE: Final = frozenset(
    {RecoupmentStep.SUBMIT, RecoupmentStep.DECIDE, RecoupmentStep.REPAY, RecoupmentStep.ACCEPT}
)
"""What a person may have recorded by mistake, and what nothing else corrects."""

NOTHING_TO_UNDO: Final = (
    "There is no step to take back: one step can be, until the next, and what the system sent cannot be."
)
DEMANDED_AGAIN: Final = (
    "Money of its claims was demanded again since it ended: work the recoupment that is open, "
    "or its dollars would be counted twice."
)


class Found(BaseModel):
    """What a step found, in as far as a step changes it. What remittances post is not in it: it stays."""

    model_config = ConfigDict(from_attributes=True)

    status: str
    outcome: str | None
    dispute: str | None
    level: int
    withdrawn_amount: Decimal
    repaid_amount: Decimal
    answered_on: date | None
    rebutted_on: date | None
    appealed_on: date | None
    closed_on: date | None


def remember(row: Recoupment, step: RecoupmentStep) -> None:
    """Keep what `step` finds, before it changes anything; what is sent by the system ends that."""
    if step in UNDOABLE:
        row.last_step = {"step": step, "found": Found.model_validate(row).model_dump(mode="json")}
    elif step is RecoupmentStep.SEND:
        row.last_step = {}


async def take_back(session: AsyncSession, row: Recoupment, last: dict[str, Any]) -> RecoupmentStep:
    """Put the locked row back to what its last step found; which step that was.

    Raises:
        RecoupmentRefusedError: there is none, or its claims are in another open recoupment by now.
    """
    if not last:
        raise RecoupmentRefusedError(NOTHING_TO_UNDO)
    if row.closed_on is not None and await _is_demanded_again(session, row):
        raise RecoupmentRefusedError(DEMANDED_AGAIN)
    found = Found.model_validate(last["found"])
    for name in Found.model_fields:
        setattr(row, name, getattr(found, name))
    row.last_step = {}
    above = delete(RecoupmentClock).where(
        col(RecoupmentClock.recoupment_id) == row.id, col(RecoupmentClock.level) > row.level
    )
    await session.execute(above)
    return RecoupmentStep(last["step"])


async def _is_demanded_again(session: AsyncSession, row: Recoupment) -> bool:
    claims = select(col(RecoupmentClaim.claim_id)).where(col(RecoupmentClaim.recoupment_id) == row.id)
    another = (
        select(col(Recoupment.id))
        .join(RecoupmentClaim, col(RecoupmentClaim.recoupment_id) == col(Recoupment.id))
        .where(
            col(Recoupment.id) != row.id,
            col(Recoupment.payer) == row.payer,
            col(Recoupment.status) != RecoupmentStatus.CLOSED,
            col(RecoupmentClaim.claim_id).in_(claims),
        )
    )
    return await session.scalar(another.limit(1)) is not None
