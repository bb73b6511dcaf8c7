"""A payer's demand as a person enters it, and the steps a person takes on one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.recoupment_record import (
    ONE_AT_A_TIME,
    Asked,
    begin,
    close,
    close_where_settled,
    money_of,
)
from overturn.db.recoupment_undo import take_back
from overturn.db.tables import Recoupment, RecoupmentClaim, RecoupmentClock, RecoupmentEvent
from overturn.db.timeline import enter
from overturn.domain import identifiers
from overturn.domain.codes import format_dollars
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.payers import PayerContext
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import (
    FIRST_LEVEL,
    ClockState,
    Decision,
    Dispute,
    RecoupmentOutcome,
    RecoupmentRefusedError,
    RecoupmentStatus,
    RecoupmentStep,
    Source,
)
from overturn.domain.remittance import ZERO


@dataclass(frozen=True, slots=True)
class Demand:
    """A payer's letter. `claim_numbers` are ours or the payer's; `amount` is US dollars."""

    payer: PayerContext
    reference: str
    amount: Decimal
    notice_on: date
    received_on: date | None = None
    claim_numbers: tuple[str, ...] = ()


_NAMED: Final = text("""
    SELECT DISTINCT n.number, c.id FROM unnest(CAST(:numbers AS text[])) AS n (number)
      JOIN claim c ON c.patient_control_number = n.number
        OR c.id IN (SELECT claim_id FROM claim_payment WHERE payer_claim_control_number = n.number)
""")


async def open_demand(
    session: AsyncSession, demand: Demand, *, step_id: UUID, actor_id: UUID, at: datetime
) -> UUID:
    """Open a recoupment from a payer's letter; the same form again finds the one it opened.

    Raises:
        RecoupmentRefusedError: a date, a claim or the reference does not fit; the message says which.
    """
    await session.execute(ONE_AT_A_TIME)
    told = await session.get(RecoupmentEvent, step_id)
    if told is not None:
        return told.recoupment_id
    _check_dates(demand.notice_on, demand.received_on, today=practice_date(at))
    payer = demand.payer.key or demand.payer.name
    if not payer:
        raise RecoupmentRefusedError("Name the payer.")
    recoupment_id = identifiers.deterministic_id("recoupment", payer, demand.reference)
    if await session.get(Recoupment, recoupment_id) is not None:
        raise RecoupmentRefusedError(f"The letter {demand.reference} of this payer is entered already.")
    claims = await _named_claims(session, demand.claim_numbers)
    await _refuse_open(session, payer, claims)
    row = _new(recoupment_id, payer, demand, opened_on=practice_date(at))
    session.add(row)
    await session.flush()
    session.add_all(RecoupmentClaim(recoupment_id=row.id, claim_id=claim) for claim in claims.values())
    said = f"{format_dollars(demand.amount)} demanded by the letter {demand.reference} of {demand.notice_on}."
    enter(
        session,
        row,
        step_id,
        kind="opened",
        summary=said,
        actor=str(actor_id),
        at=at,
        amount=demand.amount,
    )
    return row.id


def _new(recoupment_id: UUID, payer: str, demand: Demand, *, opened_on: date) -> Recoupment:
    return Recoupment(
        id=recoupment_id,
        payer=payer,
        payer_key=demand.payer.key,
        payer_name=demand.payer.name,
        line_of_business=demand.payer.line_of_business,
        source=Source.LETTER,
        reference=demand.reference,
        demanded_amount=demand.amount,
        status=RecoupmentStatus.DEMANDED,
        notice_on=demand.notice_on,
        received_on=demand.received_on,
        opened_on=opened_on,
    )


def _check_dates(notice_on: date, received_on: date | None, *, today: date) -> None:
    if notice_on > today or (received_on and received_on > today):
        raise RecoupmentRefusedError("A letter is not dated or received in the future: check the dates.")
    if received_on and received_on < notice_on:
        raise RecoupmentRefusedError("The letter was received before its own date: check the two dates.")


async def _named_claims(session: AsyncSession, numbers: Sequence[str]) -> dict[str, UUID]:
    """One claim for each number, by that number."""
    found: dict[str, set[UUID]] = {number: set() for number in numbers}
    for number, claim_id in await session.execute(_NAMED, {"numbers": list(numbers)}):
        found[number].add(claim_id)
    if unknown := [number for number, claims in found.items() if not claims]:
        raise RecoupmentRefusedError(f"No claim on record has the number {', '.join(unknown)}: correct it.")
    if several := [number for number, claims in found.items() if len(claims) > 1]:
        raise RecoupmentRefusedError(
            f"Several claims have the number {', '.join(several)}: give the payer's number of the one meant."
        )
    return {number: claims.pop() for number, claims in found.items()}


async def _refuse_open(session: AsyncSession, payer: str, claims: dict[str, UUID]) -> None:
    """A claim is in one open recoupment of a payer, or its dollars would be counted twice."""
    taken = await session.scalars(
        select(col(RecoupmentClaim.claim_id))
        .join(Recoupment, col(Recoupment.id) == col(RecoupmentClaim.recoupment_id))
        .where(
            col(Recoupment.payer) == payer,
            col(Recoupment.status) != RecoupmentStatus.CLOSED,
            col(RecoupmentClaim.claim_id).in_(claims.values()),
        )
    )
    open_already = set(taken)
    numbers = [number for number, claim in claims.items() if claim in open_already]
    if numbers:
        raise RecoupmentRefusedError(
            f"This payer's recoupment of claim {', '.join(numbers)} is open already: record the letter there."
        )


async def assign(session: AsyncSession, asked: Asked, *, to: UUID | None, name: str) -> None:
    row = await begin(session, asked, RecoupmentStep.ASSIGN)
    if row is not None:
        row.assigned_to = to
        summary = f"Assigned to {name}." if to else "Assigned to nobody."
        _said(session, row, asked, RecoupmentStep.ASSIGN, summary)


async def record_notice(
    session: AsyncSession,
    asked: Asked,
    *,
    notice_on: date,
    received_on: date | None,
    reference: str,
    amount: Decimal,
) -> None:
    """The payer's letter about what a remittance showed first, or a correction of what was entered of it."""
    row = await begin(session, asked, RecoupmentStep.NOTICE)
    if row is None:
        return
    _check_dates(notice_on, received_on, today=practice_date(asked.at))
    row.notice_on, row.received_on, row.reference = notice_on, received_on, reference or row.reference
    row.demanded_amount = amount
    proof = f", received on {received_on}" if received_on else ""
    summary = f"Letter {reference or 'without reference'} of {notice_on}{proof}: {format_dollars(amount)}."
    _said(session, row, asked, RecoupmentStep.NOTICE, summary, amount=amount)
    await close_where_settled(session, row, at=asked.at)


async def set_clock(
    session: AsyncSession, asked: Asked, *, kind: DeadlineKind, due_on: date, reason: str
) -> None:
    """A last day that the letter or a contract names: it counts before the rules."""
    row = await begin(session, asked, RecoupmentStep.SET_CLOCK)
    if row is None:
        return
    clock = await session.get(RecoupmentClock, (row.id, kind, row.level))
    if clock is None:
        clock = RecoupmentClock(recoupment_id=row.id, kind=kind, level=row.level, state=ClockState.RUNNING)
        session.add(clock)
    clock.stated_on, clock.stated_reason = due_on, reason
    named = kind.value.replace("_", " ")
    _said(session, row, asked, RecoupmentStep.SET_CLOCK, f"Last day of the {named} set to {due_on}: {reason}")


async def submit(
    session: AsyncSession, asked: Asked, *, dispute: Dispute, submitted_on: date, confirmation: str
) -> None:
    """A rebuttal or an appeal that a person sent."""
    row = await begin(session, asked, RecoupmentStep.SUBMIT)
    if row is None:
        return
    if submitted_on > practice_date(asked.at) or (row.notice_on and submitted_on < row.notice_on):
        raise RecoupmentRefusedError("It went out between the payer's demand and today: check the date.")
    refuse_second(row, dispute)
    note = f", confirmation {confirmation}" if confirmation else ""
    disputed(row, dispute, submitted_on)
    _said(session, row, asked, RecoupmentStep.SUBMIT, f"{dispute.capitalize()} sent on {submitted_on}{note}.")


def refuse_second(row: Recoupment, dispute: Dispute) -> None:
    """One rebuttal, before any appeal; one appeal of each level.

    Raises:
        RecoupmentRefusedError: it went out before.
    """
    if row.appealed_on is not None:
        raise RecoupmentRefusedError("This level's appeal is with the payer: record its decision first.")
    if dispute is Dispute.REBUTTAL and (row.rebutted_on is not None or row.level > FIRST_LEVEL):
        raise RecoupmentRefusedError("The time of the rebuttal is over: appeal instead.")


def disputed(row: Recoupment, dispute: Dispute, on: date) -> None:
    """It is with the payer since then."""
    row.dispute = dispute
    if dispute is Dispute.REBUTTAL:
        row.rebutted_on = on
    else:
        row.appealed_on = on


async def repay(session: AsyncSession, asked: Asked, *, amount: Decimal, paid_on: date, how: str) -> None:
    """The practice sent money to the payer: a check, or a refund by the portal."""
    row = await begin(session, asked, RecoupmentStep.REPAY)
    if row is None:
        return
    if paid_on > practice_date(asked.at):
        raise RecoupmentRefusedError("A payment is not recorded before it is made: check the date.")
    unpaid = money_of(row).unpaid
    if amount > unpaid:
        raise RecoupmentRefusedError(f"Only {format_dollars(unpaid)} is not paid yet: check the amount.")
    row.repaid_amount += amount
    note = f" ({how})" if how else ""
    summary = f"{format_dollars(amount)} repaid on {paid_on}{note}."
    _said(session, row, asked, RecoupmentStep.REPAY, summary, amount=amount)
    await close_where_settled(session, row, at=asked.at)


async def decide(
    session: AsyncSession, asked: Asked, *, decision: Decision, decided_on: date, amount: Decimal | None
) -> None:
    """The payer answered. Upheld or reduced, the practice is next; after an appeal the next level opens."""
    row = await begin(session, asked, RecoupmentStep.DECIDE)
    if row is None:
        return
    given_up = _given_up(row, decision, amount)
    sent_on = row.appealed_on or row.rebutted_on
    if decided_on > practice_date(asked.at) or (sent_on and decided_on < sent_on):
        raise RecoupmentRefusedError("A decision falls between the sending and today: check the date.")
    row.withdrawn_amount += given_up
    about = row.dispute or Dispute.REBUTTAL.value
    if row.dispute == Dispute.APPEAL and decision is not Decision.WITHDRAWN:
        row.level, row.answered_on, row.appealed_on = row.level + 1, decided_on, None
    row.dispute = None
    words = f", {format_dollars(given_up)} given up" if given_up else ""
    summary = f"Decision of {decided_on} on the {about}: {decision.value}{words}."
    _said(session, row, asked, RecoupmentStep.DECIDE, summary, amount=given_up)
    await close_where_settled(session, row, at=asked.at)


def _given_up(row: Recoupment, decision: Decision, amount: Decimal | None) -> Decimal:
    """What the payer demands no more, in US dollars."""
    at_stake = money_of(row).at_stake
    if decision is Decision.REDUCED:
        if amount is None or not ZERO < amount < at_stake:
            raise RecoupmentRefusedError(
                f"Give the amount the payer gives up: above zero, less than {format_dollars(at_stake)}."
            )
        return amount
    if amount is not None:
        raise RecoupmentRefusedError("An amount goes with 'Reduced' alone: leave it empty.")
    return at_stake if decision is Decision.WITHDRAWN else ZERO


async def accept(session: AsyncSession, asked: Asked, *, reason: str) -> None:
    """The practice holds the payer to be right: nothing of it is asked any more."""
    row = await begin(session, asked, RecoupmentStep.ACCEPT)
    if row is not None:
        _said(session, row, asked, RecoupmentStep.ACCEPT, f"Accepted: {reason}")
        close(session, row, RecoupmentOutcome.ACCEPTED, at=asked.at)


async def undo(session: AsyncSession, asked: Asked, *, reason: str) -> None:
    """A person's last step was a mistake; one that ended the recoupment, too. Money that remittances moved
    since stays where it is, and may settle it again.

    Raises:
        RecoupmentRefusedError: there is no such step, or the claims are in another open recoupment by now.
    """
    await session.execute(ONE_AT_A_TIME)
    row = await begin(session, asked, RecoupmentStep.UNDO)
    if row is None:
        return
    step = await take_back(session, row, row.last_step)
    _said(session, row, asked, RecoupmentStep.UNDO, f"Taken back: {step.replace('_', ' ')}. {reason}")
    await close_where_settled(session, row, at=asked.at)


def _said(
    session: AsyncSession,
    row: Recoupment,
    asked: Asked,
    step: RecoupmentStep,
    summary: str,
    *,
    amount: Decimal | None = None,
) -> None:
    """The step in the timeline, under its own id."""
    actor = str(asked.actor_id)
    enter(session, row, asked.step_id, kind=step, summary=summary, actor=actor, at=asked.at, amount=amount)
