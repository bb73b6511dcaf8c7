"""What crosses the boundary of `AppealWorkflow` and of the letter activities: ids, codes and dates."""

from datetime import date, datetime
from uuid import UUID

from workflows.denial_case.types import Appeal, Message


class DraftLetterInput(Message):
    """The case and the step of its appeal; the letter is dated by `at`, the workflow's clock."""

    case_id: UUID
    level: int
    at: datetime


class DraftLetterResult(Message):
    """The letter's id, or None where none may be sent."""

    letter_id: UUID | None


class AppealInput(Message):
    """The appeal to see through; `asked` where an earlier run of it has come to its history's end."""

    appeal: Appeal
    asked: int | None = None
    next_on: date | None = None


class SendLetterInput(Message):
    """The letter of this case and level, to go out through the appeal's channel."""

    appeal: Appeal
    at: datetime


class NotSentInput(Message):
    """It did not go out, or nobody can tell; `problem` is the kind of error."""

    appeal: Appeal
    at: datetime
    problem: str


class WatchInput(Message):
    """How often the payer was asked about this appeal."""

    appeal: Appeal
    at: datetime
    asked: int


class Watch(Message):
    """When to ask next; None once nothing is waited for."""

    next_on: date | None
