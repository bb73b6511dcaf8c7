"""Demands of payers for money back: what each is about, where its dollars are, which clocks run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.recoupment import (
    ClockState,
    RecoupmentMoney,
    RecoupmentStatus,
    RecoupmentStep,
    allowed_steps,
)
from overturn.domain.remittance import ZERO
from overturn.reporting.rows import fetch_all

CLOSED_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """One last day; `deadline` is its derivation, `amount` what it cost to miss it, in US dollars."""

    recoupment_id: UUID
    kind: str
    level: int
    state: str
    due_on: date | None
    safe_on: date | None
    deadline: dict[str, Any]
    cause: str | None
    amount: Decimal | None

    @property
    def is_running(self) -> bool:
        return self.state == ClockState.RUNNING

    @property
    def unknown(self) -> str | None:
        """What is missing to know it."""
        missing: str | None = self.deadline.get("unknown")
        return missing


@dataclass(frozen=True, slots=True)
class ClaimOfRecoupment:
    """One of its claims. US dollars: paid net of all, and withheld of it for this demand."""

    recoupment_id: UUID
    claim_id: UUID
    claim_number: str
    patient_name: str | None
    service_on: date | None
    paid_amount: Decimal
    withheld_amount: Decimal
    case_id: UUID | None


@dataclass(frozen=True, slots=True)
class RecoupmentLine:
    """One line of the timeline; `actor` is a person's name, or a part of the system."""

    recoupment_id: UUID
    kind: str
    summary: str
    actor: str
    happened_at: datetime


@dataclass(slots=True)
class RecoupmentFacts:
    """One demand with its clocks (the nearest first), claims and timeline (the newest first)."""

    id: UUID
    payer: str
    payer_key: str | None
    payer_name: str | None
    source: str
    reference: str | None
    status: str
    outcome: str | None
    dispute: str | None
    level: int
    notice_on: date | None
    received_on: date | None
    rebutted_on: date | None
    owner: str | None
    assigned_to: UUID | None
    version: int
    opened_on: date
    closed_on: date | None
    demanded_amount: Decimal
    withdrawn_amount: Decimal
    withheld_amount: Decimal
    repaid_amount: Decimal
    last_step: str | None  # that can be taken back
    clocks: list[ClockFacts] = field(default_factory=list)
    claims: list[ClaimOfRecoupment] = field(default_factory=list)
    lines: list[RecoupmentLine] = field(default_factory=list)

    @property
    def money(self) -> RecoupmentMoney:
        return RecoupmentMoney(
            demanded=self.demanded_amount,
            withdrawn=self.withdrawn_amount,
            withheld=self.withheld_amount,
            repaid=self.repaid_amount,
            disputed=self.status == RecoupmentStatus.DISPUTED,
        )

    @property
    def steps(self) -> tuple[RecoupmentStep, ...]:
        return allowed_steps(RecoupmentStatus(self.status))

    @property
    def running(self) -> list[ClockFacts]:
        return [clock for clock in self.clocks if clock.is_running]

    @property
    def nearest(self) -> ClockFacts | None:
        """The clock to look at: one without a last day before all others."""
        unknown = [clock for clock in self.running if clock.due_on is None]
        return next(iter([*unknown, *self.running]), None)


_FACTS: Final = """
    SELECT r.id, r.payer, r.payer_key, r.payer_name, r.source, r.reference, r.status, r.outcome, r.dispute,
           r.level, r.notice_on, r.received_on, r.rebutted_on, u.display_name AS owner, r.assigned_to,
           r.version, r.opened_on, r.closed_on, r.demanded_amount,
           r.withdrawn_amount + r.given_back_amount AS withdrawn_amount, r.withheld_amount, r.repaid_amount,
           r.last_step ->> 'step' AS last_step
      FROM recoupment r LEFT JOIN user_account u ON u.id = r.assigned_to
"""
_OPEN: Final = text(f"{_FACTS} WHERE r.status <> 'closed' ORDER BY r.opened_on, r.id")
_CLOSED: Final = text(f"{_FACTS} WHERE r.status = 'closed' ORDER BY r.closed_on DESC, r.id LIMIT :shown")
_ONE: Final = text(f"{_FACTS} WHERE r.id = :id")
_OF_CLAIM: Final = text(
    f"{_FACTS} JOIN recoupment_claim m ON m.recoupment_id = r.id WHERE m.claim_id = :claim_id "
    "ORDER BY r.opened_on"
)

_CLOCKS: Final = text("""
    SELECT recoupment_id, kind, level, state, due_on, safe_on, deadline, missed_cause AS cause,
           missed_amount AS amount
      FROM recoupment_clock WHERE recoupment_id = ANY(:ids)
     ORDER BY level, due_on NULLS LAST, kind
""")

_CLAIMS: Final = text("""
    SELECT m.recoupment_id, c.id AS claim_id, c.patient_control_number AS claim_number, c.patient_name,
           c.service_from AS service_on, c.paid_amount, m.withheld_amount,
           (SELECT d.id FROM denial_case d WHERE d.claim_id = c.id ORDER BY d.round_number DESC LIMIT 1)
           AS case_id
      FROM recoupment_claim m JOIN claim c ON c.id = m.claim_id
     WHERE m.recoupment_id = ANY(:ids) ORDER BY c.patient_control_number
""")

_LINES: Final = text("""
    SELECT e.recoupment_id, e.kind, e.summary, coalesce(u.display_name, e.actor) AS actor, e.happened_at
      FROM recoupment_event e LEFT JOIN user_account u ON u.id::text = e.actor
     WHERE e.recoupment_id = ANY(:ids) ORDER BY e.sequence DESC
""")


async def open_recoupments(session: AsyncSession) -> list[RecoupmentFacts]:
    """Every open one: without a known last day first, then by the nearest, then what the payer has to do."""
    found = await _with_clocks(session, await fetch_all(session, RecoupmentFacts, _OPEN))
    return sorted(found, key=_urgency)


def _urgency(one: RecoupmentFacts) -> tuple[bool, date, Decimal]:
    nearest = one.nearest
    day = (nearest.due_on or date.min) if nearest else date.max
    return nearest is None, day, -one.money.at_stake


async def closed_recoupments(session: AsyncSession, shown: int = CLOSED_SHOWN) -> list[RecoupmentFacts]:
    """Those that ended, the latest first."""
    return await fetch_all(session, RecoupmentFacts, _CLOSED, shown=shown)


async def recoupments_of_claim(session: AsyncSession, claim_id: UUID) -> list[RecoupmentFacts]:
    """All that are about this claim, the oldest first."""
    return await fetch_all(session, RecoupmentFacts, _OF_CLAIM, claim_id=claim_id)


async def one_recoupment(session: AsyncSession, recoupment_id: UUID) -> RecoupmentFacts | None:
    """Everything about one, or None where there is none."""
    return next(
        iter(await _with_clocks(session, await fetch_all(session, RecoupmentFacts, _ONE, id=recoupment_id))),
        None,
    )


async def _with_clocks(session: AsyncSession, found: Sequence[RecoupmentFacts]) -> list[RecoupmentFacts]:
    by_id = {one.id: one for one in found}
    for clock in await fetch_all(session, ClockFacts, _CLOCKS, ids=list(by_id)):
        by_id[clock.recoupment_id].clocks.append(clock)
    for claim in await fetch_all(session, ClaimOfRecoupment, _CLAIMS, ids=list(by_id)):
        by_id[claim.recoupment_id].claims.append(claim)
    for line in await fetch_all(session, RecoupmentLine, _LINES, ids=list(by_id)):
        by_id[line.recoupment_id].lines.append(line)
    return list(by_id.values())


@dataclass(frozen=True, slots=True)
class MissedClock:
    """A last day of a recoupment that went by. `amount` is US dollars, `cause` a MissedCause."""

    recoupment_id: UUID
    payer: str
    kind: str
    due_on: date
    cause: str
    owner: str | None
    amount: Decimal


_MISSED: Final = text("""
    SELECT c.recoupment_id, coalesce(r.payer_name, r.payer) AS payer, c.kind, c.due_on,
           c.missed_cause AS cause, u.display_name AS owner, c.missed_amount AS amount
      FROM recoupment_clock c
      JOIN recoupment r ON r.id = c.recoupment_id
      LEFT JOIN user_account u ON u.id = r.assigned_to
     WHERE c.missed_amount IS NOT NULL AND c.due_on IS NOT NULL
     ORDER BY c.due_on DESC, c.recoupment_id, c.kind
""")


async def missed_clocks(session: AsyncSession) -> list[MissedClock]:
    """Every clock that was missed, the latest first."""
    return await fetch_all(session, MissedClock, _MISSED)


@dataclass(frozen=True, slots=True)
class OpenDemands:
    """How many are open, and what is lost if they stand, in US dollars."""

    number: int
    amount: Decimal


async def open_demands(session: AsyncSession) -> OpenDemands:
    found = await fetch_all(session, RecoupmentFacts, _OPEN)
    return OpenDemands(len(found), sum((one.money.at_stake for one in found), ZERO))
