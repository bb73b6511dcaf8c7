"""277CA: which claims the payer took in. An accepted one is kept as the proof of timely filing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.rejections import close_answered
from overturn.db.tables import Claim
from overturn.db.tables import ClaimAcknowledgement as AcknowledgementRow
from overturn.domain import identifiers
from overturn.domain.submission import REJECTED_CATEGORIES, ClaimAcknowledgement
from overturn.events import ClaimAcknowledged
from overturn.x12 import Finding, Severity, Transaction
from services.ingest.known_claims import submitted_by_number
from services.ingest.posted import Posted, listed
from services.ingest.rejections import open_from_answers

ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"


async def post(session: AsyncSession, transaction: Transaction, file_sha256: str) -> Posted:
    """Store the claim answers of one 277CA and mark the claims they speak of."""
    listed_answers = [a for a in listed(transaction) if isinstance(a, ClaimAcknowledgement)]
    answers = [a for a in listed_answers if a.about_one_claim]
    claims = await submitted_by_number(session, [a.patient_control_number for a in answers])
    rows = [_row(answer, _only(claims[answer.patient_control_number]), file_sha256) for answer in answers]
    if rows:
        await session.execute(insert(AcknowledgementRow).on_conflict_do_nothing(), rows)
    answered = [row for row in rows if row["claim_id"] is not None]
    await mark_claims(session, {row["claim_id"] for row in answered})
    findings = [_refused_above_claims(a) for a in listed_answers if not a.about_one_claim and _rejects(a)]
    return Posted([_event(row) for row in answered], len(rows), findings)


async def find_waiting(session: AsyncSession, claims: Mapping[str, UUID]) -> None:
    """Put answers that came before their claim under it; `claims` gives ids by patient control number."""
    number = col(AcknowledgementRow.patient_control_number)
    found = await session.scalars(
        select(AcknowledgementRow)
        .where(col(AcknowledgementRow.claim_id).is_(None), among(number, claims))
        .order_by(col(AcknowledgementRow.id))
    )
    met = found.all()
    for row in met:
        row.claim_id = claims[row.patient_control_number or ""]
    await session.flush()
    await mark_claims(session, {row.claim_id for row in met if row.claim_id})


async def mark_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> None:
    """Set what the latest answer of each claim says, whatever order the answers came in, and keep its
    rejections in step.

    Answers that neither accept nor reject (received, forwarded) leave a claim as it is.
    """
    if not claim_ids:
        return
    claims = await session.scalars(
        select(Claim).where(among(col(Claim.id), claim_ids)).order_by(col(Claim.id)).with_for_update()
    )
    found = await session.scalars(
        select(AcknowledgementRow)
        .where(among(col(AcknowledgementRow.claim_id), claim_ids))
        .order_by(
            col(AcknowledgementRow.acknowledged_on).nulls_first(),
            col(AcknowledgementRow.created_at),
            col(AcknowledgementRow.segment_index),
        )
    )
    answers = found.all()
    latest = {row.claim_id: state for row in answers if (state := _state(row))}
    for claim in claims:
        claim.acknowledgement = latest.get(claim.id, claim.acknowledgement)
    await open_from_answers(session, answers)
    await close_answered(session, claim_ids)


def _state(row: AcknowledgementRow) -> str | None:
    if row.accepted:
        return ACCEPTED
    return REJECTED if any(s["category"] in REJECTED_CATEGORIES for s in row.statuses) else None


def _rejects(answer: ClaimAcknowledgement) -> bool:
    return any(status.category in REJECTED_CATEGORIES for status in answer.statuses)


def _refused_above_claims(answer: ClaimAcknowledgement) -> Finding:
    message = (
        f"The 277CA refuses a whole batch or provider (segment {answer.segment_index}), not single claims: "
        "find the batch by its trace number and send its claims again."
    )
    return Finding("refused-above-claims", message, answer.segment_index, "STC", None, Severity.VALUE)


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
