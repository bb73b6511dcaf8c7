"""Adjudicated claims nobody knows to have sent, each with the submitted claims it could be."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.candidates import Candidate, plausible_candidates
from overturn.reporting.rows import fetch_all

CLAIMS_SHOWN: Final = 25
CANDIDATES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class UnmatchedClaim:
    """A claim a payer answered under a number that none of our submissions carries."""

    id: UUID
    claim_number: str
    patient_name: str | None
    member_identifier: str | None
    payer_name: str | None
    charge_amount: Decimal
    denied_amount: Decimal
    service_from: date | None
    service_to: date | None
    case_id: UUID | None


_UNMATCHED: Final = text("""
    SELECT c.id, c.patient_control_number AS claim_number, c.patient_name, c.member_identifier,
           c.payer_name, c.charge_amount, c.denied_amount, c.service_from, c.service_to, k.id AS case_id
      FROM claim c
      LEFT JOIN denial_case k ON k.claim_id = c.id AND k.status <> 'resolved'
     WHERE c.adjudicated AND NOT c.submitted
     ORDER BY c.denied_amount DESC, c.id
     LIMIT :shown
""")

_COUNT: Final = text("SELECT count(*) FROM claim WHERE adjudicated AND NOT submitted")


async def unmatched_claims(session: AsyncSession) -> tuple[int, list[UnmatchedClaim]]:
    """How many there are, and those with the most denied dollars."""
    total = (await session.execute(_COUNT)).scalar_one()
    return total, await fetch_all(session, UnmatchedClaim, _UNMATCHED, shown=CLAIMS_SHOWN)


async def candidates(session: AsyncSession, claim_ids: list[UUID]) -> dict[UUID, list[Candidate]]:
    """The submissions each claim could be, those with the highest score first."""
    found: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for candidate in await plausible_candidates(session, claim_ids):
        if len(found[candidate.for_claim_id]) < CANDIDATES_SHOWN:
            found[candidate.for_claim_id].append(candidate)
    return found
