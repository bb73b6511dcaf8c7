"""Adjudicated claims nobody knows to have sent, each with the submitted claims it could be."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission without an answer that agrees with the claim in at least one of the three facts."""

    for_claim_id: UUID
    submitted_claim_id: UUID
    claim_number: str
    patient_name: str | None
    charge_amount: Decimal
    service_from: date | None
    service_to: date | None
    same_member: bool
    same_charge: bool
    same_dates: bool


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

_CANDIDATES: Final = text("""
    SELECT * FROM (
        SELECT u.id AS for_claim_id, s.id AS submitted_claim_id, o.patient_control_number AS claim_number,
               o.patient_name, o.charge_amount, o.service_from, o.service_to,
               f.same_member, f.same_charge, f.same_dates,
               row_number() OVER (
                   PARTITION BY u.id
                   ORDER BY f.same_member::int + f.same_charge::int + f.same_dates::int DESC, s.id
               ) AS place
          FROM claim u
          JOIN claim o ON o.submitted AND NOT o.adjudicated
          JOIN submitted_claim s ON s.claim_id = o.id
         CROSS JOIN LATERAL (
               SELECT coalesce(o.member_identifier = u.member_identifier, false) AS same_member,
                      o.charge_amount = u.charge_amount AS same_charge,
                      coalesce(o.service_from <= coalesce(u.service_to, u.service_from)
                           AND coalesce(o.service_to, o.service_from) >= u.service_from, false) AS same_dates
         ) f
         WHERE u.id = ANY(:claim_ids) AND (f.same_member OR (f.same_charge AND f.same_dates))
    ) ranked
     WHERE place <= :shown
     ORDER BY for_claim_id, place
""")


async def unmatched_claims(session: AsyncSession) -> tuple[int, list[UnmatchedClaim]]:
    """How many there are, and those with the most denied dollars."""
    total = (await session.execute(_COUNT)).scalar_one()
    return total, await fetch_all(session, UnmatchedClaim, _UNMATCHED, shown=CLAIMS_SHOWN)


async def candidates(session: AsyncSession, claim_ids: list[UUID]) -> dict[UUID, list[Candidate]]:
    """The submissions each claim could be, those that agree in most facts first."""
    rows = await session.execute(_CANDIDATES, {"claim_ids": claim_ids, "shown": CANDIDATES_SHOWN})
    found: defaultdict[UUID, list[Candidate]] = defaultdict(list)
    for row in rows.mappings():
        fields = {name: value for name, value in row.items() if name != "place"}
        found[row["for_claim_id"]].append(Candidate(**fields))
    return found
