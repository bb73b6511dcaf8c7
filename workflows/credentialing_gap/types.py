"""What crosses the boundary of `CredentialingGapWorkflow`: ids and dates."""

from datetime import date, datetime
from uuid import UUID

from workflows.denial_case.types import Message


class GapInput(Message):
    """The incident to see through."""

    gap_id: UUID


class ReviewInput(Message):
    """The incident to look at; `at` is the workflow's clock."""

    gap_id: UUID
    at: datetime


class Review(Message):
    """When to look again, if nothing is heard before; None once the incident is closed."""

    next_on: date | None
