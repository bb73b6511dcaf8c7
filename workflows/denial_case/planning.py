"""What the rules say to do with a new case: deadline, queue, work item, priority, letter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Claim, Denial, DenialCase
from overturn.domain.codes import Action, Category, Confidence
from overturn.domain.deadline_changes import BY_THE_RULES
from overturn.domain.deadlines import (
    STATED,
    Deadline,
    DeadlineAnswer,
    DeadlineKind,
    UnknownDeadline,
    deadline_document,
    stated_deadline,
)
from overturn.domain.denial_case import CaseStatus
from overturn.domain.practice_day import practice_date
from overturn.domain.priority import Odds, Priority, prioritise
from overturn.domain.routing import Routed, WorkItem
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import deadline_kinds, derive_case_deadline, holidays_from

NO_DEADLINE: Final = "Nothing has to reach the payer for this step."
YEARS_LEFT: Final = 36_500
"""Days left where no deadline presses: no urgency is added."""


@dataclass(frozen=True, slots=True)
class CasePlan:
    """What `prepare_case` writes. `deadline` is the stored document: derivation, open, none or unknown."""

    due_on: date | None
    safe_on: date | None
    deadline: dict[str, Any]
    queue: str
    work_kind: str
    work_title: str
    priority: Priority


def plan_case(
    case: DenialCase,
    claim: Claim,
    denials: Sequence[Denial],
    *,
    rulebook: Rulebook,
    today: date,
) -> CasePlan:
    """Everything the rules have to say before a person looks; raises LookupError where a table has a hole."""
    answer = find_deadline(case, claim, rulebook=rulebook)
    due_on = answer.due_on if isinstance(answer, Deadline) else None
    work = _work(case, denials, rulebook, due_on=due_on)
    return CasePlan(
        due_on=due_on,
        safe_on=answer.safe_on if isinstance(answer, Deadline) else None,
        deadline=deadline_document(answer) if answer else {"none": NO_DEADLINE},
        queue=work.queue.key,
        work_kind=work.kind,
        work_title=work.title,
        priority=weigh_priority(
            case,
            due_on=due_on,
            unknown=isinstance(answer, UnknownDeadline),
            rulebook=rulebook,
            today=today,
        ),
    )


def is_planned_otherwise(
    case: DenialCase, claim: Claim, denials: Sequence[Denial], *, rulebook: Rulebook
) -> bool:
    """Whether these rules give a planned case another queue or another last day."""
    try:
        answer = find_deadline(case, claim, rulebook=rulebook)
        due_on = answer.due_on if isinstance(answer, Deadline) else None
        queues = rulebook.routing.may_own(_routed(case, denials, due_on=due_on))
    except LookupError:
        return True  # a table has a hole: a person is asked when the case is planned
    return case.queue not in queues or (due_on != case.due_on and not is_stated(case))


def is_stated(case: DenialCase) -> bool:
    """Whether a person set the last day."""
    rule: dict[str, str] = case.deadline.get("rule") or {}
    return rule.get("id") == STATED.id


def replan_case(
    case: DenialCase, claim: Claim, denials: Sequence[Denial], *, rulebook: Rulebook, today: date
) -> CasePlan:
    """Write the plan of a case that other rules see otherwise, and return it.

    A last day that a person set stays. One that is over by the new rules is unknown: no case ends because
    rules were put in force.
    """
    stated = (case.due_on, case.safe_on, case.deadline) if is_stated(case) else None
    plan = plan_case(case, claim, denials, rulebook=rulebook, today=today)
    write_plan(case, plan)
    if stated is not None:
        case.due_on, case.safe_on, case.deadline = stated
        weigh_anew(case, rulebook=rulebook, today=today)
    elif case.due_on and case.due_on < today:
        forget_deadline(case, rulebook=rulebook, today=today)
    return plan


def write_plan(case: DenialCase, plan: CasePlan) -> None:
    """The plan on the case's row; it needs work from now on."""
    case.due_on, case.safe_on, case.deadline = plan.due_on, plan.safe_on, plan.deadline
    case.queue = plan.queue
    case.expected_recovery_amount = plan.priority.expected_recovery_amount
    case.priority, case.priority_reason = plan.priority.score, plan.priority.arithmetic
    case.status = CaseStatus.NEEDS_WORK


def override_deadline(
    case: DenialCase, due_on: date, *, because: str, rulebook: Rulebook, today: date
) -> None:
    """The last day as a person found it, with where it comes from as its derivation; the priority follows."""
    kinds = deadline_kinds(Action(case.action)) or (DeadlineKind.APPEAL,)
    answer = stated_deadline(
        due_on,
        kind=kinds[0],
        because=because,
        windows=rulebook.filing_windows,
        payer_key=case.payer_key,
        holidays=holidays_from(today.year),
    )
    case.due_on, case.safe_on = answer.due_on, answer.safe_on
    level_name, rules_say = case.deadline.get("level_name"), case.deadline.get(BY_THE_RULES, case.deadline)
    stated = deadline_document(answer) | ({"level_name": level_name} if level_name else {})
    case.deadline = stated | {BY_THE_RULES: rules_say}
    weigh_anew(case, rulebook=rulebook, today=today)


def forget_deadline(case: DenialCase, *, rulebook: Rulebook, today: date) -> None:
    """The last day is over and the case is worked all the same: a person has to find the new one."""
    missing = f"the last day, {case.due_on}, is over: set the day until which the payer still takes it"
    case.due_on, case.safe_on = None, None
    case.deadline = deadline_document(UnknownDeadline(missing))
    weigh_anew(case, rulebook=rulebook, today=today)


def weigh_anew(case: DenialCase, *, rulebook: Rulebook, today: date) -> None:
    """The priority by the odds and the last day on the case's row; no last day is unknown, unless the step
    needs none."""
    unknown = case.due_on is None and "none" not in case.deadline and "open" not in case.deadline
    priority = weigh_priority(case, due_on=case.due_on, unknown=unknown, rulebook=rulebook, today=today)
    case.priority, case.priority_reason = priority.score, priority.arithmetic


async def planned_work(session: AsyncSession, case: DenialCase, *, rulebook: Rulebook) -> WorkItem:
    """The work item of the case's action, as on the day it was prepared."""
    denials = (await session.scalars(select(Denial).where(col(Denial.case_id) == case.id))).all()
    return _work(case, denials, rulebook, due_on=case.due_on)


def _work(
    case: DenialCase, denials: Sequence[Denial], rulebook: Rulebook, *, due_on: date | None
) -> WorkItem:
    denied = _routed(case, denials, due_on=due_on)
    return rulebook.routing.plan_work(denied, subject=_subject(case, denials, rulebook))


def _routed(case: DenialCase, denials: Sequence[Denial], *, due_on: date | None) -> Routed:
    leading = min(denials, key=lambda d: (-d.denied_amount, d.line_number or 0), default=None)
    return Routed(
        category=Category(case.category),
        action=Action(case.action),
        confidence=_lowest_confidence(denials),
        payer_key=case.payer_key,
        amount=case.denied_amount + case.unpriced_amount,
        days_left=_days_to_begin_with(case, due_on),
        route=leading.route if leading else None,
    )


def _days_to_begin_with(case: DenialCase, due_on: date | None) -> int | None:
    """From when the case, or its level, came to us: the queue does not change by waiting, the rank does."""
    began_on = case.answered_on or practice_date(case.opened_at)
    return (due_on - began_on).days if due_on else None


def _lowest_confidence(denials: Sequence[Denial]) -> Confidence | None:
    """One line that a person has to look at takes the whole case to that person."""
    return Confidence.LOW if any(d.confidence == Confidence.LOW for d in denials) else None


def find_deadline(case: DenialCase, claim: Claim, *, rulebook: Rulebook) -> DeadlineAnswer | None:
    """The deadline of the case's action at its level; None where the action needs none."""
    return derive_case_deadline(
        Action(case.action),
        rulebook=rulebook,
        payer_key=case.payer_key,
        line_of_business=case.line_of_business,
        service_from=claim.service_from,
        denied_on=case.denied_on,
        answered_on=case.answered_on,
        received_on=case.received_on,
        level=case.appeal_level,
    )


def weigh_priority(
    case: DenialCase, *, due_on: date | None, unknown: bool, rulebook: Rulebook, today: date
) -> Priority:
    """What the case is worth working today, by the odds on its row or, without any, the published figure."""
    days_left = (due_on - today).days if due_on else None if unknown else YEARS_LEFT
    priority = prioritise(
        case.denied_amount - case.recovered_amount,
        unpriced_amount=case.unpriced_amount,
        table=rulebook.priorities,
        category=Category(case.category),
        action=Action(case.action),
        days_left=days_left,
        odds=Odds.read(case.odds) if case.odds else None,
    )
    return replace(priority, arithmetic=priority.arithmetic.replace(f"{YEARS_LEFT} days left", "no deadline"))


def _subject(case: DenialCase, denials: Sequence[Denial], rulebook: Rulebook) -> str:
    """The cause in our words and the payer's codes: `KX missing (CO-50 N115)`."""
    cause = rulebook.denials.causes.get(case.cause)
    label = cause.label if cause else case.cause.replace("_", " ")
    reasons = [((f"{d.group_code}-{d.carc}",) if d.carc else ()) + tuple(d.rarcs) for d in denials]
    codes = ", ".join(sorted({" ".join(codes) for codes in reasons if codes}))
    return f"{label} ({codes})" if codes else label
