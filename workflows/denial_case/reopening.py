"""A closed case is worked again: its workflow has ended, so the record goes first and a new run follows."""

import asyncio
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from temporalio.client import Client

from overturn.db.session import Sessions
from overturn.domain.denial_case import StepRefusedError
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.workloads import with_workloads
from workflows.denial_case import steps
from workflows.denial_case.desk import Desk
from workflows.denial_case.record import is_recorded, locked_case, standing_of
from workflows.denial_case.starting import start_again
from workflows.denial_case.types import ReopenInput, StepResult


@cache
def _rules() -> RulesInForce:
    return RulesInForce(load_rulebook())


async def reopen_case(
    client: Client, sessions: Sessions, case_id: UUID, step: ReopenInput, *, at: datetime
) -> StepResult:
    """Reopen it and start its workflow; killed in between, the repair of strays starts it.

    Raises:
        StepRefusedError: it is not closed, has changed, or the claim was denied anew and has an open case.
    """
    rules = await asyncio.to_thread(_rules)
    try:
        async with sessions.begin() as session:
            case = await locked_case(session, case_id)
            if not await is_recorded(session, step.step_id):
                rulebook = await with_workloads(session, await rules.current(session))
                await steps.apply_step(Desk(session, case, at, rulebook), step)
            standing = standing_of(case)
    except IntegrityError:
        raise StepRefusedError(
            "The claim was denied anew and has an open case: search for its number and work that one."
        ) from None
    await start_again(client, case_id)
    return standing
