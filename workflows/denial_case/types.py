"""What crosses the boundary of `DenialCaseWorkflow`: ids, codes, dates and amounts; never PHI or free text.

What a person types into a step (confirmation, reason) stands in Postgres under the step's id before the
workflow hears of the step (`step_words`), and goes from there into the timeline.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, Step


class Message(BaseModel):
    """Immutable; new fields get defaults."""

    model_config = ConfigDict(frozen=True)


class StepInput(Message):
    """A person's step. `step_id` makes a repeated click one step; `case_version` is what the form showed."""

    step_id: UUID
    actor_id: UUID
    case_version: int


class AssignInput(StepInput):
    """Give the case to a person, or to nobody."""

    step: Literal[Step.ASSIGN] = Step.ASSIGN
    assignee_id: UUID | None


class ApproveInput(StepInput):
    """Approve the letter, or the correction where the case has no letter."""

    step: Literal[Step.APPROVE] = Step.APPROVE


class SendInput(StepInput):
    """Send the approved letter's package through a channel. For a portal its words are the confirmation."""

    step: Literal[Step.SEND] = Step.SEND
    channel: ChannelName


class ResubmitInput(StepInput):
    """Write the corrected claim. Its words are the corrections: `Corrections` of the domain, as JSON."""

    step: Literal[Step.RESUBMIT] = Step.RESUBMIT


class SubmitInput(StepInput):
    """It was sent: how, and on which date. Its words are the confirmation number, if there is one."""

    step: Literal[Step.SUBMIT] = Step.SUBMIT
    channel: ChannelName
    submitted_on: date


class DecideInput(StepInput):
    """The payer answered."""

    step: Literal[Step.DECIDE] = Step.DECIDE
    decision: PayerDecision
    decided_on: date
    final: bool = False  # upheld, and nobody appeals further


class WriteOffInput(StepInput):
    """The open dollars are given up. Its words say why."""

    step: Literal[Step.WRITE_OFF] = Step.WRITE_OFF


class BillPatientInput(StepInput):
    """The patient owes it, by the payer's own words. Its words say why."""

    step: Literal[Step.BILL_PATIENT] = Step.BILL_PATIENT


class NotADenialInput(StepInput):
    """Nothing was denied here. Its words say what it is instead."""

    step: Literal[Step.NOT_A_DENIAL] = Step.NOT_A_DENIAL


class PendInput(StepInput):
    """Out of the queue for some business days. Its words say why; past the safe date a lead has to."""

    step: Literal[Step.PEND] = Step.PEND
    business_days: int = Field(ge=1, le=250)


class SetDeadlineInput(StepInput):
    """The last day by a person's own finding. Its words say where it comes from."""

    step: Literal[Step.SET_DEADLINE] = Step.SET_DEADLINE
    due_on: date


class ProveReceiptInput(StepInput):
    """When what is answered was received. Its words are the proof and the reason of the delay."""

    step: Literal[Step.PROVE_RECEIPT] = Step.PROVE_RECEIPT
    received_on: date


class UndoInput(StepInput):
    """Take the last step back."""

    step: Literal[Step.UNDO] = Step.UNDO


class ReopenInput(StepInput):
    """Work a closed case again. Its words say why."""

    step: Literal[Step.REOPEN] = Step.REOPEN


PersonsStep = Annotated[
    AssignInput
    | ApproveInput
    | SendInput
    | ResubmitInput
    | SubmitInput
    | DecideInput
    | WriteOffInput
    | BillPatientInput
    | NotADenialInput
    | PendInput
    | SetDeadlineInput
    | ProveReceiptInput
    | UndoInput
    | ReopenInput,
    Field(discriminator="step"),
]


class StepResult(Message):
    """Where the case stands after a step."""

    status: CaseStatus
    case_version: int
    outcome: Outcome | None = None


class RemittanceReceived(Message):
    """A later remittance answered the case's claim. `event_id` is applied once."""

    event_id: UUID
    claim_payment_id: UUID


class Reclassified(Message):
    """Other rules see the case otherwise; its row says how. `event_id` is applied once. `only_deadline`
    where the row is as it was, and its last day may be another."""

    event_id: UUID
    only_deadline: bool = False


class Appeal(Message):
    """What one level of a case's appeal is: sent through `channel` by us, or by a person where it is None."""

    case_id: UUID
    level: int
    channel: ChannelName | None = None
    step_id: UUID  # of the step that sent it
    recall_seconds: int = 0  # so long it waits before it goes out, and can be called back


class Correction(Appeal):
    """One corrected claim; `level` counts those of the case from 1."""


class PreparedCase(Message):
    """What preparing the case found out."""

    status: CaseStatus
    due_on: date | None
    needs_letter: bool
    reminder_days: tuple[int, ...]
    case_version: int
    letter_level: int = 1
    payer_key: str | None = None
    category: str = ""
    queue: str = ""
    appeal: Appeal | None = None  # what is with the payer already, where the workflow is started anew


class CaseMoved(Message):
    """What another workflow did to a case: where it stands, and its plan where that is another now;
    `deadline_lost` where no last day is known any more."""

    standing: StepResult
    plan: PreparedCase | None = None
    deadline_lost: bool = False


class CaseStanding(Message):
    """What the claim's adjudications leave of the case's dollars."""

    denied_amount: Decimal  # first denied; of what had no price, what came of it
    recovered_amount: Decimal
    still_denied_amount: Decimal
    taken_back_amount: Decimal = Decimal("0.00")  # recovered first, and taken back since
    unpriced_amount: Decimal = Decimal("0.00")  # the most that denials without a price can still be worth


class StepAnswer(Message):
    """What became of one step: a result, or the sentence that refuses it.

    `plan` where the step gave the case another deadline or another letter, `appeal` or `correction` where it
    set one off.
    """

    step_id: UUID
    result: StepResult | None = None
    refusal: str | None = None
    plan: PreparedCase | None = None
    appeal: Appeal | None = None
    correction: Correction | None = None


class DenialCaseState(Message):
    """What one run of the workflow hands to the next."""

    standing: StepResult
    due_on: date | None
    reminder_days: tuple[int, ...]
    alarms_done: datetime  # those up to this instant
    answers: tuple[StepAnswer, ...] = ()
    events: tuple[UUID, ...] = ()
    appeal_level: int | None = None  # of the appeal that runs
    correction: int | None = None  # the corrected claim that is under way


class DenialCaseInput(Message):
    """The case to run; `state` where an earlier run of it has come to its history's end."""

    case_id: UUID
    state: DenialCaseState | None = None


class PrepareCaseInput(Message):
    """The case to prepare. `at` is the workflow's clock, here and below."""

    case_id: UUID
    at: datetime


class RecordStepInput(Message):
    """A step that fits the case's status, to be recorded."""

    case_id: UUID
    at: datetime
    step: PersonsStep


class RecordRemittanceInput(Message):
    """A remittance to be held against the case."""

    case_id: UUID
    at: datetime
    remittance: RemittanceReceived


class ReplanCaseInput(Message):
    """A case whose classification has changed, to be planned anew."""

    case_id: UUID
    at: datetime
    reclassified: Reclassified


class RecordReminderInput(Message):
    """So many days are left."""

    case_id: UUID
    at: datetime
    days_left: int


class ExpireCaseInput(Message):
    """The deadline passed without a submission."""

    case_id: UUID
    at: datetime


class AskForPersonInput(Message):
    """What the system could not do: `task` is the activity's name, `problem` the kind of error."""

    case_id: UUID
    at: datetime
    task: str
    problem: str
