"""Which submitted claim a remittance's claim answers: certain where all agrees, else a person says."""

from collections import Counter
from collections.abc import Collection
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.acknowledging import find_waiting
from overturn.db.candidates import certain_candidates
from overturn.db.rejections import close_answered
from overturn.db.settling import settle_anew
from overturn.db.tables import (
    Claim,
    ClaimAcknowledgement,
    ClaimMatch,
    ClaimPayment,
    RecordsRequest,
    Rejection,
    SubmittedClaim,
)

log = structlog.get_logger()

BY_A_PERSON: Final = "a person found it to be this claim"


class MatchRefusedError(ValueError):
    """The two cannot be matched; the message says why and what to do."""


async def match_certain(
    session: AsyncSession, *, answered: Collection[UUID] = (), submitted: Collection[UUID] = ()
) -> dict[UUID, UUID]:
    """Match what was just answered or submitted, where one claim alone agrees in everything.

    Returns where the submitted claims' entries went; what several claims could be is left to a person.
    """
    found = await certain_candidates(session, answered=answered, submitted=submitted)
    answers = Counter(candidate.for_claim_id for candidate in found)
    submissions = Counter(candidate.claim_id for candidate in found)
    went = {}
    for candidate in sorted(found, key=lambda c: c.for_claim_id):
        if answers[candidate.for_claim_id] == submissions[candidate.claim_id] == 1:
            await match_claim(
                session,
                claim_id=candidate.for_claim_id,
                submitted_claim_id=candidate.submitted_claim_id,
                actor_id=None,
                reason=candidate.score.words,
            )
            went[candidate.claim_id] = candidate.for_claim_id
    return went


async def match_claim(
    session: AsyncSession,
    *,
    claim_id: UUID,
    submitted_claim_id: UUID,
    actor_id: UUID | None,
    reason: str = BY_A_PERSON,
) -> None:
    """Put a submitted claim under the claim a payer answered, and have that claim settled anew.

    The answered claim keeps its id, so its case goes on; the submitted claim's own entry goes, and its
    number is remembered: whatever names it later finds the answered claim.

    Raises:
        MatchRefusedError: the claim has its submission already, or the submission has another answer.
    """
    answered = await session.get(Claim, claim_id, with_for_update=True)
    submission = await session.get(SubmittedClaim, submitted_claim_id, with_for_update=True)
    if answered is None or submission is None:
        raise MatchRefusedError("One of the two claims is not there any more. Reload the page.")
    if answered.submitted:
        raise MatchRefusedError("This claim is matched already. Reload the page.")
    ours = await session.get_one(Claim, submission.claim_id, with_for_update=True)
    if await _is_answered(session, ours.id):
        raise MatchRefusedError(
            f"Claim {ours.patient_control_number} was answered by another remittance; it cannot be both."
        )
    session.add(
        ClaimMatch(
            former_id=ours.id,
            number=ours.patient_control_number,
            claim_id=claim_id,
            reason=reason,
            matched_by=actor_id,
        )
    )
    await _move_submission(session, ours, answered)
    await find_waiting(session, {answered.patient_control_number: answered.id})
    await close_answered(session, [answered.id])
    await settle_anew(session, {answered.id: submission.id})
    log.info(
        "claim.matched",
        claim_id=str(claim_id),
        submitted_claim_id=str(submitted_claim_id),
        actor=str(actor_id) if actor_id else "posting",
    )


async def _is_answered(session: AsyncSession, claim_id: UUID) -> bool:
    count = await session.scalar(
        select(func.count()).select_from(ClaimPayment).where(col(ClaimPayment.claim_id) == claim_id)
    )
    return bool(count)


async def _move_submission(session: AsyncSession, ours: Claim, answered: Claim) -> None:
    for table in (SubmittedClaim, ClaimAcknowledgement, Rejection, RecordsRequest):
        await session.execute(
            update(table).where(col(table.claim_id) == ours.id).values(claim_id=answered.id)
        )
    answered.submitted = True
    answered.acknowledgement = ours.acknowledgement
    answered.charge_amount = ours.charge_amount
    answered.patient_name = ours.patient_name
    answered.member_identifier = ours.member_identifier
    answered.billing_npi = ours.billing_npi
    await session.flush()
    await session.execute(delete(Claim).where(col(Claim.id) == ours.id))
