"""A case whose last day rules, calendar or record give otherwise by now: found, and moved."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from overturn.db.tables import Claim, DenialCase
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain.deadline_changes import (
    BY_THE_RULES,
    Document,
    day_words,
    move_words,
    moved_to,
    tell_why,
)
from overturn.domain.deadlines import deadline_document
from overturn.domain.denial_case import CaseStatus
from overturn.domain.practice_day import practice_date
from overturn.rulebook import Rulebook
from workflows.denial_case import planning
from workflows.denial_case.desk import Desk
from workflows.denial_case.record import PRESSING, open_work_item
from workflows.denial_case.replanning import withdraw_drafts

KIND: Final = "deadline_moved"
LETTER_KEPT: Final = " The letter was edited or approved and is kept: look at the day it names."


@dataclass(frozen=True, slots=True)
class Move:
    """The day that stood and the day that is derived now, as documents; `stated` where a person's day
    stands above both and stays."""

    before: Document
    after: Document
    stated: bool


def find_move(case: DenialCase, claim: Claim, *, rulebook: Rulebook, today: date) -> Move | None:
    """None where the day is as it was. A day that is over by now is no day to move to: then none is known."""
    stated = planning.is_stated(case)
    before: Document = case.deadline.get(BY_THE_RULES, {}) if stated else case.deadline
    try:
        answer = planning.find_deadline(case, claim, rulebook=rulebook)
    except LookupError:
        return None  # a table has a hole: what was planned stays
    derived: Document = deadline_document(answer) if answer else {"none": planning.NO_DEADLINE}
    after = moved_to(before, derived, today=None if stated else today)
    return Move(before, after, stated) if after else None


async def move_deadline(desk: Desk, event_id: UUID) -> None:
    """Write the day that is derived now on the locked case, and the difference in its timeline."""
    case = desk.case
    if case.status not in PRESSING:
        return
    claim = await desk.session.get_one(Claim, case.claim_id)
    move = find_move(case, claim, rulebook=desk.rulebook, today=practice_date(desk.at))
    if move is None:
        return
    case.version += 1
    summary = await (_note_beside(desk, move) if move.stated else write_move(desk, move))
    enter(desk.session, case, event_id, kind=KIND, summary=summary, actor=WORKFLOW, at=desk.at)


async def _note_beside(desk: Desk, move: Move) -> str:
    case = desk.case
    case.deadline = case.deadline | {BY_THE_RULES: move.after}
    return (
        f"By the rules now {day_words(move.after)}: {tell_why(move.before, move.after)}. The last day that a "
        f"person set, {case.due_on}, stays: look whether it still holds."
    )


async def write_move(desk: Desk, move: Move) -> str:
    """Day, work and an untouched letter follow the day that is derived now; the difference in words."""
    case, after = desk.case, move.after
    case.due_on, case.safe_on = _day(after, "due_on"), _day(after, "safe_on")
    case.deadline = after
    if case.pended_until and case.safe_on and case.pended_until > case.safe_on:
        case.pended_until = None  # it would come back too late
    planning.weigh_anew(case, rulebook=desk.rulebook, today=practice_date(desk.at))
    item = await open_work_item(desk.session, case)
    if item is not None:
        item.due_on, item.priority = case.due_on, case.priority
    kept = case.status != CaseStatus.NEEDS_WORK or await withdraw_drafts(desk)
    return f"{move_words(move.before, after)}{LETTER_KEPT if kept else ''}"


def _day(document: Document, name: str) -> date | None:
    return date.fromisoformat(document[name]) if document.get(name) else None
