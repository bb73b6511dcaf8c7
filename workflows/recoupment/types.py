"""What crosses the boundary of `RecoupmentWorkflow`: ids and instants."""

from datetime import datetime
from uuid import UUID

from workflows.denial_case.types import Message


class RecoupmentInput(Message):
    """The recoupment to see through."""

    recoupment_id: UUID


class ReviewInput(Message):
    """The recoupment to look at; `at` is the workflow's clock, here and below."""

    recoupment_id: UUID
    at: datetime


class Review(Message):
    """When to look again, if nothing is heard before; None once it is closed. `sending_id`: a rebuttal that
    is to go out now."""

    next_at: datetime | None
    sending_id: UUID | None = None


class RebuttalInput(Message):
    """The rebuttal to send, by its sending."""

    sending_id: UUID
    at: datetime


class RebuttalNotSentInput(RebuttalInput):
    """It did not go out, or nobody can tell; `problem` is the kind of error."""

    problem: str
