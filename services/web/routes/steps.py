"""`/cases/{id}/steps/…`: the steps a person can take; the case's workflow decides."""

from http import HTTPStatus
from typing import Annotated, Final, cast

from fastapi import APIRouter, Form, Response

from overturn.domain.denial_case import StepRefusedError
from overturn.reporting.people import colleagues
from services.web.forms import (
    ApproveForm,
    AssignForm,
    BillPatientForm,
    DecideForm,
    NotADenialForm,
    PendForm,
    ProveReceiptForm,
    ReopenForm,
    ResubmitForm,
    SendForm,
    SetDeadlineForm,
    StepForm,
    SubmitForm,
    UndoForm,
    WriteOffForm,
)
from services.web.routes.cases import CaseRequest, Notice, OnCase, case_done, case_page
from workflows.denial_case.step_client import StepNotTakenError
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    BillPatientInput,
    DecideInput,
    NotADenialInput,
    PendInput,
    PersonsStep,
    ProveReceiptInput,
    ReopenInput,
    ResubmitInput,
    SendInput,
    SetDeadlineInput,
    StepInput,
    SubmitInput,
    UndoInput,
    WriteOffInput,
)

router = APIRouter(prefix="/cases/{case_id}/steps")

NO_CHANNEL: Final = "This way of sending is not open any more. Choose another."
NO_COLLEAGUE: Final = "This person can no longer be given work. Choose another."


@router.post("/assign")
async def assign(on: OnCase, form: Annotated[AssignForm, Form()]) -> Response:
    if form.assignee_id and form.assignee_id not in {person.id for person in await colleagues(on.session)}:
        refusal = Notice(refusal=NO_COLLEAGUE, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return await case_page(on, refusal)
    return await _take(on, form, AssignInput)


@router.post("/approve")
async def approve(on: OnCase, form: Annotated[ApproveForm, Form()]) -> Response:
    return await _take(on, form, ApproveInput)


@router.post("/send")
async def send(on: OnCase, form: Annotated[SendForm, Form()]) -> Response:
    if form.channel not in on.web.channels:
        return await case_page(on, Notice(refusal=NO_CHANNEL, status=HTTPStatus.UNPROCESSABLE_ENTITY))
    return await _take(on, form, SendInput)


@router.post("/resubmit")
async def resubmit(on: OnCase, form: Annotated[ResubmitForm, Form()]) -> Response:
    return await _take(on, form, ResubmitInput)


@router.post("/submit")
async def submit(on: OnCase, form: Annotated[SubmitForm, Form()]) -> Response:
    return await _take(on, form, SubmitInput)


@router.post("/decide")
async def decide(on: OnCase, form: Annotated[DecideForm, Form()]) -> Response:
    return await _take(on, form, DecideInput)


@router.post("/write_off")
async def write_off(on: OnCase, form: Annotated[WriteOffForm, Form()]) -> Response:
    return await _take(on, form, WriteOffInput)


@router.post("/bill_patient")
async def bill_patient(on: OnCase, form: Annotated[BillPatientForm, Form()]) -> Response:
    return await _take(on, form, BillPatientInput)


@router.post("/not_a_denial")
async def not_a_denial(on: OnCase, form: Annotated[NotADenialForm, Form()]) -> Response:
    return await _take(on, form, NotADenialInput)


@router.post("/pend")
async def pend(on: OnCase, form: Annotated[PendForm, Form()]) -> Response:
    return await _take(on, form, PendInput)


@router.post("/set_deadline")
async def set_deadline(on: OnCase, form: Annotated[SetDeadlineForm, Form()]) -> Response:
    return await _take(on, form, SetDeadlineInput)


@router.post("/prove_receipt")
async def prove_receipt(on: OnCase, form: Annotated[ProveReceiptForm, Form()]) -> Response:
    return await _take(on, form, ProveReceiptInput)


@router.post("/undo")
async def undo(on: OnCase, form: Annotated[UndoForm, Form()]) -> Response:
    return await _take(on, form, UndoInput)


@router.post("/reopen")
async def reopen(on: OnCase, form: Annotated[ReopenForm, Form()]) -> Response:
    return await _take(on, form, ReopenInput)


async def _take(on: CaseRequest, form: StepForm, kind: type[StepInput]) -> Response:
    """Ask the workflow; its refusal comes back as a sentence over the case as it now stands."""
    step = cast("PersonsStep", form.asks(kind, on.person.user_id))
    try:
        await on.web.take_step(on.case_id, step, form.words)
    except StepRefusedError as error:
        return await case_page(on, Notice(refusal=str(error), status=HTTPStatus.CONFLICT))
    except StepNotTakenError as error:
        return await case_page(on, Notice(refusal=str(error), status=HTTPStatus.SERVICE_UNAVAILABLE))
    return case_done(on, step.step)
