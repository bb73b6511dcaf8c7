"""What each step of a person changes in the record, and the line it leaves in the timeline."""

from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outbox import publish_after_commit
from overturn.db.tables import Claim, DenialCase, Letter, StepWords, UserAccount
from overturn.domain import identifiers
from overturn.domain.denial_case import (
    CaseStatus,
    Outcome,
    PayerDecision,
    StepRefusedError,
    next_status,
)
from overturn.domain.remittance import ZERO
from overturn.events import CaseAdvanced
from workflows.denial_case.record import close_case, enter, replace_work_item
from workflows.denial_case.recovery import ended_outcome, weigh
from workflows.denial_case.step_checks import STALE
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    DecideInput,
    PersonsStep,
    SubmitInput,
    WriteOffInput,
)

# What a person does next, by the status a step leads to. Only sending is still urgent; the rest is waiting.
WORK_AFTER: Final[dict[CaseStatus, tuple[str, str]]] = {
    CaseStatus.APPROVED: ("send", "Send it to the payer and record how"),
    CaseStatus.SUBMITTED: ("record_answer", "Wait for the payer's answer and record it"),
    CaseStatus.AWAITING_PAYMENT: ("watch_payment", "Watch for the payment"),
}


class Effect(NamedTuple):
    """What a step did: its line in the timeline, and how the case ended where it did."""

    summary: str
    outcome: Outcome | None = None
    amount: Decimal | None = None  # US dollars that are given up


async def apply_step(session: AsyncSession, case: DenialCase, step: PersonsStep, *, at: datetime) -> None:
    """Apply one step to the locked case.

    Raises:
        StepRefusedError: it does not fit the record; nothing is to be committed.
    """
    if step.case_version != case.version:
        raise StepRefusedError(STALE)
    before = CaseStatus(case.status)
    after = next_status(before, step.step)
    effect = await _apply(session, case, step, at=at)
    case.version += 1
    enter(
        session,
        case,
        step.step_id,
        kind=step.step,
        summary=effect.summary,
        actor=str(step.actor_id),
        at=at,
        amount=effect.amount,
    )
    if effect.outcome is not None:
        await close_case(session, case, effect.outcome, at=at)
    elif after is not before:
        await _move(session, case, after, at=at)
    await _tell(session, case, step)


async def _apply(session: AsyncSession, case: DenialCase, step: PersonsStep, *, at: datetime) -> Effect:
    match step:
        case AssignInput():
            return Effect(await _assign(session, case, step.assignee_id))
        case ApproveInput():
            return Effect(await _approve(session, case, step.actor_id, at=at))
        case SubmitInput():
            return Effect(await _submit(session, case, step, at=at))
        case DecideInput(decision=PayerDecision.OVERTURNED):
            return Effect(f"The payer overturned the denial on {step.decided_on}; payment is awaited.")
        case DecideInput():
            summary = f"The payer upheld the denial on {step.decided_on}."
            return await _end(session, case, summary, Outcome.UPHELD)
        case WriteOffInput():
            reason = await _needed_words(session, step.step_id)
            effect = await _end(session, case, f"Written off: {reason}", Outcome.WRITTEN_OFF)
            case.written_off_amount = effect.amount or ZERO
            return effect


async def _end(session: AsyncSession, case: DenialCase, summary: str, ending: Outcome) -> Effect:
    standing = weigh(case, await session.get_one(Claim, case.claim_id))
    return Effect(summary, ended_outcome(ending, standing), standing.still_denied_amount)


async def _assign(session: AsyncSession, case: DenialCase, assignee_id: UUID | None) -> str:
    person = await session.get(UserAccount, assignee_id) if assignee_id else None
    if assignee_id and (person is None or person.disabled):
        raise StepRefusedError("That person has no account any more. Choose another.")
    case.assigned_to = assignee_id
    return f"Assigned to {person.display_name}." if person else "Given back to the queue."


async def _approve(session: AsyncSession, case: DenialCase, actor_id: UUID, *, at: datetime) -> str:
    letter = await _letter(session, case)
    if letter is None:
        return "Correction approved."
    if letter.missing_facts:
        blanks = len(letter.missing_facts)
        raise StepRefusedError(
            f"The letter still has {blanks} {'blank' if blanks == 1 else 'blanks'}, named above its text. "
            "Fill each in or take its sentence out, save, then approve."
        )
    letter.state, letter.approved_by, letter.updated_at = "approved", actor_id, at
    return f"Letter approved: {letter.title}."


async def _submit(session: AsyncSession, case: DenialCase, step: SubmitInput, *, at: datetime) -> str:
    letter = await _letter(session, case)
    if letter is not None:
        letter.state, letter.updated_at = "submitted", at
    how = f"Sent by {step.channel} on {step.submitted_on}"
    confirmation = await _words(session, step.step_id)
    confirmed = f", confirmation {confirmation}" if confirmation else ""
    late = f"; the last day was {case.due_on}" if case.due_on and step.submitted_on > case.due_on else ""
    return f"{how}{confirmed}{late}."


async def _words(session: AsyncSession, step_id: UUID) -> str:
    """What the person typed into the step; empty where it was nothing."""
    kept = await session.get(StepWords, step_id)
    return kept.words if kept else ""


async def _needed_words(session: AsyncSession, step_id: UUID) -> str:
    words = await _words(session, step_id)
    if not words:
        raise StepRefusedError("The reason of this step is not on record. Reload the page and give it again.")
    return words


async def _letter(session: AsyncSession, case: DenialCase) -> Letter | None:
    found = await session.scalars(
        select(Letter)
        .where(col(Letter.case_id) == case.id)
        .order_by(col(Letter.level).desc())
        .limit(1)
        .with_for_update()
    )
    return found.one_or_none()


async def _move(session: AsyncSession, case: DenialCase, after: CaseStatus, *, at: datetime) -> None:
    case.status = after
    kind, title = WORK_AFTER[after]
    priority = case.priority if after is CaseStatus.APPROVED else ZERO
    await replace_work_item(session, case, kind=kind, title=title, priority=priority, at=at)


async def _tell(session: AsyncSession, case: DenialCase, step: PersonsStep) -> None:
    advanced = CaseAdvanced(
        event_id=identifiers.event_id(CaseAdvanced.topic, step.step_id),
        claim_id=case.claim_id,
        case_id=case.id,
        step=step.step,
        status=CaseStatus(case.status),
    )
    await publish_after_commit(session, [advanced])
