"""The submission of a claim that counts, for whoever asks: the classifier, a letter, the claim itself."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.remittances import full_name
from overturn.domain.submission import SubmittedClaim

CONTENT: Final = TypeAdapter(SubmittedClaim)


async def latest_submissions(
    session: AsyncSession, claim_ids: Collection[UUID]
) -> dict[UUID, SubmittedClaim]:
    """Each claim's submission of the latest date; one without a date comes before all that have one."""
    rows = await session.scalars(
        select(tables.SubmittedClaim)
        .where(col(tables.SubmittedClaim.claim_id).in_(claim_ids))
        .order_by(
            col(tables.SubmittedClaim.submitted_on).nulls_first(), col(tables.SubmittedClaim.created_at)
        )
    )
    latest = {row.claim_id: row.content for row in rows}
    return {claim_id: CONTENT.validate_python(content) for claim_id, content in latest.items()}


STANDING: Final = frozenset(
    {
        "adjudicated",
        "paid_amount",
        "contractual_amount",
        "patient_amount",
        "denied_amount",
        "imbalance_amount",
    }
)
"""What payers' answers make of a claim; nothing we sent changes it."""


def submitted_claim_row(claim: SubmittedClaim, claim_id: UUID) -> dict[str, Any]:
    """The claim's own entry as we sent it, without any answer."""
    dates = [line.service_on for line in claim.lines if line.service_on]
    return {
        "id": claim_id,
        "patient_control_number": claim.patient_control_number,
        "billing_npi": claim.billing_provider.identifier,
        "payer_name": claim.payer.name,
        "payer_identifier": claim.payer.identifier,
        "patient_name": full_name(claim.patient or claim.subscriber),
        "member_identifier": claim.subscriber.identifier,
        "charge_amount": claim.charge_amount,
        "service_from": min(dates, default=None),
        "service_to": max(dates, default=None),
        "submitted": True,
        **(dict.fromkeys(STANDING, 0) | {"adjudicated": False}),
    }
