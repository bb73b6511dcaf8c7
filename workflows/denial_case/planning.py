"""What the rules say to do with a new case: deadline, queue, work item, priority, letter."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final

from pydantic_core import to_jsonable_python

from overturn.db.tables import Claim, Denial, DenialCase
from overturn.domain.codes import Action, Category, Confidence
from overturn.domain.deadlines import (
    Deadline,
    DeadlineAnswer,
    OpenDeadline,
    UnknownDeadline,
)
from overturn.domain.priority import Odds, Priority, prioritise
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import derive_case_deadline

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
    odds: Odds | None,
    today: date,
) -> CasePlan:
    """Everything the rules have to say before a person looks; raises LookupError where a table has a hole.

    `odds` are the practice's own, None to go by the published figure.
    """
    category, action = Category(case.category), Action(case.action)
    answer = find_deadline(case, claim, rulebook=rulebook)
    due_on = answer.due_on if isinstance(answer, Deadline) else None
    leading = min(denials, key=lambda d: (-d.denied_amount, d.line_number or 0), default=None)
    work = rulebook.routing.plan_work(
        category=category,
        action=action,
        subject=_subject(case, denials, rulebook),
        confidence=_lowest_confidence(denials),
        route=leading.route if leading else None,
    )
    return CasePlan(
        due_on=due_on,
        safe_on=answer.safe_on if isinstance(answer, Deadline) else None,
        deadline=_document(answer),
        queue=work.queue.key,
        work_kind=work.kind,
        work_title=work.title,
        priority=weigh_priority(
            case,
            due_on=due_on,
            unknown=isinstance(answer, UnknownDeadline),
            rulebook=rulebook,
            odds=odds,
            today=today,
        ),
    )


def _lowest_confidence(denials: Sequence[Denial]) -> Confidence | None:
    """One line that a person has to look at takes the whole case to that person."""
    return Confidence.LOW if any(d.confidence == Confidence.LOW for d in denials) else None


def find_deadline(case: DenialCase, claim: Claim, *, rulebook: Rulebook) -> DeadlineAnswer | None:
    """The deadline of the case's action; None where the action needs none."""
    return derive_case_deadline(
        Action(case.action),
        rulebook=rulebook,
        payer_key=case.payer_key,
        line_of_business=case.line_of_business,
        service_from=claim.service_from,
        denied_on=case.denied_on,
    )


def weigh_priority(
    case: DenialCase,
    *,
    due_on: date | None,
    unknown: bool,
    rulebook: Rulebook,
    odds: Odds | None,
    today: date,
) -> Priority:
    """What the case is worth working today."""
    days_left = (due_on - today).days if due_on else None if unknown else YEARS_LEFT
    priority = prioritise(
        case.denied_amount - case.recovered_amount,
        table=rulebook.priorities,
        category=Category(case.category),
        action=Action(case.action),
        days_left=days_left,
        odds=odds,
    )
    return replace(priority, arithmetic=priority.arithmetic.replace(f"{YEARS_LEFT} days left", "no deadline"))


def _subject(case: DenialCase, denials: Sequence[Denial], rulebook: Rulebook) -> str:
    """The cause in our words and the payer's codes: `KX missing (CO-50 N115)`."""
    cause = rulebook.denials.causes.get(case.cause)
    label = cause.label if cause else case.cause.replace("_", " ")
    reasons = [((f"{d.group_code}-{d.carc}",) if d.carc else ()) + tuple(d.rarcs) for d in denials]
    codes = ", ".join(sorted({" ".join(codes) for codes in reasons if codes}))
    return f"{label} ({codes})" if codes else label


def _document(answer: DeadlineAnswer | None) -> dict[str, Any]:
    match answer:
        case None:
            return {"none": NO_DEADLINE}
        case UnknownDeadline():
            return {"unknown": answer.missing}
        case OpenDeadline():
            return {"open": answer.because, "level_name": answer.level_name, "rule": asdict(answer.rule)}
        case Deadline():
            document: dict[str, Any] = to_jsonable_python(asdict(answer))
            return document
