"""A case that something other than its own workflow plans anew: what changes in the record, and who hears."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from overturn.db.letter_choice import chosen_letter, letter_level
from overturn.db.tables import Claim, Denial, DenialCase
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain import workflow_ids as ids
from overturn.domain.codes import Action
from overturn.domain.denial_case import CaseStatus
from overturn.domain.practice_day import practice_date
from overturn.rulebook import Rulebook
from workflows.denial_case import planning
from workflows.denial_case.record import replace_work_item, standing_of
from workflows.denial_case.types import CaseMoved, PreparedCase

NOT_BEGUN: Final = frozenset({CaseStatus.NEEDS_WORK})
"""Where another action may be put in place of the planned one: nothing is approved or sent yet."""


def prepared_case(case: DenialCase, reminder_days: Sequence[int]) -> PreparedCase:
    """The plan that stands on the case's row, as its workflow follows it."""
    return PreparedCase(
        status=CaseStatus(case.status),
        due_on=case.due_on,
        needs_letter=chosen_letter(case) is not None,
        reminder_days=tuple(reminder_days),
        case_version=case.version,
        letter_level=letter_level(case),
        payer_key=case.payer_key,
        category=case.category,
        queue=case.queue or "",
    )


async def change_action(
    session: AsyncSession,
    case: DenialCase,
    action: Action,
    *,
    because: str,
    event_id: UUID,
    rulebook: Rulebook,
    at: datetime,
) -> None:
    """Another action for a locked case that nobody has begun: deadline, queue and work item follow."""
    claim = await session.get_one(Claim, case.claim_id)
    denials = (await session.scalars(select(Denial).where(col(Denial.case_id) == case.id))).all()
    case.action, case.pended_until, case.version = action, None, case.version + 1
    plan = planning.plan_case(case, claim, denials, rulebook=rulebook, today=practice_date(at))
    planning.write_plan(case, plan)
    await replace_work_item(
        session, case, kind=plan.work_kind, title=plan.work_title, priority=case.priority, at=at
    )
    enter(session, case, event_id, kind="credentialing", summary=because, actor=WORKFLOW, at=at)


async def tell_case(client: Client, case: DenialCase, reminder_days: Sequence[int]) -> None:
    """The case's workflow follows the plan on its row; one that has ended has nothing to follow."""
    moved = CaseMoved(standing=standing_of(case), plan=prepared_case(case, reminder_days))
    try:
        await client.get_workflow_handle(ids.denial_case(case.id)).signal("case_moved", moved)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
