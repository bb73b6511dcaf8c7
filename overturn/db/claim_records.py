"""Claims in; what the record knows of each beyond its own files out: acceptance, threshold, other claims,
authorizations.

Only what a proof may need is read: therapy dollars for claims that were denied over a modifier or a
threshold, other claims for those called duplicates, the patient's day for those with a reason to deny.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.authorizations import authorizations_of
from overturn.db.same_day import lines_of_the_day
from overturn.domain.causes.tables import NO_RECORD, Acceptance, ClaimRecord, EarlierClaim
from overturn.domain.therapy_threshold import AllowedLine, Bucket, sum_allowed

# The earliest of a claim comes last, and the one with the lowest id first among those of one day.
_ACCEPTED: Final = text("""
    SELECT DISTINCT ON (claim_id) claim_id, acknowledged_on, payer_claim_control_number, segment_index
      FROM claim_acknowledgement
     WHERE claim_id = ANY(:claims) AND accepted AND acknowledged_on IS NOT NULL
     ORDER BY claim_id, acknowledged_on, id DESC
""")

# Medicare's own answers (MB, MA) to the member's earlier claims of the year.
_ALLOWED_BEFORE: Final = text("""
    SELECT DISTINCT c.id AS claim_id, other.id AS other_id, l.procedure, l.line_number,
           l.modifiers, l.allowed_amount, p.status_code, p.payment_on, p.id AS payment_id
      FROM claim c
      JOIN adjustment a ON a.reason IN ('119', '16', '4')
      JOIN claim_payment own ON own.id = a.claim_payment_id AND own.claim_id = c.id
                            AND own.filing_indicator IN ('MB', 'MA')
      JOIN claim other ON other.member_identifier = c.member_identifier AND other.id <> c.id
                      AND other.service_from < c.service_from
                      AND other.service_from >= date_trunc('year', c.service_from)::date
      JOIN claim_payment p ON p.claim_id = other.id AND p.filing_indicator IN ('MB', 'MA')
      JOIN service_line l ON l.claim_payment_id = p.id
     WHERE c.id = ANY(:claims)
""")

_REVERSAL: Final = "22"

# From the answers themselves, not from standings: those of one batch are not written yet.
_OTHERS: Final = text("""
    SELECT DISTINCT c.id AS claim_id, other.patient_control_number,
           EXISTS (SELECT FROM claim_payment o WHERE o.claim_id = other.id) AS answered,
           (SELECT coalesce(sum(o.paid_amount), 0) FROM claim_payment o WHERE o.claim_id = other.id)
         + (SELECT coalesce(sum(x.amount), 0)
              FROM claim_payment o JOIN adjustment x ON x.claim_payment_id = o.id
             WHERE o.claim_id = other.id AND x.group_code = 'PR' AND x.reason IN ('1', '2', '3'))
           AS settled_amount
      FROM claim c
      JOIN claim_payment p ON p.claim_id = c.id
      JOIN adjustment a ON a.claim_payment_id = p.id AND a.reason = '18'
      JOIN claim other ON other.member_identifier = c.member_identifier AND other.id <> c.id
                      AND other.service_from = c.service_from AND other.charge_amount = c.charge_amount
     WHERE c.id = ANY(:claims)
     ORDER BY other.patient_control_number
""")


async def claim_records(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, ClaimRecord]:
    """What proofs may use of each claim."""
    wanted = {"claims": list(claim_ids)}
    acceptances = await _acceptances(session, claim_ids)
    allowed = _allowed(await session.execute(_ALLOWED_BEFORE, wanted))
    others: dict[UUID, list[EarlierClaim]] = defaultdict(list)
    for row in await session.execute(_OTHERS, wanted):
        found = EarlierClaim(row.patient_control_number, row.answered, row.settled_amount)
        others[row.claim_id].append(found)
    beside = await lines_of_the_day(session, claim_ids)
    held = await authorizations_of(session, claim_ids)
    known = {*acceptances, *allowed, *others, *beside, *held}
    records = {
        claim_id: ClaimRecord(
            acceptances.get(claim_id),
            allowed.get(claim_id, {}),
            tuple(others[claim_id]),
            beside.get(claim_id, ()),
            held.get(claim_id, ()),
        )
        for claim_id in known
    }
    return {claim_id: records.get(claim_id, NO_RECORD) for claim_id in claim_ids}


async def _acceptances(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, Acceptance]:
    """The first 277CA that took each claim in."""
    return {
        row.claim_id: Acceptance(row.acknowledged_on, row.payer_claim_control_number, row.segment_index)
        for row in await session.execute(_ACCEPTED, {"claims": list(claim_ids)})
    }


def _by_time(row: Any) -> tuple[date, bool, str]:
    """A reversal goes before what corrects it on the same day."""
    return row.payment_on or date.min, row.status_code != _REVERSAL, str(row.payment_id)


def _allowed(rows: Any) -> dict[UUID, Mapping[Bucket, Decimal]]:
    """Dollars of each claim's year before it, by bucket."""
    lines: dict[UUID, list[AllowedLine]] = defaultdict(list)
    for row in sorted(rows, key=_by_time):
        taken_back = row.status_code == _REVERSAL
        line = AllowedLine(row.other_id, row.line_number, row.modifiers, row.allowed_amount, taken_back)
        lines[row.claim_id].append(line)
    return {claim_id: sum_allowed(counted) for claim_id, counted in lines.items()}
