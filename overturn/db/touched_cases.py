"""Facts in; the open cases that may be decided otherwise by them out, and the events that say so.

What a case is decided by beyond its own claim is read by `overturn/db/claim_records.py`: the patient's other
lines of the same days, what was allowed earlier in the year, what was used of an authorization. A claim whose
patient has no open case touches nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.outbox import publish_after_commit
from overturn.domain import identifiers
from overturn.events import EvidenceAdded

_BY_CLAIMS: Final = text("""
    SELECT d.id AS case_id, d.claim_id, d.claim_id AS fact
      FROM denial_case d
     WHERE d.claim_id = ANY(:claims) AND d.status <> 'resolved'
     UNION
    SELECT d.id, d.claim_id, c.id
      FROM claim c
      JOIN claim own ON own.member_identifier = c.member_identifier AND own.id <> c.id
      JOIN denial_case d ON d.claim_id = own.id AND d.status <> 'resolved'
     WHERE c.id = ANY(:claims)
       AND ((own.service_from <= coalesce(c.service_to, c.service_from)
             AND coalesce(own.service_to, own.service_from) >= c.service_from)
            OR EXISTS (SELECT FROM denial n
                        WHERE n.case_id = d.id
                          AND (n.cause LIKE 'authorization%'
                               OR (n.carc IN ('119', '16', '4') AND c.service_from < own.service_from
                                   AND c.service_from >= date_trunc('year', own.service_from)))))
     ORDER BY 1, 3
""")

_BY_AUTHORIZATIONS: Final = text("""
    SELECT d.id AS case_id, d.claim_id, a.id AS fact
      FROM payer_authorization a
      JOIN claim c ON a.account = c.member_identifier OR a.account = c.patient_control_number
      JOIN denial_case d ON d.claim_id = c.id AND d.status <> 'resolved'
     WHERE a.id = ANY(:authorizations)
     ORDER BY 1, 3
""")


@dataclass(frozen=True, slots=True)
class TouchedCase:
    """An open case with its claim, and the claim or authorization that may decide it otherwise."""

    case_id: UUID
    claim_id: UUID
    fact: UUID


async def touched_by_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> list[TouchedCase]:
    """Those of these claims themselves, and of other claims of their patients that they bear on."""
    found = await session.execute(_BY_CLAIMS, {"claims": list(claim_ids)})
    return [TouchedCase(row.case_id, row.claim_id, row.fact) for row in found]


async def touched_by_authorizations(session: AsyncSession, ids: Collection[UUID]) -> list[TouchedCase]:
    """Those of the patients these authorizations were given for."""
    found = await session.execute(_BY_AUTHORIZATIONS, {"authorizations": list(ids)})
    return [TouchedCase(row.case_id, row.claim_id, row.fact) for row in found]


async def tell_of_claims(session: AsyncSession, because: Mapping[UUID, UUID]) -> None:
    """Have open cases decided anew that these claims bear on; `because` gives each claim's news, told once.

    To be asked after the news is committed. A case that is being opened meanwhile is not seen here: whoever
    opens it tells of its claim in turn, so that of the two the later one sees both.
    """
    touching = {touched.fact for touched in await touched_by_claims(session, because)}
    await publish_evidence(session, {claim: because[claim] for claim in touching})


async def publish_evidence(session: AsyncSession, because: Mapping[UUID, UUID]) -> None:
    """Have the cases that these claims bear on decided anew, once for each claim's news."""
    await publish_after_commit(
        session,
        [
            EvidenceAdded(event_id=identifiers.event_id(EvidenceAdded.topic, because[claim]), claim_id=claim)
            for claim in sorted(because)
        ],
    )
