"""Every open case keeps the last day that rules, calendar and record give; so do requests and rejections.

A case that is off is told, and its own workflow has its day written, and moves its timer. Requests for
records and rejections are written here: a request's workflow sees that it has changed, a rejection has none.
"""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col
from temporalio.client import Client
from temporalio.service import RPCError

from overturn.db.session import Sessions
from overturn.db.tables import Claim, DenialCase
from overturn.domain import identifiers
from overturn.domain.practice_day import practice_date
from overturn.filing_limits import move_filing_limits
from overturn.records.deadline import move_request_deadlines
from overturn.rule_sets import RulesInForce
from overturn.rulebook.case_deadline import holidays_from
from workflows.denial_case.record import PRESSING
from workflows.denial_case.rederiving import Move, find_move
from workflows.denial_case.starting import tell_reclassified
from workflows.denial_case.types import Reclassified

EVERY_SECONDS: Final = 60.0
CASES_A_BATCH: Final = 200
NOBODY: Final = UUID(int=0)

log = structlog.get_logger()


async def keep_deadlines(client: Client, sessions: Sessions, rules: RulesInForce) -> None:
    """Look at the start, whenever rules or calendar are others, and every hour for facts that came; until
    cancelled. A part that is away is waited for."""
    looked = ""
    while True:
        try:
            now = datetime.now(UTC)
            basis = await _basis(sessions, rules, now)
            if basis != looked:
                moved = await tell_moved_cases(client, sessions, rules, now=now)
                await move_what_has_no_timer(sessions, rules, now=now)
                looked = basis
                log.info("deadlines.derived", moved=moved)
        except (SQLAlchemyError, RPCError) as outage:
            log.warning("deadlines.wait", error=type(outage).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def tell_moved_cases(client: Client, sessions: Sessions, rules: RulesInForce, *, now: datetime) -> int:
    """Tell each case whose day is another; how many there are. Twice tells each once more, which changes
    nothing."""
    last, told = NOBODY, 0
    while True:
        async with sessions() as session:
            rulebook = await rules.current(session)
            found = await session.execute(
                select(DenialCase, Claim)
                .join(Claim, col(Claim.id) == col(DenialCase.claim_id))
                .where(col(DenialCase.id) > last, col(DenialCase.status).in_(PRESSING))
                .order_by(col(DenialCase.id))
                .limit(CASES_A_BATCH)
            )
            batch = found.all()
        for case, claim in batch:
            move = find_move(case, claim, rulebook=rulebook, today=practice_date(now))
            if move is not None:
                event_id = _event_id(case, move)
                await tell_reclassified(client, case.id, Reclassified(event_id=event_id, only_deadline=True))
                told += 1
        if len(batch) < CASES_A_BATCH:
            return told
        last = batch[-1][0].id


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
