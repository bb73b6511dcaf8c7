"""What crosses the boundary of `RecordsRequestWorkflow`: ids, instants and the kind of an error."""

from datetime import datetime
from uuid import UUID

from workflows.denial_case.types import Message, StepResult


class RequestInput(Message):
    """The request to see through."""

    request_id: UUID


class ReviewRequestInput(Message):
    """The request to look at; `at` is the workflow's clock, here and below."""

    request_id: UUID
    at: datetime


class CaseToTell(Message):
    """The case of the request was moved by it."""

    case_id: UUID
    standing: StepResult


class RequestReview(Message):
    """When to look again, if nothing is heard before; None once the request is over. `sending_id` is what is
    to go out now."""

    next_at: datetime | None
    sending_id: UUID | None = None
    case: CaseToTell | None = None


class SendRecordsInput(Message):
    """The documents of this request, to go out under the sending's id."""

    request_id: UUID
    sending_id: UUID
    at: datetime


class RecordsNotSentInput(SendRecordsInput):
    """They did not go out, or nobody can tell; `problem` is the kind of error."""

    problem: str
