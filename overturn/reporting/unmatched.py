"""Adjudicated claims nobody knows to have sent, each with the submitted claims it could be."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.candidates import Candidate, plausible_candidates
from overturn.reporting.rows import fetch_all, fetch_one

Row = TypeVar("Row")

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


_UNMATCHED: Final = """
    SELECT c.id, c.patient_control_number AS claim_number, c.patient_name, c.member_identifier,
           c.payer_name, c.charge_amount, c.denied_amount, c.service_from, c.service_to, k.id AS case_id
      FROM claim c
      LEFT JOIN denial_case k ON k.claim_id = c.id AND k.status <> 'resolved'
     WHERE {which}
     ORDER BY c.denied_amount DESC, c.id
     LIMIT :shown OFFSET :passed
"""

# strpos, and not LIKE: what a person types has no wildcards.
_SEARCHED: Final = """c.adjudicated AND NOT c.submitted AND (:search = ''
     OR strpos(lower(concat_ws(' ', c.patient_control_number, c.patient_name, c.member_identifier,
                               c.payer_name)), lower(:search)) > 0)"""
_PAGE: Final = text(_UNMATCHED.format(which=_SEARCHED))
_ONE: Final = text(_UNMATCHED.format(which="c.adjudicated AND NOT c.submitted AND c.id = :claim_id"))
_COUNT: Final = text(f"SELECT count(*) FROM claim c WHERE {_SEARCHED}")  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """One match, standing or taken back. No name for `matched_by` where posting found it by itself."""

    id: UUID
    number: str  # ours
    claim_number: str  # under which the payer answered
    patient_name: str | None
    payer_name: str | None
    reason: str
    matched_by: str | None
    created_at: datetime
    undone_at: datetime | None
    undone_by: str | None
    undone_reason: str | None


_MATCHES: Final = text("""
    SELECT m.id, m.number, c.patient_control_number AS claim_number, c.patient_name, c.payer_name, m.reason,
           u.display_name AS matched_by, m.created_at, m.undone_at, v.display_name AS undone_by,
           m.undone_reason, count(*) OVER () AS total
      FROM claim_match m
      JOIN claim c ON c.id = m.claim_id
      LEFT JOIN user_account u ON u.id = m.matched_by
      LEFT JOIN user_account v ON v.id = m.undone_by
     WHERE :search = ''
        OR strpos(lower(concat_ws(' ', m.number, c.patient_control_number, c.patient_name)),
                  lower(:search)) > 0
     ORDER BY m.created_at DESC, m.id
     LIMIT :shown OFFSET :passed
""")


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """One page of a list, and how many rows all pages have."""

    total: int
    rows: list[Row]
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // CLAIMS_SHOWN))


async def unmatched_claims(
    session: AsyncSession, *, search: str = "", number: int = 1
) -> Found[UnmatchedClaim]:
    """One page of those whose number, patient, member or payer has the words; most denied dollars first."""
    total = (await session.execute(_COUNT, {"search": search})).scalar_one()
    rows = await fetch_all(
        session,
        UnmatchedClaim,
        _PAGE,
        search=search,
        shown=CLAIMS_SHOWN,
        passed=(number - 1) * CLAIMS_SHOWN,
    )
    return Found(total, rows, number)


async def unmatched_claim(session: AsyncSession, claim_id: UUID) -> UnmatchedClaim | None:
    """One of them; None where it is matched, or not there."""
    return await fetch_one(session, UnmatchedClaim, _ONE, claim_id=claim_id, shown=1, passed=0)


async def matches(session: AsyncSession, *, search: str = "", number: int = 1) -> Found[MatchFacts]:
    """One page of all matches whose numbers or patient have the words; the newest first."""
    passed = (number - 1) * CLAIMS_SHOWN
    found = await session.execute(_MATCHES, {"search": search, "shown": CLAIMS_SHOWN, "passed": passed})
    rows = [dict(row) for row in found.mappings()]
    total = rows[0]["total"] if rows else 0
    return Found(
        total, [MatchFacts(**{k: v for k, v in row.items() if k != "total"}) for row in rows], number
    )


async def candidates(session: AsyncSession, claim_ids: list[UUID]) -> dict[UUID, list[Candidate]]:
    """The submissions each claim could be, those with the highest score first."""
    found: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for candidate in await plausible_candidates(session, claim_ids):
        if len(found[candidate.for_claim_id]) < CANDIDATES_SHOWN:
            found[candidate.for_claim_id].append(candidate)
    return found
