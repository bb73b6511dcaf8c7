"""The forms of the case page, and the step each of them asks for."""

from datetime import date
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import PayerDecision
from overturn.domain.remittance import Party
from overturn.domain.resubmission import Corrections, LineCorrection
from workflows.denial_case.resubmitting import written_corrections
from workflows.denial_case.types import StepInput

Step = TypeVar("Step", bound=StepInput)
NO_ONE: Final = "nobody"
PLACES: Final = r"^(\d{1,3}:[A-Za-z0-9]{2}\s*)*$"
"""Lines and modifiers, such as `1:KX 2:59`."""

NO_NUL: Final = r"^[^\x00]*$"
"""PostgreSQL's text cannot hold a NUL; what carries one is refused here, not by the database."""


Confirmation = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]


def blank_is_none(value: object) -> object:
    """An input that was left empty says nothing."""
    return None if value == "" else value


def _nobody_is_none(value: object) -> object:
    return None if value == NO_ONE else value


OptionalDate = Annotated[date | None, BeforeValidator(blank_is_none)]
Assignee = Annotated[UUID | None, BeforeValidator(_nobody_is_none)]
"""Whom a choice of people names; it says nobody, too."""


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
    assignee_id: Assignee


class ApproveForm(StepForm):
    pass


class SendForm(StepForm):
    channel: ChannelName
    confirmation: Confirmation = ""

    @property
    def words(self) -> str:
        return self.confirmation


class ResubmitForm(StepForm):
    """What is to be corrected; a field left empty leaves the claim as it was sent."""

    add_modifiers: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLACES)
    ] = ""
    remove_modifiers: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLACES)
    ] = ""
    rendering_npi: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10, pattern=NO_NUL)] = (
        ""
    )
    authorization: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50, pattern=NO_NUL)] = (
        ""
    )

    @property
    def words(self) -> str:
        return written_corrections(self.corrections)

    @property
    def corrections(self) -> Corrections:
        added, removed = _places(self.add_modifiers), _places(self.remove_modifiers)
        return Corrections(
            tuple(
                LineCorrection(
                    line,
                    tuple(modifier for number, modifier in added if number == line),
                    tuple(modifier for number, modifier in removed if number == line),
                )
                for line in sorted({number for number, _ in (*added, *removed)})
            ),
            Party(identifier=self.rendering_npi) if self.rendering_npi else None,
            self.authorization or None,
        )

    def asks(self, step: type[Step], actor_id: UUID) -> Step:
        """The corrections may say more of the patient than the workflow is to know."""
        return step.model_validate(
            {"step_id": self.step_id, "case_version": self.case_version, "actor_id": actor_id}
        )


def _places(text: str) -> list[tuple[int, str]]:
    """Line and modifier of each `2:KX`."""
    return [(int(line), modifier.upper()) for line, _, modifier in (p.partition(":") for p in text.split())]


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


class BillPatientForm(ReasonForm):
    pass


class NotADenialForm(ReasonForm):
    pass


class PendForm(ReasonForm):
    business_days: Annotated[int, Field(ge=1, le=250)]


class SetDeadlineForm(ReasonForm):
    due_on: date


class ProveReceiptForm(ReasonForm):
    received_on: date
    proof: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL)
    ]

    @property
    def words(self) -> str:
        return f"{self.proof}. Why it came late: {self.reason}."


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
