"""What happened to a claim outside our walls: sent, acknowledged, adjudicated."""

from typing import ClassVar
from uuid import UUID

from overturn.events.envelope import ClaimEvent


class ClaimSubmitted(ClaimEvent):
    """An 837P carried this claim."""

    topic: ClassVar[str] = "claim.submitted.v1"
    submitted_claim_id: UUID


class ClaimAcknowledged(ClaimEvent):
    """A 277CA answered this claim, or a 999 refused it; `acknowledgement_id` is the row of either."""

    topic: ClassVar[str] = "claim.acknowledged.v1"
    acknowledgement_id: UUID
    accepted: bool


class ClaimAdjudicated(ClaimEvent):
    """A remittance answered this claim: one CLP."""

    topic: ClassVar[str] = "claim.adjudicated.v1"
    claim_payment_id: UUID
    remittance_id: UUID
