"""277CA: which claims the payer took in. An accepted one is kept as the proof of timely filing."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Claim
from overturn.db.tables import ClaimAcknowledgement as AcknowledgementRow
from overturn.domain import identifiers
from overturn.domain.submission import ClaimAcknowledgement
from overturn.events import ClaimAcknowledged
from overturn.x12 import Transaction
from services.ingest.posted import Posted, listed

ACCEPTED = "accepted"
REJECTED = "rejected"


async def post(session: AsyncSession, transaction: Transaction, file_sha256: str) -> Posted:
    """Store the claim answers of one 277CA and mark the claims they speak of."""
    listed_answers = (a for a in listed(transaction) if isinstance(a, ClaimAcknowledgement))
    answers = [a for a in listed_answers if a.about_one_claim]
    claims = await _claims_by_number(session, [a.patient_control_number for a in answers])
    events = []
    for answer in answers:
        claim_id = claims.get(answer.patient_control_number or "")
        row = _row(answer, claim_id, file_sha256)
        await session.execute(insert(AcknowledgementRow).values(row).on_conflict_do_nothing())
        if claim_id is not None:
            await _mark(session, claim_id, answer)
            events.append(_event(row))
    return Posted(events, len(answers), [])


def _event(row: dict[str, Any]) -> ClaimAcknowledged:
    return ClaimAcknowledged(
        event_id=identifiers.event_id(ClaimAcknowledged.topic, row["id"]),
        claim_id=row["claim_id"],
        acknowledgement_id=row["id"],
        accepted=row["accepted"],
    )


async def _claims_by_number(session: AsyncSession, numbers: list[str | None]) -> dict[str, UUID]:
    found = await session.execute(
        select(col(Claim.patient_control_number), col(Claim.id)).where(
            col(Claim.submitted), col(Claim.patient_control_number).in_([n for n in numbers if n])
        )
    )
    return dict(found.all())


async def _mark(session: AsyncSession, claim_id: UUID, answer: ClaimAcknowledgement) -> None:
    state = ACCEPTED if answer.accepted else REJECTED
    await session.execute(update(Claim).where(col(Claim.id) == claim_id).values(acknowledgement=state))


def _row(answer: ClaimAcknowledgement, claim_id: UUID | None, file_sha256: str) -> dict[str, Any]:
    dates = [s.effective_on for s in answer.statuses if s.effective_on]
    return {
        "id": identifiers.deterministic_id("acknowledgement", file_sha256, answer.segment_index),
        "claim_id": claim_id,
        "file_sha256": file_sha256,
        "patient_control_number": answer.patient_control_number,
        "payer_claim_control_number": answer.payer_claim_control_number,
        "accepted": answer.accepted,
        "statuses": [
            {"category": s.category, "status": s.status, "entity": s.entity} for s in answer.statuses
        ],
        "acknowledged_on": max(dates, default=None),
        "segment_index": answer.segment_index,
    }
