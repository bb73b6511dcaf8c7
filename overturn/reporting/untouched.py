"""Open cases that nothing has moved for some business days: nobody decided to let them wait."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.business_days import subtract_business_days
from overturn.domain.practice_day import DAY_BEGINS
from overturn.reporting.rows import fetch_all

UNTOUCHED_BUSINESS_DAYS: Final = 5
"""Judgement: a working week."""


@dataclass(frozen=True, slots=True)
class UntouchedCase:
    """A case to be worked that lies still; money is US dollars. `since` is the last line of its timeline."""

    case_id: UUID
    claim_number: str
    payer_name: str | None
    category: str
    due_on: date | None
    owner: str | None
    amount: Decimal
    unpriced_amount: Decimal  # the most that denials without a price can be worth
    since: datetime


# A reminder moves nothing: it says that nobody did.
_UNTOUCHED: Final = text("""
    SELECT c.id AS case_id, claim.patient_control_number AS claim_number, c.payer_name, c.category, c.due_on,
           u.display_name AS owner, c.denied_amount - c.recovered_amount AS amount,
           c.unpriced_amount, last.since
      FROM denial_case c
      JOIN claim ON claim.id = c.claim_id
      LEFT JOIN user_account u ON u.id = c.assigned_to
      JOIN LATERAL (SELECT coalesce(max(e.happened_at), c.opened_at) AS since FROM case_event e
                     WHERE e.case_id = c.id AND e.actor <> 'clock') last ON true
     WHERE c.status IN ('needs_work', 'approved')
       AND (c.pended_until IS NULL OR c.pended_until <= :today) AND last.since < :before
     ORDER BY c.denied_amount - c.recovered_amount + c.unpriced_amount DESC, c.id
""")


async def untouched_cases(
    session: AsyncSession, *, today: date, holidays: AbstractSet[date]
) -> list[UntouchedCase]:
    """Those untouched since before the last business days, the dearest first."""
    first = subtract_business_days(today, UNTOUCHED_BUSINESS_DAYS, holidays)
    before = datetime.combine(first, DAY_BEGINS)
    return await fetch_all(session, UntouchedCase, _UNTOUCHED, today=today, before=before)
