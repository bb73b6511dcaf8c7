"""Every open case keeps the last day that rules, calendar and record give; so do requests and rejections.

A case that is off is told, and its own workflow has its day written, and moves its timer. Requests for
records and rejections are written here: a request's workflow sees that it has changed, a rejection has none.
"""

from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.client import Client

from overturn.db.batches import in_batches
from overturn.db.session import Sessions
from overturn.db.tables import Claim, DenialCase
from overturn.domain import identifiers
from overturn.domain.practice_day import practice_date
from overturn.filing_limits import move_filing_limits
from overturn.records.deadline import move_request_deadlines
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import holidays_from
from workflows.denial_case.record import PRESSING
from workflows.denial_case.rederiving import Move, find_move
from workflows.denial_case.starting import tell_reclassified
from workflows.denial_case.types import Reclassified
from workflows.keeping import keep_looking

EVERY_SECONDS: Final = 60.0

log = structlog.get_logger()


async def keep_deadlines(client: Client, sessions: Sessions, rules: RulesInForce) -> None:
    """Look at the start, whenever rules or calendar are others, and every hour for facts that came; until
    cancelled."""
    looked = ""

    async def look() -> None:
        nonlocal looked
        now = datetime.now(UTC)
        basis = await _basis(sessions, rules, now)
        if basis != looked:
            moved = await tell_moved_cases(client, sessions, rules, now=now)
            await move_what_has_no_timer(sessions, rules, now=now)
            looked = basis
            log.info("deadlines.derived", moved=moved)

    await keep_looking(look, every=EVERY_SECONDS, waits="deadlines.wait")


async def tell_moved_cases(client: Client, sessions: Sessions, rules: RulesInForce, *, now: datetime) -> int:
    """Tell each case whose day is another; how many there are. Twice tells each once more, which changes
    nothing."""
    async with sessions() as session:
        moved = await _moved_cases(session, await rules.current(session), today=practice_date(now))
    for case_id, event_id in moved:
        await tell_reclassified(client, case_id, Reclassified(event_id=event_id, only_deadline=True))
    return len(moved)


async def _moved_cases(session: AsyncSession, rulebook: Rulebook, *, today: date) -> list[tuple[UUID, UUID]]:
    """The cases whose day is another, each with the id of the event that tells it."""
    pressing = (
        select(DenialCase, Claim)
        .join(Claim, col(Claim.id) == col(DenialCase.claim_id))
        .where(col(DenialCase.status).in_(PRESSING))
    )
    return [
        (case.id, _event_id(case, move))
        async for batch in in_batches(session, pressing)
        for case, claim in batch
        if (move := find_move(case, claim, rulebook=rulebook, today=today)) is not None
    ]


async def move_what_has_no_timer(sessions: Sessions, rules: RulesInForce, *, now: datetime) -> int:
    """Open rejections, and requests that wait for records; how many have another day now."""
    async with sessions.begin() as session:
        rulebook = await rules.current(session)
        moved = await move_filing_limits(session, rulebook)
        return moved + await move_request_deadlines(session, rulebook, at=now)


def _event_id(case: DenialCase, move: Move) -> UUID:
    """Of one case as it stands and one day; each move makes another version of the case."""
    due_on, safe_on = move.after.get("due_on"), move.after.get("safe_on")
    return identifiers.deterministic_id("deadline-moved", case.id, case.version, due_on, safe_on)


async def _basis(sessions: Sessions, rules: RulesInForce, now: datetime) -> str:
    """What all days are derived from, and the hour."""
    async with sessions() as session:
        windows = (await rules.current(session)).filing_windows
    calendar = sha256(" ".join(sorted(map(str, holidays_from(now.year - 1)))).encode()).hexdigest()
    return f"{windows.version} {calendar} {now:%Y-%m-%d %H}"
