"""837P: the claims we sent. They arrive before or after the remittances that answer them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.acknowledging import find_waiting, mark_claims
from overturn.db.among import among
from overturn.db.known_numbers import where_matched
from overturn.db.matching import match_certain
from overturn.db.settling import settle_anew
from overturn.db.submissions import CONTENT, STANDING, submitted_claim_row
from overturn.db.tables import Claim
from overturn.db.tables import SubmittedClaim as SubmittedClaimRow
from overturn.domain import identifiers
from overturn.domain.submission import SubmittedClaim
from overturn.events import ClaimSubmitted
from overturn.x12 import Transaction
from services.ingest import batches
from services.ingest.posted import Posted, listed
from services.ingest.refused_batches import refuse_waiting
from services.ingest.rejections import follow_answers


async def post(session: AsyncSession, transaction: Transaction, file_sha256: str) -> Posted:
    """Store the claims of one 837P transaction set."""
    claims = [c for c in listed(transaction) if isinstance(c, SubmittedClaim)]
    entered: dict[UUID, dict[str, Any]] = {}
    sent: dict[UUID, dict[str, Any]] = {}
    own = [identifiers.claim_id(c.billing_provider.identifier, c.patient_control_number) for c in claims]
    matched = await where_matched(session, own)
    for claim, own_id in zip(claims, own, strict=True):
        claim_id = matched.get(own_id, own_id)
        entered[claim_id] = submitted_claim_row(claim, claim_id)
        submission = identifiers.deterministic_id("submitted-claim", file_sha256, claim.segment_index)
        sent[submission] = {
            **_submission_row(claim, submission, claim_id, file_sha256),
            "group_control_number": batches.plain(transaction.group_control_number),
            "transaction_control_number": batches.plain(transaction.control_number),
        }
    if not claims:
        return Posted([], 0, [])
    await _upsert_claims(session, [entered[claim] for claim in sorted(entered)], list(sent.values()))
    await session.execute(insert(SubmittedClaimRow).on_conflict_do_nothing(), list(sent.values()))
    numbers = {row["patient_control_number"]: claim_id for claim_id, row in entered.items()}
    await follow_answers(session, await find_waiting(session, numbers))
    refused = await refuse_waiting(session, {_batch_reference(claim) for claim in claims})
    await follow_answers(session, await mark_claims(session, {row["claim_id"] for row in refused.rows}))
    await batches.find_waiting(session, transaction)
    # Payers may have answered before: what was settled without our own claim is settled again with it.
    await settle_anew(session, {row["claim_id"]: submission for submission, row in sent.items()})
    went = await match_certain(session, submitted=entered)
    events = [_event(row | {"claim_id": went.get(row["claim_id"], row["claim_id"])}) for row in sent.values()]
    return Posted(events, len(sent), [])


def _batch_reference(claim: SubmittedClaim) -> str:
    """BHT03, by which a 277CA names the batch."""
    first = claim.parent_segments[0].split("*") if claim.parent_segments else []
    return first[3] if len(first) > 3 else ""  # noqa: PLR2004 - the number of the element


def _event(row: dict[str, Any]) -> ClaimSubmitted:
    return ClaimSubmitted(
        event_id=identifiers.event_id(ClaimSubmitted.topic, row["id"]),
        claim_id=row["claim_id"],
        submitted_claim_id=row["id"],
    )


async def _upsert_claims(
    session: AsyncSession, rows: list[dict[str, Any]], sent: list[dict[str, Any]]
) -> None:
    """What we sent is the better source for who and how much; the payer's figures stand in its answers.
    Of several submissions the last one counts, whatever order they come in. A matched claim keeps the
    number it was answered under."""
    newer = await _sent_later(session, sent)
    statement = insert(Claim)
    ours = {name: statement.excluded[name] for name in rows[0] if name not in KEPT}
    if latest := [row for row in rows if row["id"] not in newer]:
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=ours), latest)


async def _sent_later(session: AsyncSession, sent: list[dict[str, Any]]) -> set[UUID]:
    """The claims of which the record has a submission dated after the one at hand."""
    dates = {row["claim_id"]: row["submitted_on"] or date.min for row in sent}
    claim_id, submitted_on = col(SubmittedClaimRow.claim_id), col(SubmittedClaimRow.submitted_on)
    found = await session.execute(
        select(claim_id, func.max(submitted_on)).where(among(claim_id, dates)).group_by(claim_id)
    )
    return {claim for claim, last in found if last and last > dates[claim]}


KEPT = STANDING | {"id", "patient_control_number"}


def _submission_row(
    claim: SubmittedClaim, submission: UUID, claim_id: UUID, file_sha256: str
) -> dict[str, Any]:
    return {
        "id": submission,
        "claim_id": claim_id,
        "file_sha256": file_sha256,
        "content": CONTENT.dump_python(claim, mode="json"),
        "frequency_code": claim.frequency_code,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "submitted_on": claim.submitted_on,
        "segment_index": claim.segment_index,
    }
