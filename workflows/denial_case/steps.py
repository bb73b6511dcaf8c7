"""What each step of a person changes in the record, and the line it leaves in the timeline."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import singledispatch
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.letter_choice import letter_level
from overturn.db.tables import Claim, DenialCase, Letter, StepWords, UserAccount
from overturn.domain.denial_case import (
    CaseStatus,
    Outcome,
    PayerDecision,
    StepRefusedError,
    next_status,
)
from overturn.domain.remittance import ZERO
from overturn.rulebook import Rulebook
from workflows.denial_case.escalation import escalate
from workflows.denial_case.record import close_case, enter, move, tell_advanced
from workflows.denial_case.recovery import ended_outcome, weigh
from workflows.denial_case.step_checks import STALE
from workflows.denial_case.types import (
    Appeal,
    ApproveInput,
    AssignInput,
    DecideInput,
    PersonsStep,
    SendInput,
    SubmitInput,
    WriteOffInput,
)


class Effect(NamedTuple):
    """What a step did: its line in the timeline, and how the case ended where it did."""

    summary: str
    outcome: Outcome | None = None
    amount: Decimal | None = None  # US dollars that are given up
    planned: bool = False  # the case has another plan, with its status and work item


def was_planned_anew(case: DenialCase, step: PersonsStep) -> bool:
    """Whether this step, which was taken, gave the case another level of appeal."""
    return isinstance(step, DecideInput) and case.status == CaseStatus.NEEDS_WORK


async def appeal_set_off(session: AsyncSession, case: DenialCase, step: PersonsStep) -> Appeal | None:
    """What this step, which was taken, set on its way to the payer; None where no letter went."""
    if not isinstance(step, SendInput | SubmitInput) or await _letter(session, case) is None:
        return None
    channel = step.channel if isinstance(step, SendInput) else None
    return Appeal(case_id=case.id, level=letter_level(case), channel=channel, step_id=step.step_id)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step is taken with: the transaction, the locked case, the workflow's clock, the rules."""

    session: AsyncSession
    case: DenialCase
    at: datetime
    rulebook: Rulebook


async def apply_step(desk: Desk, step: PersonsStep) -> None:
    """Apply one step to the locked case.

    Raises:
        StepRefusedError: it does not fit the record; nothing is to be committed.
    """
    session, case, at = desk.session, desk.case, desk.at
    if step.case_version != case.version:
        raise StepRefusedError(STALE)
    before = CaseStatus(case.status)
    after = next_status(before, step.step)
    effect = await _effect(step, desk)
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
    elif after is not before and not effect.planned:
        await move(session, case, after, at=at)
    await tell_advanced(session, case, step.step, step.step_id)


@singledispatch
async def _effect(step: PersonsStep, desk: Desk) -> Effect:
    """What each step does to the case's row and to what hangs on it."""
    raise TypeError(f"no effect is written for {type(step).__name__} on {type(desk).__name__}")


@_effect.register
async def _assign(step: AssignInput, desk: Desk) -> Effect:
    person = await desk.session.get(UserAccount, step.assignee_id) if step.assignee_id else None
    if step.assignee_id and (person is None or person.disabled):
        raise StepRefusedError("That person has no account any more. Choose another.")
    desk.case.assigned_to = step.assignee_id
    return Effect(f"Assigned to {person.display_name}." if person else "Given back to the queue.")


@_effect.register
async def _approve(step: ApproveInput, desk: Desk) -> Effect:
    letter = await _letter(desk.session, desk.case)
    if letter is None:
        return Effect("Correction approved.")
    if letter.missing_facts:
        blanks = len(letter.missing_facts)
        raise StepRefusedError(
            f"The letter still has {blanks} {'blank' if blanks == 1 else 'blanks'}, named above its text. "
            "Fill each in or take its sentence out, save, then approve."
        )
    letter.state, letter.approved_by, letter.updated_at = "approved", step.actor_id, desk.at
    return Effect(f"Letter approved: {letter.title}.")


@_effect.register
async def _send(_: SendInput, desk: Desk) -> Effect:
    if await _letter(desk.session, desk.case) is None:
        raise StepRefusedError("There is no letter to send. Send it by hand, then mark it as submitted.")
    return Effect("To be sent by the system.")


@_effect.register
async def _submit(step: SubmitInput, desk: Desk) -> Effect:
    letter = await _letter(desk.session, desk.case)
    if letter is not None:
        letter.state, letter.updated_at = "submitted", desk.at
    how = f"Sent by {step.channel} on {step.submitted_on}"
    confirmation = await _words(desk.session, step.step_id)
    confirmed = f", confirmation {confirmation}" if confirmation else ""
    due_on = desk.case.due_on
    late = f"; the last day was {due_on}" if due_on and step.submitted_on > due_on else ""
    return Effect(f"{how}{confirmed}{late}.")


@_effect.register
async def _decide(step: DecideInput, desk: Desk) -> Effect:
    if step.decision is PayerDecision.OVERTURNED:
        return Effect(f"The payer overturned the denial on {step.decided_on}; payment is awaited.")
    summary = f"The payer upheld the denial on {step.decided_on}"
    if await escalate(desk.session, desk.case, step, rulebook=desk.rulebook, at=desk.at):
        level = desk.case.deadline["level_name"]
        return Effect(f"{summary}. Next: {level}, due {desk.case.due_on}.", planned=True)
    why = "nobody appeals further" if step.final else "no further level is known to be open"
    return await _end(desk, f"{summary}; {why}.", Outcome.UPHELD)


@_effect.register
async def _write_off(step: WriteOffInput, desk: Desk) -> Effect:
    reason = await _needed_words(desk.session, step.step_id)
    effect = await _end(desk, f"Written off: {reason}", Outcome.WRITTEN_OFF)
    desk.case.written_off_amount = effect.amount or ZERO
    return effect


async def _end(desk: Desk, summary: str, ending: Outcome) -> Effect:
    standing = weigh(desk.case, await desk.session.get_one(Claim, desk.case.claim_id))
    return Effect(summary, ended_outcome(ending, standing), standing.still_denied_amount)


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
        .where(col(Letter.case_id) == case.id, col(Letter.level) == letter_level(case))
        .with_for_update()
    )
    return found.one_or_none()
