"""What each step of a person changes in the record, and the line it leaves in the timeline."""

from decimal import Decimal
from functools import singledispatch
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.addresses import address_unknown, contact_of
from overturn.db.letter_choice import letter_level
from overturn.db.tables import (
    CaseEvent,
    Claim,
    DenialCase,
    Letter,
    RecordsRequest,
    Sending,
    StepWords,
    UserAccount,
)
from overturn.db.timeline import enter
from overturn.domain.business_days import add_business_days
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import (
    CaseStatus,
    Outcome,
    PayerDecision,
    Step,
    StepRefusedError,
    next_status,
)
from overturn.domain.practice_day import practice_date
from overturn.domain.records_request import RequestStatus
from overturn.domain.remittance import ZERO
from overturn.rulebook.holidays import federal_holidays
from workflows.denial_case import planning
from workflows.denial_case.desk import Desk
from workflows.denial_case.escalation import escalate
from workflows.denial_case.patient_billing import refuse_billing
from workflows.denial_case.receipt import prove_receipt
from workflows.denial_case.record import (
    close_case,
    move,
    open_work_item,
    replace_work_item,
    tell_advanced,
)
from workflows.denial_case.recovery import ended_outcome, weigh
from workflows.denial_case.resubmitting import CLAIMS, ask_for_claim
from workflows.denial_case.step_checks import STALE
from workflows.denial_case.types import (
    Appeal,
    ApproveInput,
    AssignInput,
    BillPatientInput,
    DecideInput,
    NotADenialInput,
    PendInput,
    PersonsStep,
    ProveReceiptInput,
    ReopenInput,
    ResubmitInput,
    SendInput,
    SetDeadlineInput,
    SubmitInput,
    UndoInput,
    WriteOffInput,
)

LEAD: Final = "manager"
"""The role of who may let a case wait past its safe date."""


class Effect(NamedTuple):
    """What a step did: its line in the timeline, and how the case ended where it did."""

    summary: str
    outcome: Outcome | None = None
    amount: Decimal | None = None  # US dollars that are given up
    planned: bool = False  # the case has another plan, with its status and work item


def was_planned_anew(case: DenialCase, step: PersonsStep) -> bool:
    """Whether this step, which was taken, gave the case another deadline."""
    upheld = isinstance(step, DecideInput) and case.status == CaseStatus.NEEDS_WORK
    return upheld or isinstance(step, SetDeadlineInput | ProveReceiptInput)


async def appeal_set_off(
    session: AsyncSession, case: DenialCase, step: PersonsStep, *, recall_seconds: int
) -> Appeal | None:
    """What this step, which was taken, put on its way to the payer, or back there; None without a letter."""
    back = isinstance(step, UndoInput) and case.status == CaseStatus.SUBMITTED
    if not (back or isinstance(step, SendInput | SubmitInput)) or await _letter(session, case) is None:
        return None
    channel = step.channel if isinstance(step, SendInput) else None
    return Appeal(
        case_id=case.id,
        level=letter_level(case),
        channel=channel,
        step_id=step.step_id,
        # What a person has entered in a portal is there already.
        recall_seconds=0 if channel in {None, ChannelName.PORTAL} else recall_seconds,
    )


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
async def _send(step: SendInput, desk: Desk) -> Effect:
    case = desk.case
    if await _letter(desk.session, case) is None:
        raise StepRefusedError("There is no letter to send. Send it by hand, then mark it as submitted.")
    if await contact_of(desk.session, case, level=letter_level(case), channel=step.channel) is None:
        raise StepRefusedError(address_unknown(case.payer_name, step.channel))
    if step.channel is ChannelName.PORTAL and not await _words(desk.session, step.step_id):
        raise StepRefusedError("Enter the confirmation number that the portal gave.")
    desk.session.add(
        Sending(
            id=step.step_id,
            case_id=case.id,
            level=letter_level(case),
            channel=step.channel,
            state="asked",
            asked_at=desk.at,
        )
    )
    return Effect(f"To be sent by {step.channel.replace('_', ' ')}.")


@_effect.register
async def _resubmit(step: ResubmitInput, desk: Desk) -> Effect:
    corrections = await _words(desk.session, step.step_id)
    await ask_for_claim(desk.session, desk.case, step, corrections, at=desk.at)
    return Effect("The corrected claim is to be written.")


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


@_effect.register
async def _bill_patient(step: BillPatientInput, desk: Desk) -> Effect:
    await refuse_billing(desk.session, desk.case, desk.rulebook.denials)
    reason = await _needed_words(desk.session, step.step_id)
    return await _end(desk, f"Billed to the patient: {reason}", Outcome.BILLED_TO_PATIENT)


@_effect.register
async def _not_a_denial(step: NotADenialInput, desk: Desk) -> Effect:
    reason = await _needed_words(desk.session, step.step_id)
    return await _end(desk, f"Not a denial: {reason}", Outcome.NOT_A_DENIAL)


@_effect.register
async def _pend(step: PendInput, desk: Desk) -> Effect:
    """It comes back to who pended it, at its old rank: the work item stays as it is and is only not shown."""
    case, today = desk.case, practice_date(desk.at)
    until = add_business_days(today, step.business_days, federal_holidays(today.year, today.year + 1))
    person = await desk.session.get_one(UserAccount, step.actor_id)
    if case.due_on and until > case.due_on:
        raise StepRefusedError(f"{until} lies after the last day, {case.due_on}. Choose fewer days.")
    if case.safe_on and until > case.safe_on and person.role != LEAD:
        raise StepRefusedError(
            f"{until} lies after the safe date, {case.safe_on}: choose fewer days, or have a manager pend it."
        )
    reason = await _needed_words(desk.session, step.step_id)
    case.pended_until, case.assigned_to = until, step.actor_id
    return Effect(f"Pended until {until}: {reason}")


@_effect.register
async def _set_deadline(step: SetDeadlineInput, desk: Desk) -> Effect:
    case, today = desk.case, practice_date(desk.at)
    if step.due_on < today:
        raise StepRefusedError(f"{step.due_on} is over. Write the case off, if nothing can be done any more.")
    where_from = await _needed_words(desk.session, step.step_id)
    before = f"it was {case.due_on}" if case.due_on else "it was unknown"
    planning.override_deadline(case, step.due_on, because=where_from, rulebook=desk.rulebook, today=today)
    item = await open_work_item(desk.session, case)
    if item is not None:
        item.due_on, item.priority = case.due_on, case.priority
    return Effect(f"Last day set to {step.due_on} ({before}): {where_from}")


@_effect.register
async def _prove_receipt(step: ProveReceiptInput, desk: Desk) -> Effect:
    proof = await _needed_words(desk.session, step.step_id)
    return Effect(await prove_receipt(desk, step.received_on, proof=proof))


@_effect.register
async def _undo(_: UndoInput, desk: Desk) -> Effect:
    case, letter = desk.case, await _letter(desk.session, desk.case)
    match CaseStatus(case.status):
        case CaseStatus.APPROVED:
            if letter is not None:
                letter.state, letter.approved_by = "draft", None
            work = await planning.planned_work(desk.session, case, rulebook=desk.rulebook)
            await replace_work_item(
                desk.session, case, kind=work.kind, title=work.title, priority=case.priority, at=desk.at
            )
            case.status = CaseStatus.NEEDS_WORK
            return Effect("The approval was taken back.", planned=True)
        case CaseStatus.SENDING:
            if not await _called_back(desk.session, case):
                raise StepRefusedError("It is going out already and cannot be called back.")
            return Effect("Called back before it went out.")
        case CaseStatus.SUBMITTED:
            if await _went_out_by_channel(desk.session, case) or await _records_are_out(desk.session, case):
                raise StepRefusedError("The system sent it: what is out cannot be called back.")
            if letter is not None:
                letter.state = "approved"
            return Effect("It was not sent after all.")
        case _:
            return Effect("The payer's decision was taken back.")


async def _called_back(session: AsyncSession, case: DenialCase) -> bool:
    """Take back a sending that no channel was handed yet; the row's lock decides against the channel."""
    recalled = (
        update(Sending)
        .where(col(Sending.case_id) == case.id, col(Sending.state) == "asked")
        .values(state="not_sent", problem="called back")
        .returning(col(Sending.id))
    )
    return await session.scalar(recalled) is not None


async def _went_out_by_channel(session: AsyncSession, case: DenialCase) -> bool:
    found = await session.scalar(
        select(col(Sending.id)).where(
            col(Sending.case_id) == case.id,
            (col(Sending.level) == letter_level(case)) | (col(Sending.channel) == CLAIMS),
            col(Sending.state) == "sent",
        )
    )
    return found is not None


async def _records_are_out(session: AsyncSession, case: DenialCase) -> bool:
    """Whether what the payer has is the answer to its request for records."""
    found = await session.scalar(
        select(col(RecordsRequest.id)).where(
            col(RecordsRequest.case_id) == case.id, col(RecordsRequest.status) == RequestStatus.SENT
        )
    )
    return found is not None


@_effect.register
async def _reopen(step: ReopenInput, desk: Desk) -> Effect:
    """The letter and its level are as they were left; a last day that is over is unknown from now on."""
    case, today = desk.case, practice_date(desk.at)
    reason = await _needed_words(desk.session, step.step_id)
    case.outcome = case.resolved_at = case.missed_cause = case.pended_until = None
    case.written_off_amount = ZERO
    case.status = CaseStatus.NEEDS_WORK
    if case.due_on and case.due_on < today:
        planning.forget_deadline(case, rulebook=desk.rulebook, today=today)
    letter = await _letter(desk.session, case)
    if letter is not None and letter.state == "approved":
        letter.state, letter.approved_by = "draft", None
    work = await planning.planned_work(desk.session, case, rulebook=desk.rulebook)
    await replace_work_item(
        desk.session, case, kind=work.kind, title=work.title, priority=case.priority, at=desk.at
    )
    return Effect(f"Reopened: {reason}", planned=True)


async def _end(desk: Desk, summary: str, ending: Outcome) -> Effect:
    standing = weigh(desk.case, await desk.session.get_one(Claim, desk.case.claim_id))
    return Effect(summary, ended_outcome(ending, standing), standing.still_denied_amount)


async def appeal_under_way(session: AsyncSession, case: DenialCase) -> Appeal | None:
    """What is with a channel or the payer by the record, for a workflow that is started anew."""
    if await _letter(session, case) is None:
        return None
    level = letter_level(case)
    if case.status == CaseStatus.SENDING:
        sending = (
            await session.scalars(
                select(Sending).where(
                    col(Sending.case_id) == case.id,
                    col(Sending.level) == level,
                    col(Sending.state).in_(["asked", "begun"]),
                )
            )
        ).one()
        channel = ChannelName(sending.channel)
        return Appeal(case_id=case.id, level=level, channel=channel, step_id=sending.id)
    if case.status != CaseStatus.SUBMITTED:
        return None
    step_id = await session.scalar(
        select(col(CaseEvent.id))
        .where(col(CaseEvent.case_id) == case.id, col(CaseEvent.kind).in_([Step.SEND, Step.SUBMIT]))
        .order_by(col(CaseEvent.sequence).desc())
        .limit(1)
    )
    return Appeal(case_id=case.id, level=level, step_id=step_id) if step_id else None


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
