"""What every change of a recoupment writes: the locked row, its end where the facts end it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.recoupment_undo import remember
from overturn.db.tables import Recoupment, RecoupmentClock, RecoupmentEvent
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.codes import format_dollars
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import (
    ClockState,
    Position,
    RecoupmentMoney,
    RecoupmentOutcome,
    RecoupmentRefusedError,
    RecoupmentStatus,
    RecoupmentStep,
    Source,
    next_status,
    outcome_of,
)

ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('overturn.recoupments'))")
"""Two openings must not pass each other unseen: one by hand, one by a remittance."""

ENDED: Final = {
    RecoupmentOutcome.REPAID: "Repaid or withheld in full.",
    RecoupmentOutcome.WITHDRAWN: "The payer demands nothing of it any more.",
    RecoupmentOutcome.ACCEPTED: "Accepted.",
    RecoupmentOutcome.EXPIRED: "Taken in full, and the time to appeal is over.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's step: `step_id` was made with the form, so that sending it twice is one step; `version` is
    what the form showed."""

    recoupment_id: UUID
    step_id: UUID
    version: int
    actor_id: UUID
    at: datetime


async def begin(session: AsyncSession, asked: Asked, step: RecoupmentStep) -> Recoupment | None:
    """The row, locked, with its next version and status; None where the step was taken already.

    Raises:
        RecoupmentRefusedError: the step does not fit, or was made from an older page.
    """
    row = await session.get(Recoupment, asked.recoupment_id, with_for_update=True)
    if row is None:
        raise RecoupmentRefusedError("There is no such recoupment.")
    if await session.get(RecoupmentEvent, asked.step_id) is not None:
        return None
    status = next_status(RecoupmentStatus(row.status), step)
    if row.version != asked.version:
        raise RecoupmentRefusedError("The recoupment has changed meanwhile. Look at it again, then go on.")
    remember(row, step)
    row.status, row.version = status, row.version + 1
    return row


def money_of(row: Recoupment) -> RecoupmentMoney:
    return RecoupmentMoney(
        demanded=row.demanded_amount,
        withdrawn=row.withdrawn_amount + row.given_back_amount,
        withheld=row.withheld_amount,
        repaid=row.repaid_amount,
        disputed=row.status == RecoupmentStatus.DISPUTED,
    )


async def position_of(session: AsyncSession, row: Recoupment) -> Position:
    appeal = await session.get(RecoupmentClock, (row.id, DeadlineKind.APPEAL, row.level))
    return Position(
        source=Source(row.source),
        status=RecoupmentStatus(row.status),
        level=row.level,
        money=money_of(row),
        rebutted_on=row.rebutted_on,
        appealed_on=row.appealed_on,
        appeal_is_over=appeal is not None and appeal.state == ClockState.MISSED,
    )


async def close_where_settled(session: AsyncSession, row: Recoupment, *, at: datetime) -> None:
    """End it where the money, or the calendar, says so."""
    outcome = outcome_of(await position_of(session, row))
    if outcome is not None:
        row.status = next_status(RecoupmentStatus(row.status), RecoupmentStep.SETTLE)
        close(session, row, outcome, at=at)


def close(session: AsyncSession, row: Recoupment, outcome: RecoupmentOutcome, *, at: datetime) -> None:
    row.outcome, row.closed_on, row.dispute = outcome, practice_date(at), None
    row.version += 1
    money = money_of(row)
    back = f" {format_dollars(money.to_come_back)} are to come back." if money.to_come_back else ""
    enter(
        session,
        row,
        identifiers.deterministic_id("recoupment-closed", row.id, row.version),
        kind="closed",
        summary=f"{ENDED[outcome]}{back}",
        actor=WORKFLOW,
        at=at,
        amount=money.at_stake,
    )
