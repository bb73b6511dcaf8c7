"""Claims in; what our other claims hold for the same patient, practice and days out.

Found through the member's number, for claims with an adjustment that nearly every paid line has not.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from overturn.db.history import Stored, read_answers, read_submitted
from overturn.domain.causes.same_day import DayLine, OurClaim, lines_beside, same_person

_BESIDE: Final = text("""
    SELECT c.id AS claim_id, c.patient_name, other.id AS other_id, other.patient_name AS other_name
      FROM claim c
      JOIN claim other ON other.member_identifier = c.member_identifier AND other.id <> c.id
                      AND other.service_from <= coalesce(c.service_to, c.service_from)
                      AND coalesce(other.service_to, other.service_from) >= c.service_from
                      AND coalesce(other.billing_npi = c.billing_npi, true)
                      AND (other.acknowledgement IS DISTINCT FROM 'rejected'
                           OR EXISTS (SELECT FROM claim_payment q WHERE q.claim_id = other.id))
     WHERE c.id = ANY(:claims)
       AND EXISTS (SELECT FROM claim_payment p JOIN adjustment a ON a.claim_payment_id = p.id
                    WHERE p.claim_id = c.id AND a.group_code <> 'PR'
                      AND a.reason NOT IN ('45', '59', '253'))
""")


_NUMBERS: Final = text("SELECT id, patient_control_number, charge_amount FROM claim WHERE id = ANY(:claims)")


async def lines_of_the_day(
    session: AsyncSession, claim_ids: Collection[UUID]
) -> dict[UUID, tuple[DayLine, ...]]:
    """Of each claim that has any, the lines of our other claims that stand beside it."""
    beside: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await session.execute(_BESIDE, {"claims": list(claim_ids)}):
        if same_person(row.patient_name, row.other_name):
            beside[row.claim_id].append(row.other_id)
    if not beside:
        return {}
    ids = {*beside, *(other for others in beside.values() for other in others)}
    known = await _claims(await session.connection(), ids)
    return {
        claim_id: lines_beside(known[claim_id], [known[other] for other in others])
        for claim_id, others in beside.items()
    }


async def _claims(connection: AsyncConnection, claim_ids: Collection[UUID]) -> dict[UUID, OurClaim]:
    answers: dict[UUID, list[Stored]] = defaultdict(list)
    for stored in await read_answers(connection, claim_ids):
        answers[stored.claim_id].append(stored)
    sent = {claim_id: stored[0].submitted for claim_id, stored in answers.items()}
    sent |= await read_submitted(connection, [claim_id for claim_id in claim_ids if claim_id not in sent])
    return {
        row.id: OurClaim(
            row.patient_control_number,
            row.charge_amount,
            sent.get(row.id),
            [stored.claim for stored in answers[row.id]],
        )
        for row in await connection.execute(_NUMBERS, {"claims": list(claim_ids)})
    }
