"""What every change of a case writes: the locked row, its work item, and the events that tell of it."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outbox import publish_after_commit
from overturn.db.tables import CaseEvent, DenialCase, WorkItem
from overturn.domain import identifiers
from overturn.domain.denial_case import CaseStatus, Outcome, Step
from overturn.domain.remittance import ZERO
from overturn.events import CaseAdvanced, CaseResolved
from workflows.denial_case.types import StepResult

WORK_IN: Final[dict[CaseStatus, tuple[str, str]]] = {
    CaseStatus.APPROVED: ("send", "Send it to the payer and record how"),
    CaseStatus.SENDING: ("being_sent", "Wait: the system is sending it"),
    CaseStatus.SUBMITTED: ("record_answer", "Wait for the payer's answer and record it"),
    CaseStatus.AWAITING_PAYMENT: ("watch_payment", "Watch for the payment"),
}
"""Kind and title of what a person does next, by status; what a case that needs work needs is planned."""

PRESSING: Final = frozenset({CaseStatus.NEEDS_WORK, CaseStatus.APPROVED})
"""Where the deadline runs; the rest is waiting."""


async def locked_case(session: AsyncSession, case_id: UUID) -> DenialCase:
    """The case, which nobody else changes until the transaction ends."""
    found = await session.scalars(select(DenialCase).where(col(DenialCase.id) == case_id).with_for_update())
    return found.one()


def standing_of(case: DenialCase) -> StepResult:
    return StepResult(
        status=CaseStatus(case.status),
        case_version=case.version,
        outcome=Outcome(case.outcome) if case.outcome else None,
    )


def deadline_words(case: DenialCase) -> str:
    if case.due_on:
        return f"due {case.due_on}"
    return "deadline unknown: " + case.deadline["unknown"] if "unknown" in case.deadline else "no deadline"


async def is_recorded(session: AsyncSession, event_id: UUID) -> bool:
    """True when this fact stands in a timeline: an activity that runs again has nothing left to do."""
    return await session.get(CaseEvent, event_id) is not None


async def open_work_item(session: AsyncSession, case: DenialCase) -> WorkItem | None:
    found = await session.scalars(
        select(WorkItem).where(col(WorkItem.case_id) == case.id, col(WorkItem.done_at).is_(None))
    )
    return found.one_or_none()


async def replace_work_item(
    session: AsyncSession, case: DenialCase, *, kind: str, title: str, priority: Decimal, at: datetime
) -> None:
    """Finish the case's open work item and put another in its place."""
    await finish_work_item(session, case, at=at)
    await session.execute(
        insert(WorkItem).values(
            id=identifiers.deterministic_id("work-item", case.id, kind, case.version),
            case_id=case.id,
            queue=case.queue,
            kind=kind,
            title=title,
            priority=priority,
            due_on=case.due_on,
            created_at=at,
        )
    )


async def finish_work_item(session: AsyncSession, case: DenialCase, *, at: datetime) -> None:
    await session.execute(
        update(WorkItem)
        .where(col(WorkItem.case_id) == case.id, col(WorkItem.done_at).is_(None))
        .values(done_at=at)
    )


async def move(session: AsyncSession, case: DenialCase, status: CaseStatus, *, at: datetime) -> None:
    """The case has this status now, and a person (or the payer) the step that comes with it."""
    case.status = status
    kind, title = WORK_IN[status]
    priority = case.priority if status in PRESSING else ZERO
    await replace_work_item(session, case, kind=kind, title=title, priority=priority, at=at)


async def tell_advanced(session: AsyncSession, case: DenialCase, step: Step, step_id: UUID) -> None:
    """Publish that the case took a step."""
    advanced = CaseAdvanced(
        event_id=identifiers.event_id(CaseAdvanced.topic, step_id),
        claim_id=case.claim_id,
        case_id=case.id,
        step=step,
        status=CaseStatus(case.status),
    )
    await publish_after_commit(session, [advanced])


async def close_case(session: AsyncSession, case: DenialCase, outcome: Outcome, *, at: datetime) -> None:
    """The case ends: status, outcome, no work left, and the event that says so."""
    case.status, case.outcome, case.resolved_at = CaseStatus.RESOLVED, outcome, at
    await finish_work_item(session, case, at=at)
    resolved = CaseResolved(
        event_id=identifiers.event_id(CaseResolved.topic, case.id, case.version),
        claim_id=case.claim_id,
        case_id=case.id,
        outcome=outcome,
        recovered_amount=case.recovered_amount,
    )
    await publish_after_commit(session, [resolved])
