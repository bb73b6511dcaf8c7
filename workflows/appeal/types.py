"""What crosses the boundary of the letter activities."""

from datetime import datetime
from uuid import UUID

from workflows.denial_case.types import Message


class DraftLetterInput(Message):
    """The case and the step of its appeal; the letter is dated by `at`, the workflow's clock."""

    case_id: UUID
    level: int
    at: datetime


class DraftLetterResult(Message):
    """The letter's id, or None where none may be sent."""

    letter_id: UUID | None
