"""Submitted claims by the numbers that payers, and our own files, quote for them."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Result, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.tables import Claim, ClaimAcknowledgement, ClaimMatch, ClaimPayment, SubmittedClaim


async def submitted_by_number(
    session: AsyncSession, numbers: Iterable[str | None]
) -> dict[str | None, list[UUID]]:
    """The submitted claims that bear each patient control number, or bore it before they were matched; a
    number nobody bears has none."""
    wanted = {n for n in numbers if n}
    borne = select(col(Claim.patient_control_number), col(Claim.id)).where(
        col(Claim.submitted), among(col(Claim.patient_control_number), wanted)
    )
    matched = select(col(ClaimMatch.number), col(ClaimMatch.claim_id)).where(
        among(col(ClaimMatch.number), wanted), col(ClaimMatch.undone_at).is_(None)
    )
    by_number: dict[str | None, list[UUID]] = defaultdict(list)
    for number, claim in await session.execute(union(borne, matched)):
        by_number[number].append(claim)
    return by_number


async def submitted_by_payer_number(
    session: AsyncSession, numbers: Iterable[str | None]
) -> dict[tuple[str | None, str | None], list[UUID]]:
    """The submitted claims a payer's own number was seen with, by that number and the claim's member.

    Seen in a 277CA (REF*1K), an earlier remittance (CLP07), or an 837P that quotes it (REF*F8). The member
    has to agree because two payers may give the same number.
    """
    wanted = {n for n in numbers if n}
    seen = (
        (col(ClaimAcknowledgement.payer_claim_control_number), col(ClaimAcknowledgement.claim_id)),
        (col(ClaimPayment.payer_claim_control_number), col(ClaimPayment.claim_id)),
        (col(SubmittedClaim.payer_claim_control_number), col(SubmittedClaim.claim_id)),
    )
    found: Result[str, str | None, UUID] = await session.execute(
        union(
            *(
                select(number.label("number"), col(Claim.member_identifier), col(Claim.id))
                .join(Claim, col(Claim.id) == claim_id)
                .where(col(Claim.submitted), among(number, wanted))
                for number, claim_id in seen
            )
        )
    )
    by_number: dict[tuple[str | None, str | None], list[UUID]] = defaultdict(list)
    for number, member, claim in found:
        by_number[number, member].append(claim)
    return by_number


async def where_matched(session: AsyncSession, claim_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """For claims that a match put under another claim: where they are now."""
    found = await session.execute(
        select(col(ClaimMatch.former_id), col(ClaimMatch.claim_id)).where(
            among(col(ClaimMatch.former_id), claim_ids), col(ClaimMatch.undone_at).is_(None)
        )
    )
    return dict(found.all())
