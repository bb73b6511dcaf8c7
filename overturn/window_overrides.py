"""The life of a window override: proposed with a reason, put in force by a second person, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import FilingWindowOverride, UserAccount
from overturn.domain.deadlines import CountedFrom, DeadlineKind, WindowUnit
from overturn.domain.window_overrides import WindowOverride, WindowOverrideError, check_override


class State(StrEnum):
    """Where an override stands. At most one is in force for a payer, kind and level."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class OverrideFacts:
    """An override with its life: who proposed, approved and ended it, and when."""

    row: FilingWindowOverride
    proposed_by: str
    approved_by: str | None
    ended_by: str | None


async def propose(session: AsyncSession, one: WindowOverride, *, by: UUID, at: datetime) -> None:
    """Keep it until a second person approves it. Raises WindowOverrideError where it cannot be."""
    check_override(one)
    session.add(
        FilingWindowOverride(
            payer_key=one.payer_key,
            kind=one.kind,
            level=one.level,
            amount=one.amount,
            unit=one.unit,
            counted_from=one.counted_from,
            since=one.since,
            reason=one.reason,
            state=State.PROPOSED,
            proposed_by=by,
            proposed_at=at,
        )
    )
    await session.flush()


async def approve(session: AsyncSession, override_id: UUID, *, by: UUID, at: datetime) -> None:
    """Put it in force; one that was in force for the same ends. Open cases follow within a minute."""
    row = await _locked(session, override_id, State.PROPOSED, "approved")
    if row.proposed_by == by:
        raise WindowOverrideError("Whoever proposed a window cannot approve it: ask a second person.")
    former = await session.scalar(
        select(FilingWindowOverride)
        .where(
            col(FilingWindowOverride.state) == State.IN_FORCE,
            col(FilingWindowOverride.payer_key) == row.payer_key,
            col(FilingWindowOverride.kind) == row.kind,
            col(FilingWindowOverride.level) == row.level,
        )
        .with_for_update()
    )
    if former is not None:
        former.state, former.ended_by, former.ended_at = State.ENDED, by, at
        await session.flush()
    row.state, row.approved_by, row.approved_at = State.IN_FORCE, by, at
    await session.flush()


async def end(session: AsyncSession, override_id: UUID, *, by: UUID, at: datetime) -> None:
    """Take it back, proposed or in force: the window of the rules holds again."""
    row = await session.get(FilingWindowOverride, override_id, with_for_update=True)
    if row is None or row.state == State.ENDED:
        raise WindowOverrideError("This window has ended already: reload the page.")
    row.state, row.ended_by, row.ended_at = State.ENDED, by, at
    await session.flush()


async def in_force(session: AsyncSession) -> tuple[WindowOverride, ...]:
    """Those to count by, always in the same order."""
    rows = await session.scalars(
        select(FilingWindowOverride)
        .where(col(FilingWindowOverride.state) == State.IN_FORCE)
        .order_by(col(FilingWindowOverride.id))
    )
    found = rows.all()
    names = await _names(session) if found else {}
    return tuple(_override(row, names) for row in found)


async def list_overrides(session: AsyncSession) -> Sequence[OverrideFacts]:
    """What waits for approval first, then what is in force, then what ended; the latest of each first."""
    rows = await session.scalars(
        select(FilingWindowOverride).order_by(col(FilingWindowOverride.proposed_at).desc())
    )
    names = await _names(session)
    found = [
        OverrideFacts(row, names[row.proposed_by], _name(names, row.approved_by), _name(names, row.ended_by))
        for row in rows
    ]
    return sorted(found, key=lambda facts: list(State).index(State(facts.row.state)))


async def _names(session: AsyncSession) -> dict[UUID, str]:
    rows = await session.execute(select(col(UserAccount.id), col(UserAccount.display_name)))
    return {person: name for person, name in rows}  # noqa: C416 - dict(rows) is not typed


def _name(names: dict[UUID, str], person: UUID | None) -> str | None:
    return names[person] if person else None


def _override(row: FilingWindowOverride, names: dict[UUID, str]) -> WindowOverride:
    people = f"set by {names[row.proposed_by]}, approved by {_name(names, row.approved_by)}"
    return WindowOverride(
        payer_key=row.payer_key,
        kind=DeadlineKind(row.kind),
        level=row.level,
        amount=row.amount,
        unit=WindowUnit(row.unit),
        counted_from=CountedFrom(row.counted_from),
        since=row.since,
        reason=f"{row.reason} ({people})",
    )


async def _locked(session: AsyncSession, override_id: UUID, state: State, what: str) -> FilingWindowOverride:
    row = await session.get(FilingWindowOverride, override_id, with_for_update=True)
    if row is None or row.state != state:
        raise WindowOverrideError(f"This window can no longer be {what}: reload the page.")
    return row
