"""What crosses the boundary of `CorrectedClaimWorkflow`: ids, dates and a yes or no."""

from datetime import date, datetime
from uuid import UUID

from workflows.denial_case.types import Correction, Message, StepResult


class CorrectedClaimInput(Message):
    """The corrected claim to see through."""

    correction: Correction


class ClaimAnswered(Message):
    """A 277CA or a 999 answered the claim. `event_id` is applied once."""

    event_id: UUID
    acknowledgement_id: UUID
    accepted: bool


class WriteClaimInput(Message):
    """The corrected claim to be written. `at` is the workflow's clock, here and below."""

    correction: Correction
    at: datetime


class RecordAnswerInput(Message):
    """An answer to be held against this corrected claim."""

    correction: Correction
    at: datetime
    answer: ClaimAnswered


class AskAboutClaimInput(Message):
    """How often the payer was asked about this claim."""

    correction: Correction
    at: datetime
    asked: int


class ClaimStanding(Message):
    """Where the case stands, and when to ask the payer; None once nothing is waited for."""

    case: StepResult
    next_on: date | None
    deadline_lost: bool = (
        False  # the last day passed while the claim was out, and a person has to find the new one
    )
