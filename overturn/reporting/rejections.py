"""Claims that came back before adjudication: the ones with the least time left first, unknown before all."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all

REJECTIONS_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class RejectedClaim:
    """One rejection with its claim. Money is US dollars; `done_by` is None where it ended by itself."""

    id: UUID
    source: str
    codes: list[str]
    reason: str
    rejected_on: date | None
    due_on: date | None
    deadline: dict[str, Any]
    done_at: datetime | None
    done_reason: str | None
    done_by: str | None
    claim_number: str
    patient_name: str | None
    payer_name: str | None
    charge_amount: Decimal
    file_name: str


_REJECTIONS: Final = text("""
    SELECT r.id, r.source, r.codes, r.reason, r.rejected_on, r.due_on, r.deadline, r.done_at, r.done_reason,
           u.display_name AS done_by, c.patient_control_number AS claim_number, c.patient_name, c.payer_name,
           c.charge_amount, f.file_name
      FROM rejection r
      JOIN claim c ON c.id = r.claim_id
      JOIN received_file f ON f.sha256 = r.file_sha256
      LEFT JOIN user_account u ON u.id = r.done_by
     WHERE r.state = :state
     ORDER BY r.done_at DESC, (r.due_on IS NULL AND r.deadline ->> 'unknown' IS NOT NULL) DESC,
              r.due_on NULLS LAST, c.charge_amount DESC, r.id
     LIMIT :shown
""")

_COUNT: Final = text("""
    SELECT count(*) AS number, coalesce(sum(c.charge_amount), 0) AS amount
      FROM rejection r JOIN claim c ON c.id = r.claim_id WHERE r.state = :state
""")


async def rejected_claims(session: AsyncSession, state: str) -> tuple[int, Decimal, list[RejectedClaim]]:
    """How many are open (or done), their charges, and the first ones; done ones are newest first."""
    total = (await session.execute(_COUNT, {"state": state})).one()
    found = await fetch_all(session, RejectedClaim, _REJECTIONS, state=state, shown=REJECTIONS_SHOWN)
    return total.number, total.amount, found
