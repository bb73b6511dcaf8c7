"""What was lost to the calendar, with its cause; and what is about to be."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all


@dataclass(frozen=True, slots=True)
class MissedCase:
    """A case that expired. `amount` is what was still denied then, in US dollars; `cause` a MissedCause."""

    case_id: UUID
    claim_number: str
    patient_name: str | None
    payer_name: str | None
    category: str
    due_on: date
    cause: str
    owner: str | None
    amount: Decimal
    unpriced_amount: Decimal  # the most that denials without a price can be worth


@dataclass(frozen=True, slots=True)
class NearlyMissed:
    """An open case whose last day is near and that is not sent: the lead's, besides its owner's."""

    case_id: UUID
    claim_number: str
    patient_name: str | None
    payer_name: str | None
    category: str
    due_on: date
    status: str
    owner: str | None
    amount: Decimal
    unpriced_amount: Decimal


_MISSED: Final = text("""
    SELECT c.id AS case_id, claim.patient_control_number AS claim_number, claim.patient_name, c.payer_name,
           c.category, c.due_on, coalesce(c.missed_cause, 'nobodys') AS cause, u.display_name AS owner,
           coalesce((SELECT e.amount FROM case_event e WHERE e.case_id = c.id AND e.kind = 'expire'
                      ORDER BY e.sequence DESC LIMIT 1), c.denied_amount) AS amount, c.unpriced_amount
      FROM denial_case c
      JOIN claim ON claim.id = c.claim_id
      LEFT JOIN user_account u ON u.id = c.assigned_to
     WHERE c.outcome = 'expired' AND c.due_on IS NOT NULL
     ORDER BY c.due_on DESC, c.id
""")

_NEARLY: Final = text("""
    SELECT c.id AS case_id, claim.patient_control_number AS claim_number, claim.patient_name, c.payer_name,
           c.category, c.due_on, c.status, u.display_name AS owner,
           c.denied_amount - c.recovered_amount AS amount, c.unpriced_amount
      FROM denial_case c
      JOIN claim ON claim.id = c.claim_id
      LEFT JOIN user_account u ON u.id = c.assigned_to
     WHERE c.escalated_at IS NOT NULL AND c.due_on IS NOT NULL AND c.status IN ('needs_work', 'approved')
     ORDER BY c.due_on, c.id
""")


async def missed_cases(session: AsyncSession) -> list[MissedCase]:
    """Every expired case, the latest first."""
    return await fetch_all(session, MissedCase, _MISSED)


async def nearly_missed(session: AsyncSession) -> list[NearlyMissed]:
    """What the lead was told of and is not sent yet, the nearest first."""
    return await fetch_all(session, NearlyMissed, _NEARLY)
