"""Incidents of payers that do not know a provider: dollars, claims, the filing limits that run."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.credentialing import HELD
from overturn.domain.remittance import ZERO
from overturn.reporting.rows import fetch_all


@dataclass(frozen=True, slots=True)
class ClaimOfGap:
    """One claim of an incident; money is US dollars. `remedy` None: it waits for the effective date."""

    gap_id: UUID
    case_id: UUID | None
    claim_number: str
    patient_name: str | None
    standing: str
    case_status: str | None
    amount: Decimal
    service_on: date | None
    due_on: date | None
    remedy: str | None
    because: str


@dataclass(frozen=True, slots=True)
class GapEvent:
    """One line of an incident's timeline; `actor` is a person's name, or a part of the system."""

    gap_id: UUID
    summary: str
    actor: str
    happened_at: datetime


@dataclass(slots=True)
class Gap:
    """One incident with its open claims (the earliest filing limit first) and its timeline."""

    id: UUID
    payer: str
    npi: str
    state: str
    effective_on: date | None
    version: int
    opened_on: date
    claims: list[ClaimOfGap] = field(default_factory=list)
    events: list[GapEvent] = field(default_factory=list)

    @property
    def denied(self) -> list[ClaimOfGap]:
        return [claim for claim in self.claims if claim.standing != HELD]

    @property
    def held(self) -> list[ClaimOfGap]:
        return [claim for claim in self.claims if claim.standing == HELD]

    @property
    def amount(self) -> Decimal:
        """What is denied, rejected or held, in US dollars."""
        return sum((claim.amount for claim in self.claims), ZERO)

    @property
    def first_due_on(self) -> date | None:
        return min((claim.due_on for claim in self.claims if claim.due_on), default=None)


_GAPS: Final = text("""
    SELECT id, payer, npi, state, effective_on, version, opened_on
      FROM credentialing_gap WHERE state <> 'closed' ORDER BY payer, npi
""")

_CLAIMS: Final = text("""
    SELECT g.gap_id, g.case_id, c.patient_control_number AS claim_number, c.patient_name, g.standing,
           d.status AS case_status, g.amount, g.service_on, g.due_on, g.remedy, g.because
      FROM credentialing_gap_claim g
      JOIN claim c ON c.id = g.claim_id
      LEFT JOIN denial_case d ON d.id = g.case_id
     WHERE g.gap_id = ANY(:gaps) AND g.standing <> 'done'
     ORDER BY g.due_on NULLS LAST, g.amount DESC, c.patient_control_number
""")

_EVENTS: Final = text("""
    SELECT e.gap_id, e.summary, coalesce(u.display_name, e.actor) AS actor, e.happened_at
      FROM credentialing_gap_event e LEFT JOIN user_account u ON u.id::text = e.actor
     WHERE e.gap_id = ANY(:gaps) ORDER BY e.sequence DESC
""")


async def open_gaps(session: AsyncSession) -> list[Gap]:
    """Every open incident, the one with the least time left first, one without any limit last."""
    gaps = {gap.id: gap for gap in await fetch_all(session, Gap, _GAPS)}
    for claim in await fetch_all(session, ClaimOfGap, _CLAIMS, gaps=list(gaps)):
        gaps[claim.gap_id].claims.append(claim)
    for event in await fetch_all(session, GapEvent, _EVENTS, gaps=list(gaps)):
        gaps[event.gap_id].events.append(event)
    return sorted(gaps.values(), key=lambda gap: (gap.first_due_on or date.max, -gap.amount))
