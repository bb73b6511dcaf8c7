"""277CA: which claims the payer took in. An accepted one is kept as the proof of timely filing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.acknowledging import mark_claims
from overturn.db.known_numbers import submitted_by_number
from overturn.db.tables import ClaimAcknowledgement as AcknowledgementRow
from overturn.domain import identifiers
from overturn.domain.submission import REJECTED_CATEGORIES, ClaimAcknowledgement
from overturn.events import ClaimAcknowledged
from overturn.x12 import Transaction
from services.ingest.posted import Posted, listed
from services.ingest.refused_batches import refusal, refuse
from services.ingest.rejections import follow_answers


async def post(session: AsyncSession, transaction: Transaction, file_sha256: str) -> Posted:
    """Store the claim answers of one 277CA and mark the claims they speak of."""
    listed_answers = [a for a in listed(transaction) if isinstance(a, ClaimAcknowledgement)]
    answers = [a for a in listed_answers if a.about_one_claim]
    claims = await submitted_by_number(session, [a.patient_control_number for a in answers])
    rows = [_row(answer, _only(claims[answer.patient_control_number]), file_sha256) for answer in answers]
    if rows:
        await session.execute(insert(AcknowledgementRow).on_conflict_do_nothing(), rows)
    refusals = [a for a in listed_answers if not a.about_one_claim and _rejects(a)]
    refused = await refuse(session, [refusal(a, _row(a, None, file_sha256)) for a in refusals])
    answered = [row for row in (*rows, *refused.rows) if row["claim_id"] is not None]
    await follow_answers(session, await mark_claims(session, {row["claim_id"] for row in answered}))
    return Posted([_event(row) for row in answered], len(rows), refused.findings)


def _rejects(answer: ClaimAcknowledgement) -> bool:
    return any(status.category in REJECTED_CATEGORIES for status in answer.statuses)


def _only(claims: Sequence[UUID]) -> UUID | None:
    """A number that several claims bear names none of them."""
    return claims[0] if len(claims) == 1 else None


def _event(row: dict[str, Any]) -> ClaimAcknowledged:
    return ClaimAcknowledged(
        event_id=identifiers.event_id(ClaimAcknowledged.topic, row["id"]),
        claim_id=row["claim_id"],
        acknowledgement_id=row["id"],
        accepted=row["accepted"],
    )


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
