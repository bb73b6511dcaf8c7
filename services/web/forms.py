"""The forms of the case page, and the step each of them asks for."""

from datetime import date
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import PayerDecision
from workflows.denial_case.types import StepInput

Step = TypeVar("Step", bound=StepInput)
NO_ONE: Final = "nobody"
NO_NUL: Final = r"^[^\x00]*$"
"""PostgreSQL's text cannot hold a NUL; what carries one is refused here, not by the database."""


Confirmation = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]


def _nobody_is_none(value: object) -> object:
    return None if value == NO_ONE else value


class StepForm(BaseModel):
    """Every step form: made once (`step_id`) from one version of the case."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    case_version: int

    @property
    def words(self) -> str:
        """What the person typed; it goes to Postgres and never into a workflow."""
        return ""

    def asks(self, step: type[Step], actor_id: UUID) -> Step:
        """The step the workflow is asked for, in the name of `actor_id`."""
        return step.model_validate({**self.model_dump(exclude={"form_token"}), "actor_id": actor_id})


class AssignForm(StepForm):
    assignee_id: Annotated[UUID | None, BeforeValidator(_nobody_is_none)]


class ApproveForm(StepForm):
    pass


class SendForm(StepForm):
    channel: ChannelName
    confirmation: Confirmation = ""

    @property
    def words(self) -> str:
        return self.confirmation


class SubmitForm(StepForm):
    channel: ChannelName
    submitted_on: date
    confirmation: Confirmation = ""

    @property
    def words(self) -> str:
        return self.confirmation


class DecideForm(StepForm):
    decision: PayerDecision
    decided_on: date
    final: bool = False


class ReasonForm(StepForm):
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_NUL)
    ]

    @property
    def words(self) -> str:
        return self.reason


class TokenForm(BaseModel):
    """A button that needs nothing but the token."""

    model_config = ConfigDict(extra="forbid")

    form_token: str


class WriteOffForm(ReasonForm):
    pass


class PendForm(ReasonForm):
    business_days: Annotated[int, Field(ge=1, le=250)]


class SetDeadlineForm(ReasonForm):
    due_on: date


class UndoForm(StepForm):
    pass


class ReopenForm(ReasonForm):
    pass


class LetterForm(BaseModel):
    """An edited letter, with the version of it that the editor was given."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    version: int
    markdown: Annotated[str, StringConstraints(min_length=1, pattern=NO_NUL)]
