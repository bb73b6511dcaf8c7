"""A match is taken back: both claims are what they were before, and who did it and why is kept."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.acknowledging import mark_claims
from overturn.db.rejections import DONE, OPEN, close_answered
from overturn.db.settling import settle_anew
from overturn.db.submissions import CONTENT, latest_submissions, submitted_claim_row
from overturn.db.tables import (
    Claim,
    ClaimAcknowledgement,
    ClaimMatch,
    ClaimPayment,
    RecordsRequest,
    Rejection,
    Remittance,
    SubmittedClaim,
)
from overturn.domain import identifiers
from overturn.domain.submission import SubmittedClaim as Submission

log = structlog.get_logger()

GONE: Final = "This match is not there any more. Reload the page."


class UnmatchRefusedError(ValueError):
    """The match stands; the message says why and what to do."""


async def take_match_back(session: AsyncSession, *, match_id: UUID, actor_id: UUID, reason: str) -> None:
    """Give the submitted claim its own entry again, and have the answered one settled without it.

    The answered claim keeps its id, its answers and its case; it is unmatched again.

    Raises:
        UnmatchRefusedError: taken back already, or a payer answered under the submitted claim's number since.
    """
    match = await session.get(ClaimMatch, match_id, with_for_update=True)
    if match is None or match.undone_at is not None:
        raise UnmatchRefusedError(GONE)
    answered = await session.get_one(Claim, match.claim_id, with_for_update=True)
    await _refuse_answered_by_number(session, match)
    match.undone_at, match.undone_by, match.undone_reason = datetime.now(UTC), actor_id, reason
    await _give_submissions_back(session, match)
    left = (await latest_submissions(session, [answered.id])).get(answered.id)
    if left is None:
        await _give_rejections_back(session, match)
        await _give_requests_back(session, match)
        await _be_as_answered(session, answered)
    else:
        _be_as_sent(answered, left)
    await mark_claims(session, [match.former_id, answered.id])
    await close_answered(session, [match.former_id])
    await settle_anew(session, {answered.id: identifiers.deterministic_id("unmatched", match.id)})
    log.info("claim.unmatched", claim_id=str(answered.id), match_id=str(match_id), actor=str(actor_id))


async def _refuse_answered_by_number(session: AsyncSession, match: ClaimMatch) -> None:
    """A payer that answers under our own number says itself that the match is right."""
    paid_on = await session.scalar(
        select(func.max(col(ClaimPayment.payment_on))).where(
            col(ClaimPayment.claim_id) == match.claim_id,
            col(ClaimPayment.patient_control_number) == match.number,
        )
    )
    if paid_on:
        raise UnmatchRefusedError(
            f"The remittance of {paid_on} answered this claim as {match.number}: the payer itself says that "
            "the two are one."
        )


async def _give_submissions_back(session: AsyncSession, match: ClaimMatch) -> None:
    """The submitted claim's own entry, with its submissions and their acknowledgements under it."""
    found = await session.scalars(
        select(SubmittedClaim)
        .where(col(SubmittedClaim.claim_id) == match.claim_id)
        .order_by(col(SubmittedClaim.submitted_on).nulls_first(), col(SubmittedClaim.created_at))
    )
    sent = [row for row in found if row.content["patient_control_number"] == match.number]
    latest = CONTENT.validate_python(sent[-1].content)
    session.add(Claim(**submitted_claim_row(latest, match.former_id)))
    await session.flush()
    for row in sent:
        row.claim_id = match.former_id
    await session.execute(
        update(ClaimAcknowledgement)
        .where(
            col(ClaimAcknowledgement.claim_id) == match.claim_id,
            col(ClaimAcknowledgement.patient_control_number) == match.number,
        )
        .values(claim_id=match.former_id)
    )
    await session.flush()


async def _give_rejections_back(session: AsyncSession, match: ClaimMatch) -> None:
    """Those that a remittance closed by itself are open again: it was about another claim."""
    of_claim = col(Rejection.claim_id) == match.claim_id
    by_itself = col(Rejection.state) == DONE, col(Rejection.done_by).is_(None)
    await session.execute(
        update(Rejection).where(of_claim, *by_itself).values(state=OPEN, done_at=None, done_reason=None)
    )
    await session.execute(update(Rejection).where(of_claim).values(claim_id=match.former_id))


async def _give_requests_back(session: AsyncSession, match: ClaimMatch) -> None:
    """A request for the records of what we sent goes with it; one of a denial stays with the denial."""
    await session.execute(
        update(RecordsRequest)
        .where(col(RecordsRequest.claim_id) == match.claim_id, col(RecordsRequest.case_id).is_(None))
        .values(claim_id=match.former_id)
    )


def _be_as_sent(answered: Claim, latest: Submission) -> None:
    """The claim as the submission has it that came under its own number."""
    sent = submitted_claim_row(latest, answered.id)
    for name in ("charge_amount", "patient_name", "member_identifier", "billing_npi"):
        setattr(answered, name, sent[name])
    answered.acknowledgement = None


async def _be_as_answered(session: AsyncSession, answered: Claim) -> None:
    """The claim as its payer's latest remittance has it; its charge follows when it is settled anew."""
    payment, remittance = (
        await session.execute(
            select(ClaimPayment, Remittance)
            .join(Remittance, col(Remittance.id) == col(ClaimPayment.remittance_id))
            .where(col(ClaimPayment.claim_id) == answered.id)
            .order_by(col(ClaimPayment.payment_on).desc().nulls_last(), col(ClaimPayment.id))
            .limit(1)
        )
    ).one()
    answered.submitted, answered.acknowledgement = False, None
    answered.charge_amount = abs(payment.charge_amount)
    answered.patient_name = payment.patient_name
    answered.member_identifier = payment.member_identifier
    answered.billing_npi = remittance.payee_npi
    await session.flush()
