"""A case that other rules see otherwise: another plan, and a letter to go with it."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from overturn.db.tables import Claim, Denial, Letter
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain.denial_case import CaseStatus
from overturn.domain.practice_day import practice_date
from workflows.denial_case import planning
from workflows.denial_case.desk import Desk
from workflows.denial_case.record import deadline_words, replace_work_item

KIND: Final = "planned_anew"
TOO_LATE: Final = (
    "Approved before it could be planned anew: look whether queue, deadline and letter still hold."
)
LETTER_KEPT: Final = " The letter was edited and is kept: look whether it still fits."


async def replan(desk: Desk, event_id: UUID) -> None:
    """Plan the locked case anew, unless a person was quicker, and say so in its timeline under `event_id`."""
    session, case, at = desk.session, desk.case, desk.at
    if case.status != CaseStatus.NEEDS_WORK:
        enter(session, case, event_id, kind=KIND, summary=TOO_LATE, actor=WORKFLOW, at=at)
        return
    before = f"in queue {case.queue}, {deadline_words(case)}"
    plan = planning.replan_case(
        case,
        await session.get_one(Claim, case.claim_id),
        (await session.scalars(select(Denial).where(col(Denial.case_id) == case.id))).all(),
        rulebook=desk.rulebook,
        today=practice_date(at),
    )
    case.pended_until = None  # a new fact wakes it
    await replace_work_item(
        session, case, kind=plan.work_kind, title=plan.work_title, priority=case.priority, at=at
    )
    kept = LETTER_KEPT if await withdraw_drafts(desk) else ""
    summary = f"Planned anew: in queue {case.queue}, {deadline_words(case)}; before {before}.{kept}"
    enter(session, case, event_id, kind=KIND, summary=summary, actor=WORKFLOW, at=at)


async def withdraw_drafts(desk: Desk) -> bool:
    """Take away drafts that nobody has touched, to be drafted anew; True where an edited one stays."""
    drafts = await desk.session.scalars(
        select(Letter)
        .where(col(Letter.case_id) == desk.case.id, col(Letter.state) == "draft")
        .with_for_update()
    )
    edited = False
    for letter in drafts.all():
        if letter.markdown == letter.draft_markdown:
            await desk.session.delete(letter)
        else:
            edited = True
    return edited
