"""Submitted claims without an answer that an answered claim could be, each with its score."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.matching import ClaimFacts, Score, score


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission that agrees with an answered claim in its member, or in its charge and dates."""

    for_claim_id: UUID
    submitted_claim_id: UUID
    claim_id: UUID  # the submission's own entry, which a match puts under `for_claim_id`
    claim_number: str
    patient_name: str | None
    charge_amount: Decimal
    service_from: date | None
    service_to: date | None
    score: Score


SHOWN: Final = (
    *("for_claim_id", "submitted_claim_id", "claim_id", "claim_number", "patient_name"),
    *("charge_amount", "service_from", "service_to"),
)

_PAIRS: Final = """
    SELECT u.id AS for_claim_id, u.member_identifier AS their_member, u.service_from AS their_from,
           u.service_to AS their_to, u.charge_amount AS their_charge, s.id AS submitted_claim_id,
           o.id AS claim_id, o.patient_control_number AS claim_number, o.patient_name,
           o.member_identifier AS our_member, o.charge_amount, o.service_from, o.service_to,
           array(SELECT coalesce(l.submitted_procedure, l.procedure)
                   FROM service_line l
                  WHERE l.claim_payment_id = (SELECT p.id FROM claim_payment p WHERE p.claim_id = u.id
                                               ORDER BY p.payment_on DESC NULLS LAST, p.id LIMIT 1)
                    AND coalesce(l.submitted_procedure, l.procedure) IS NOT NULL) AS their_procedures,
           array(SELECT jsonb_array_elements(s.content -> 'lines') ->> 'procedure') AS our_procedures
      FROM claim u
      JOIN claim o ON o.submitted AND NOT o.adjudicated
       AND (o.billing_npi = u.billing_npi OR o.billing_npi IS NULL OR u.billing_npi IS NULL)
       AND NOT EXISTS (SELECT FROM claim_payment p WHERE p.claim_id = o.id)
      JOIN LATERAL (SELECT id, content FROM submitted_claim WHERE claim_id = o.id
                     ORDER BY submitted_on DESC NULLS LAST, created_at DESC, id LIMIT 1) s ON true
     WHERE NOT u.submitted
"""
"""Every pair of an answered claim `u` and a submitted one `o`; what follows says which are of interest."""

_PLAUSIBLE: Final = text(f"""{_PAIRS}
       AND u.id = ANY(:claim_ids)
       AND (o.member_identifier = u.member_identifier
            OR (o.charge_amount = u.charge_amount
                AND o.service_from <= coalesce(u.service_to, u.service_from)
                AND coalesce(o.service_to, o.service_from) >= u.service_from))
""")

_NUMBERED: Final = text(f"{_PAIRS} AND u.id = ANY(:claim_ids) AND o.patient_control_number = :number")

# What a person took apart is not put together again without one.
_SAME_MEMBER: Final = """
    AND o.member_identifier = u.member_identifier AND o.charge_amount = u.charge_amount
    AND NOT EXISTS (SELECT FROM claim_match m
                     WHERE m.former_id = o.id AND m.claim_id = u.id AND m.undone_at IS NOT NULL)
"""
_FOR_ANSWERED: Final = text(f"{_PAIRS} {_SAME_MEMBER} AND u.id = ANY(:claim_ids)")
_FOR_SUBMITTED: Final = text(f"{_PAIRS} {_SAME_MEMBER} AND o.id = ANY(:claim_ids)")


async def plausible_candidates(session: AsyncSession, claim_ids: Collection[UUID]) -> list[Candidate]:
    """What each answered claim could be, the highest score first."""
    found = await _fetch(session, _PLAUSIBLE, claim_ids)
    return sorted(found, key=lambda c: (c.for_claim_id, -c.score.points, c.submitted_claim_id))


async def numbered_candidates(session: AsyncSession, claim_id: UUID, number: str) -> list[Candidate]:
    """The submissions without an answer that bear this patient control number, whatever agrees otherwise."""
    found = await _fetch(session, _NUMBERED, [claim_id], number=number)
    return sorted(found, key=lambda c: (-c.score.points, c.submitted_claim_id))


async def certain_candidates(
    session: AsyncSession, *, answered: Collection[UUID] = (), submitted: Collection[UUID] = ()
) -> list[Candidate]:
    """Pairs that agree in everything, of claims just answered or just submitted; several are possible."""
    posted = ((_FOR_ANSWERED, answered), (_FOR_SUBMITTED, submitted))
    found = [await _fetch(session, statement, claim_ids) for statement, claim_ids in posted if claim_ids]
    return [candidate for candidates in found for candidate in candidates if candidate.score.certain]


async def _fetch(
    session: AsyncSession, statement: TextClause, claim_ids: Collection[UUID], **parameters: str
) -> list[Candidate]:
    rows = await session.execute(statement, {"claim_ids": list(claim_ids), **parameters})
    return [_candidate(row) for row in rows.mappings()]


def _candidate(row: RowMapping) -> Candidate:
    return Candidate(**{name: row[name] for name in SHOWN}, score=score(_theirs(row), _ours(row)))


def _theirs(row: RowMapping) -> ClaimFacts:
    return ClaimFacts(
        member_identifier=row["their_member"],
        service_from=row["their_from"],
        service_to=row["their_to"],
        procedures=tuple(row["their_procedures"]),
        charge_amount=row["their_charge"],
    )


def _ours(row: RowMapping) -> ClaimFacts:
    return ClaimFacts(
        member_identifier=row["our_member"],
        service_from=row["service_from"],
        service_to=row["service_to"],
        procedures=tuple(row["our_procedures"]),
        charge_amount=row["charge_amount"],
    )
