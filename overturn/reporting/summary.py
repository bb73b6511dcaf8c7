"""The whole record in one table: files, claims, dollars, denials by category, cases, letters, deadlines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import distinct, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from overturn.db import tables
from overturn.db.letter_choice import chosen_letter
from overturn.domain.denial_case import CaseStatus, Outcome, Step
from overturn.domain.remittance import ZERO
from overturn.events import CaseAdvanced
from overturn.events.topics import CONSUMERS
from overturn.reporting.ledger import Ledger, ledger


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """First denials of one category: the cases it leads, denied lines, US dollars."""

    category: str
    claims: int  # whose largest denial is of this category
    denials: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NextDeadline:
    due_on: date
    payer_name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of the record as it stands; amounts in US dollars."""

    files: dict[str, int]
    claims: int
    adjudicated_claims: int
    remittances: int
    payments_amount: Decimal
    provider_adjustments_amount: Decimal
    denials: tuple[CategoryTotal, ...]
    cases: int
    unknown_deadlines: int
    letters: int
    recovered_cases: int
    recovered_amount: Decimal
    next_deadlines: tuple[NextDeadline, ...]
    ledger: Ledger


async def summarise(session: AsyncSession) -> Summary:
    """Count the record."""
    claim, payment, case = tables.Claim, tables.Remittance, tables.DenialCase
    recovered = col(case.outcome).in_([Outcome.RECOVERED, Outcome.PARTLY_RECOVERED])
    return Summary(
        files=await _files(session),
        claims=await _count(session, claim),
        adjudicated_claims=await _count(session, claim, col(claim.adjudicated)),
        remittances=await _count(session, payment),
        payments_amount=await _sum(session, payment.payment_amount),
        provider_adjustments_amount=await _sum(session, payment.provider_adjustments_amount),
        denials=await _denials(session),
        cases=await _count(session, case),
        unknown_deadlines=await _count(
            session, case, col(case.due_on).is_(None), col(case.status) != CaseStatus.RESOLVED
        ),
        letters=await _count(session, tables.Letter),
        recovered_cases=await _count(session, case, recovered),
        recovered_amount=await _sum(session, case.recovered_amount),
        next_deadlines=await _next_deadlines(session),
        ledger=await ledger(session),
    )


async def work_in_flight(session: AsyncSession) -> int:
    """How many events and cases the system itself still has to work on; 0 when everything has settled."""
    outbox, inbox, case = tables.Outbox, tables.Inbox, tables.DenialCase
    unsent = await _count(session, outbox, col(outbox.sent_at).is_(None))
    for_us = (col(outbox.topic) != CaseAdvanced.topic) | (outbox.payload["step"].astext == Step.REMITTANCE)
    handled = exists().where(col(inbox.event_id) == col(outbox.event_id))
    unhandled = await _count(
        session, outbox, col(outbox.topic).in_(CONSUMERS), for_us, col(outbox.sent_at).is_not(None), ~handled
    )
    unprepared = await _count(session, case, col(case.status) == CaseStatus.OPENED)
    unfinished = await _paid_but_open(session) + await _letters_to_come(session)
    return unsent + unhandled + unprepared + unfinished


async def _letters_to_come(session: AsyncSession) -> int:
    """Prepared cases whose letter is still being drafted."""
    case, letter = tables.DenialCase, tables.Letter
    without = await session.scalars(
        select(case).where(
            col(case.status) == CaseStatus.NEEDS_WORK, ~exists().where(col(letter.case_id) == col(case.id))
        )
    )
    return sum(chosen_letter(row) is not None for row in without)


async def _paid_but_open(session: AsyncSession) -> int:
    claim, case = tables.Claim, tables.DenialCase
    paid = exists().where(
        col(claim.id) == col(case.claim_id),
        col(claim.adjudicated),
        col(claim.denied_amount) + col(claim.unpriced_amount) == ZERO,
    )
    return await _count(session, case, col(case.status) != CaseStatus.RESOLVED, paid)


async def _files(session: AsyncSession) -> dict[str, int]:
    state = col(tables.ReceivedFile.state)
    found = await session.execute(select(state, func.count()).group_by(state).order_by(state))
    return dict(found.all())


async def _denials(session: AsyncSession) -> tuple[CategoryTotal, ...]:
    denial, case = tables.Denial, tables.DenialCase
    found = await session.execute(
        select(
            col(denial.category),
            func.count(distinct(col(case.id))).filter(col(case.category) == col(denial.category)),
            func.count(),
            func.sum(col(denial.denied_amount)),
        )
        .join(case, col(case.id) == col(denial.case_id))
        .where(col(case.round_number) == 1)
        .group_by(col(denial.category))
        .order_by(func.sum(col(denial.denied_amount)).desc())
    )
    return tuple(CategoryTotal(*row) for row in found)


async def _next_deadlines(session: AsyncSession, limit: int = 5) -> tuple[NextDeadline, ...]:
    case = tables.DenialCase
    found = await session.execute(
        select(
            col(case.due_on), func.coalesce(col(case.payer_name), "unknown payer"), col(case.denied_amount)
        )
        .where(col(case.due_on).is_not(None), col(case.status) != CaseStatus.RESOLVED)
        .order_by(col(case.due_on), col(case.denied_amount).desc())
        .limit(limit)
    )
    return tuple(NextDeadline(due_on, payer, amount) for due_on, payer, amount in found if due_on)


async def _count(session: AsyncSession, table: type[SQLModel], *where: object) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


async def _sum(session: AsyncSession, amount: Decimal) -> Decimal:
    return await session.scalar(select(func.coalesce(func.sum(col(amount)), ZERO))) or ZERO
