"""What became of a denial: classified, case opened, advanced, resolved."""

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from overturn.domain.denial_case import CaseStatus, Outcome, Step
from overturn.events.envelope import ClaimEvent


class DenialClassified(ClaimEvent):
    """A case row stands in Postgres; its workflow is to be opened."""

    topic: ClassVar[str] = "denial.classified.v1"
    case_id: UUID
    category: str
    action: str


class CaseOpened(ClaimEvent):
    """The case's workflow runs: deadline, queue and draft are there."""

    topic: ClassVar[str] = "case.opened.v1"
    case_id: UUID
    queue: str


class CaseAdvanced(ClaimEvent):
    """A fact or a person moved the case. A `remittance` step still has to reach the workflow."""

    topic: ClassVar[str] = "case.advanced.v1"
    case_id: UUID
    step: Step
    status: CaseStatus | None = None
    claim_payment_id: UUID | None = None


class CaseReclassified(ClaimEvent):
    """Other rules see the case otherwise, and its row says so; its workflow still has to plan it anew."""

    topic: ClassVar[str] = "case.reclassified.v1"
    case_id: UUID
    category: str
    action: str
    rule_version: str


class CaseResolved(ClaimEvent):
    """The case ended."""

    topic: ClassVar[str] = "case.resolved.v1"
    case_id: UUID
    outcome: Outcome
    recovered_amount: Decimal
