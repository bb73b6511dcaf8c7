"""Every open case has its workflow, and every workflow its case: what lost the other gets it back."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from overturn.db.session import Sessions
from overturn.db.tables import DenialCase
from overturn.domain import workflow_ids as ids
from overturn.domain.strays import Strays, find_strays
from overturn.reporting.stuck import every_case
from overturn.temporal.case_runs import is_running, running_cases
from workflows.denial_case.record import standing_of
from workflows.denial_case.starting import start_again
from workflows.denial_case.types import CaseMoved
from workflows.keeping import keep_looking

EVERY_SECONDS: Final = 600.0

log = structlog.get_logger()


async def keep_repaired(client: Client, sessions: Sessions) -> None:
    """Look every ten minutes, until cancelled; a part that is away is waited for."""
    await keep_looking(
        lambda: repair_strays(client, sessions, now=datetime.now(UTC)),
        every=EVERY_SECONDS,
        waits="repair.waits",
    )


async def repair_strays(client: Client, sessions: Sessions, *, now: datetime) -> Strays:
    """Find them, and start, tell or end a workflow each; returns what was found."""
    async with sessions() as session:
        cases = await every_case(session, now=now)
    strays = find_strays(cases, await running_cases(client))
    if strays.foreign:
        log.error("repair.refused", workflows=len(strays.unknown), reason="none belongs to this database")
        return strays
    for case_id in strays.without_workflow:
        await _start(client, case_id)
    for case_id in strays.ended:
        await _tell(client, sessions, case_id)
    for case_id in strays.unknown:
        await _end(client, sessions, case_id)
    return strays


async def _start(client: Client, case_id: UUID) -> None:
    if not await is_running(client, case_id):  # the list may lag
        await start_again(client, case_id)
        log.warning("repair.started", case=str(case_id))


async def _tell(client: Client, sessions: Sessions, case_id: UUID) -> None:
    """A workflow whose case was closed without it hears how the case stands, and ends by itself."""
    async with sessions() as session:
        standing = standing_of(await session.get_one(DenialCase, case_id))
    await _quietly(client, case_id, standing=CaseMoved(standing=standing))


async def _end(client: Client, sessions: Sessions, case_id: UUID) -> None:
    async with sessions() as session:
        if await session.get(DenialCase, case_id) is not None:
            return  # it was opened while we looked
    await _quietly(client, case_id, standing=None)


async def _quietly(client: Client, case_id: UUID, *, standing: CaseMoved | None) -> None:
    """Signal the workflow, or terminate it where there is nothing to tell; it may have ended meanwhile."""
    handle = client.get_workflow_handle(ids.denial_case(case_id))
    try:
        if standing is None:
            await handle.terminate("the record has no such case")
        else:
            await handle.signal("case_moved", standing)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
    log.warning("repair.ended", case=str(case_id), told=standing is not None)
