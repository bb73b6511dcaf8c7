"""What a case is told and asked: handlers check against what the run knows, and append to its inbox."""

import asyncio
from collections import deque

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from overturn.domain.denial_case import CaseStatus, StepRefusedError
from overturn.domain.practice_day import practice_date
from workflows.appeal.types import DraftLetterResult
from workflows.denial_case.step_checks import refuse_future, refuse_misfit
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    BillPatientInput,
    CaseMoved,
    DecideInput,
    DenialCaseInput,
    DenialCaseState,
    NotADenialInput,
    PendInput,
    PersonsStep,
    ProveReceiptInput,
    Reclassified,
    RemittanceReceived,
    ResubmitInput,
    SendInput,
    SetDeadlineInput,
    StepResult,
    SubmitInput,
    UndoInput,
    WriteOffInput,
)

CaseMessage = PersonsStep | RemittanceReceived | Reclassified | CaseMoved


class CaseMessages:
    """The handlers of `DenialCaseWorkflow`, whose loop takes the inbox, and what both look at."""

    def __init__(self, case: DenialCaseInput) -> None:
        self._case_id = case.case_id
        self._state = case.state or DenialCaseState(
            standing=StepResult(status=CaseStatus.OPENED, case_version=0),
            due_on=None,
            reminder_days=(),
            alarms_done=workflow.now(),
        )
        self._answers = {answer.step_id: answer for answer in self._state.answers}
        self._inbox: deque[CaseMessage] = deque()
        self._draft: asyncio.Task[DraftLetterResult] | None = None

    @workflow.signal
    def remittance_received(self, remittance: RemittanceReceived) -> None:
        self._inbox.append(remittance)

    @workflow.signal
    def reclassified(self, reclassified: Reclassified) -> None:
        self._inbox.append(reclassified)

    @workflow.signal
    def case_moved(self, moved: CaseMoved) -> None:
        self._inbox.append(moved)

    @workflow.update
    async def assign(self, step: AssignInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def approve(self, step: ApproveInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def send(self, step: SendInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def resubmit(self, step: ResubmitInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def submit(self, step: SubmitInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def decide(self, step: DecideInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def write_off(self, step: WriteOffInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def bill_patient(self, step: BillPatientInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def not_a_denial(self, step: NotADenialInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def pend(self, step: PendInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def set_deadline(self, step: SetDeadlineInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def prove_receipt(self, step: ProveReceiptInput) -> StepResult:
        return await self._answer(step)

    @workflow.update
    async def undo(self, step: UndoInput) -> StepResult:
        return await self._answer(step)

    @assign.validator
    def _check_assign(self, step: AssignInput) -> None:
        self._check(step)

    @approve.validator
    def _check_approve(self, step: ApproveInput) -> None:
        self._check(step)

    @send.validator
    def _check_send(self, step: SendInput) -> None:
        self._check(step)

    @resubmit.validator
    def _check_resubmit(self, step: ResubmitInput) -> None:
        self._check(step)

    @submit.validator
    def _check_submit(self, step: SubmitInput) -> None:
        self._check(step)

    @decide.validator
    def _check_decide(self, step: DecideInput) -> None:
        self._check(step)

    @write_off.validator
    def _check_write_off(self, step: WriteOffInput) -> None:
        self._check(step)

    @bill_patient.validator
    def _check_bill_patient(self, step: BillPatientInput) -> None:
        self._check(step)

    @not_a_denial.validator
    def _check_not_a_denial(self, step: NotADenialInput) -> None:
        self._check(step)

    @pend.validator
    def _check_pend(self, step: PendInput) -> None:
        self._check(step)

    @set_deadline.validator
    def _check_set_deadline(self, step: SetDeadlineInput) -> None:
        self._check(step)

    @prove_receipt.validator
    def _check_prove_receipt(self, step: ProveReceiptInput) -> None:
        self._check(step)

    @undo.validator
    def _check_undo(self, step: UndoInput) -> None:
        self._check(step)

    @workflow.query
    def status(self) -> StepResult:
        return self._state.standing

    def _check(self, step: PersonsStep) -> None:
        """Refuse what cannot be done, before it enters the history; what was answered is answered again.

        The date is looked at here alone: no replay comes by, and what is past stays past.
        """
        if step.step_id not in self._answers:
            self._refuse_misfit(step)
            refuse_future(step, today=practice_date(workflow.now()))

    def _refuse_misfit(self, step: PersonsStep) -> None:
        drafting = self._draft is not None and not self._draft.done()
        refuse_misfit(step, self._state.standing, drafting=drafting)

    async def _answer(self, step: PersonsStep) -> StepResult:
        self._inbox.append(step)
        await workflow.wait_condition(lambda: step.step_id in self._answers)
        answer = self._answers[step.step_id]
        if answer.result is None:
            raise ApplicationError(answer.refusal or "", type=StepRefusedError.__name__, non_retryable=True)
        return answer.result
