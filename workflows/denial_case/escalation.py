"""An upheld appeal goes on to the next level of the ladder, while that level's window is known and open."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.letter_choice import letter_level
from overturn.db.tables import Claim, Denial, DenialCase
from overturn.domain.appeals import LETTER_ACTIONS
from overturn.domain.codes import Action
from overturn.domain.deadlines import Deadline
from overturn.domain.practice_day import practice_date
from overturn.rulebook import Rulebook
from workflows.denial_case import planning
from workflows.denial_case.record import replace_work_item
from workflows.denial_case.types import DecideInput

FIRST_NOTICE_LEVEL: Final = 1
"""The first appeal answers the remittance, whatever was tried before it; the next ones a decision."""


async def escalate(
    session: AsyncSession, case: DenialCase, step: DecideInput, *, rulebook: Rulebook, at: datetime
) -> bool:
    """Plan the case anew for the next level; False, and nothing changed, where there is none to go to."""
    if step.final or case.action not in LETTER_ACTIONS:
        return False
    before = (case.action, case.appeal_level, case.answered_on, case.received_on)
    level = letter_level(case) + 1
    case.action, case.appeal_level = Action.APPEAL, level
    if level > FIRST_NOTICE_LEVEL:  # the receipt that was proven is that of the notice before
        case.answered_on, case.received_on = step.decided_on, None
    else:
        case.answered_on = None
    claim = await session.get_one(Claim, case.claim_id)
    today = practice_date(at)
    answer = planning.find_deadline(case, claim, rulebook=rulebook)
    if not isinstance(answer, Deadline) or answer.due_on < today:
        case.action, case.appeal_level, case.answered_on, case.received_on = before
        return False
    denials = (await session.scalars(select(Denial).where(col(Denial.case_id) == case.id))).all()
    plan = planning.plan_case(case, claim, denials, rulebook=rulebook, today=today)
    planning.write_plan(case, plan)
    await replace_work_item(
        session, case, kind=plan.work_kind, title=plan.work_title, priority=case.priority, at=at
    )
    return True
