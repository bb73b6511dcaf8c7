"""`/records`: payers that ask for records, and the steps of a person on each request."""

import asyncio
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints
from starlette.responses import RedirectResponse

from overturn.db import exhibits
from overturn.db.tables import RecordsRequest
from overturn.domain.channel_names import APPEAL_CHANNELS, ChannelName
from overturn.domain.denial_case import CaseStatus, StepRefusedError
from overturn.domain.practice_day import practice_date
from overturn.domain.records_request import (
    OUTSIDERS,
    Notice,
    Requester,
    RequestOutcome,
    RequestStatus,
    RequestStep,
    allowed_steps,
)
from overturn.letters import LetterError
from overturn.packages import PackageError, UploadRefusedError, build_package
from overturn.records.documents import LETTER, askable_documents, asked_documents
from overturn.records.opening import NewRequest, open_request
from overturn.records.package import LetterIncompleteError, records_package
from overturn.records.steps import RequestOrder, take_request_step
from overturn.reporting.case_page import case_record
from overturn.reporting.package_record import AddressUnknownError
from overturn.reporting.people import colleagues
from overturn.reporting.records_requests import (
    RequestRow,
    ended_requests,
    one_request,
    open_requests,
    timeline_of,
)
from overturn.reporting.sendings import sendings_of
from overturn.rulebook import Rulebook
from overturn.rulebook.appeals import limits_of
from services.web import presenters
from services.web.context import Now, Today, Transaction, WebContext
from services.web.documents import Owner, Upload, keep_upload, package_answer, taken
from services.web.forms import NO_NUL, NO_ONE, Assignee, OptionalDate, TokenForm, blank_is_none
from services.web.guard import Person
from services.web.pages import page, problem
from services.web.routes.sendings import sent_package, sent_proof

router = APIRouter(prefix="/records")

ENDED_SHOWN: Final = 50
NO_REQUEST: Final = "There is no such request. The page Records lists those that are open."
FIXED: Final = "The documents are gathered: take that step back before you change them."
REQUESTERS: Final = {
    Requester.PAYER: "The payer itself",
    Requester.MAC: "Medicare contractor that pays (MAC)",
    Requester.RAC: "Recovery auditor (RAC)",
    Requester.UPIC: "Program integrity contractor (UPIC)",
}
NOTICES: Final = {
    Notice.LETTER: "Letter",
    Notice.REMITTANCE: "Remittance",
    Notice.CLAIM_STATUS: "Claim status (277)",
}
DONE: Final = {
    "opened": "The request is on record. Reminders come 14, 7 and 1 days before its last day, and on it.",
    "exhibit": "The document is checked and stands in the package.",
    "removed": "The document is taken out of the package.",
    RequestStep.ASSIGN: "The assignment is saved.",
    RequestStep.GATHERED: "Gathered. Send it, or mark it as sent.",
    RequestStep.UNDO: "Back to gathering.",
    RequestStep.SEND: "It goes out within a minute. The timeline says how it went.",
    RequestStep.MARK_SENT: "Marked as sent. The payer has the next step.",
    RequestStep.SET_DEADLINE: "The last day is set; reminders follow it.",
    RequestStep.DECIDE: "The payer's decision is recorded.",
    RequestStep.WITHDRAW: "Closed: it needs no answer.",
}
_CHIP_STATUS: Final = {
    RequestStatus.GATHERING: CaseStatus.NEEDS_WORK,
    RequestStatus.READY: CaseStatus.APPROVED,
    RequestStatus.SENDING: CaseStatus.SENDING,
    RequestStatus.SENT: CaseStatus.SUBMITTED,
    RequestStatus.MISSED: CaseStatus.RESOLVED,
    RequestStatus.CLOSED: CaseStatus.RESOLVED,
}


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=NO_NUL)]


class OpenForm(BaseModel):
    """What the payer's request says; `step_id` was made with the form."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    case_id: Annotated[UUID | None, BeforeValidator(blank_is_none)] = None
    claim_number: Line = ""
    requester: Requester
    requester_name: Line = ""
    notice: Notice
    requested_on: date
    printed_due_on: OptionalDate = None
    reference: Line = ""
    documents: list[Line] = []
    other_documents: Text = ""

    def asks(self, actor_id: UUID) -> NewRequest:
        told = self.model_dump(exclude={"form_token", "documents"})
        return NewRequest(**told, documents=tuple(self.documents), actor_id=actor_id)


class OrderForm(BaseModel):
    """One step; what it does not need is left out. It was made from one version of the request."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    version: int
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NO_NUL)] = ""
    on: OptionalDate = None
    channel: Annotated[ChannelName | None, BeforeValidator(blank_is_none)] = None
    assignee_id: Assignee = None
    accepted: bool = False

    def asks(self, step: RequestStep, actor_id: UUID) -> RequestOrder:
        return RequestOrder(step=step, actor_id=actor_id, **self.model_dump(exclude={"form_token"}))


@dataclass(frozen=True, slots=True)
class OnRecords:
    """A request of the browser about records, with all that answering it takes."""

    request: Request
    session: Transaction
    web: WebContext
    person: Person
    today: Today
    now: Now

    async def rules(self) -> Rulebook:
        """The rules in force."""
        return await self.web.rules.current(self.session)


On = Annotated[OnRecords, Depends(OnRecords)]


@router.get("")
async def show_requests(on: On) -> Response:
    waiting = await open_requests(on.session)
    return page(
        on.request,
        "records.html",
        requests=waiting,
        ended=await ended_requests(on.session, limit=ENDED_SHOWN),
        shown=ENDED_SHOWN,
        chip=lambda row: _deadline(row, on.today).chip,
    )


@router.get("/new")
async def new_request(on: On, case_id: UUID | None = None) -> Response:
    return await _form(on, case_id)


@router.post("")
async def open_new_request(on: On, form: Annotated[OpenForm, Form()]) -> Response:
    try:
        request_id = await open_request(
            on.session, form.asks(on.person.user_id), rulebook=await on.rules(), at=on.now
        )
    except StepRefusedError as error:
        return await _form(on, form.case_id, entered=form, refusal=str(error))
    return _done(request_id, "opened")


@router.get("/{request_id}")
async def show_request(on: On, request_id: UUID, done: str = "") -> Response:
    return await _page(on, request_id, done=DONE.get(done, ""))


@router.post("/{request_id}/steps/{step}")
async def take_step(
    on: On, request_id: UUID, step: RequestStep, form: Annotated[OrderForm, Form()]
) -> Response:
    try:
        async with on.session.begin_nested():  # what is refused leaves nothing
            await take_request_step(
                on.session,
                request_id,
                form.asks(step, on.person.user_id),
                rulebook=await on.rules(),
                at=on.now,
            )
    except StepRefusedError as error:
        return await _page(on, request_id, refusal=str(error), status=HTTPStatus.CONFLICT)
    return _done(request_id, step)


@router.post("/{request_id}/exhibits")
async def add_document(
    *,
    on: On,
    request_id: UUID,
    form_token: Annotated[str, Form()],  # noqa: ARG001 - the guard has checked it
    document: Annotated[str, Form(max_length=100, pattern=NO_NUL)],
    file: UploadFile,
) -> Response:
    """Check the file, make a PDF of it, and keep it with the request."""
    refused = await _fixed(on, request_id)
    if refused is not None:
        return refused
    content = await file.read()
    try:
        pdf = await taken(content, scan_command=on.web.scan_command)
    except UploadRefusedError as error:
        return await _page(on, request_id, refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    await keep_upload(
        on.session,
        Owner(0, request_id=request_id),
        Upload(document, file.filename or "document", content, pdf),
        required=[row for row in (await on.rules()).required_documents if row.letter == LETTER],
        uploaded_by=on.person.user_id,
        now=on.now,
    )
    return _done(request_id, "exhibit")


@router.post("/{request_id}/exhibits/{exhibit_id}/remove")
async def remove_document(
    on: On,
    request_id: UUID,
    exhibit_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    refused = await _fixed(on, request_id)
    if refused is not None:
        return refused
    await exhibits.remove_exhibit(on.session, exhibit_id, request_id=request_id)
    return _done(request_id, "removed")


@router.get("/{request_id}/package")
async def download_package(on: On, request_id: UUID, channel: ChannelName = ChannelName.MAIL) -> Response:
    """The answer as the channel takes it: a PDF, or a ZIP of its parts."""
    row = await on.session.get(RecordsRequest, request_id)
    if row is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_REQUEST)
    try:
        package = await records_package(on.session, row, channel=channel, dated_on=practice_date(on.now))
        limits = limits_of((await on.rules()).channel_limits, channel, row.payer_key)
        files = await asyncio.to_thread(build_package, package, limits=limits)
    except (AddressUnknownError, LetterIncompleteError, PackageError, LetterError) as error:
        return await _page(on, request_id, refusal=str(error), status=HTTPStatus.CONFLICT)
    return package_answer(files, f"records-{request_id.hex[:8]}")


@router.get("/{request_id}/sendings/{sending_id}/package")
async def download_sent(on: On, request_id: UUID, sending_id: UUID) -> Response:
    return await sent_package(on.request, on.session, request_id, sending_id)


@router.get("/{request_id}/sendings/{sending_id}/proof.json")
async def download_proof(on: On, request_id: UUID, sending_id: UUID) -> Response:
    return await sent_proof(on.request, on.session, request_id, sending_id)


def _done(request_id: UUID, what: str) -> Response:
    return RedirectResponse(f"/records/{request_id}?done={what}", HTTPStatus.SEE_OTHER)


async def _fixed(on: OnRecords, request_id: UUID) -> Response | None:
    """The answer that says why the documents cannot change, or None while they can."""
    row = await on.session.get(RecordsRequest, request_id)
    if row is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_REQUEST)
    if row.status != RequestStatus.GATHERING:
        return await _page(on, request_id, refusal=FIXED, status=HTTPStatus.CONFLICT)
    return None


async def _form(
    on: OnRecords, case_id: UUID | None, *, entered: OpenForm | None = None, refusal: str = ""
) -> Response:
    record = await case_record(on.session, case_id) if case_id else None
    rules = await on.rules()
    return page(
        on.request,
        "records_new.html",
        status=HTTPStatus.CONFLICT if refusal else HTTPStatus.OK,
        case=record.case if record else None,
        entered=entered,
        documents=askable_documents(rules, record.case.payer_key if record else None),
        requesters=REQUESTERS,
        notices=NOTICES,
        step_id=uuid4(),
        today=on.today,
        refusal=refusal,
    )


async def _page(
    on: OnRecords,
    request_id: UUID,
    *,
    done: str = "",
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """The request as it stands now, with what came of the step on top; 404 without such a request."""
    row = await one_request(on.session, request_id)
    if row is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_REQUEST)
    stored = await on.session.get_one(RecordsRequest, request_id)
    told: dict[str, Any] = {
        "row": row,
        "deadline": _deadline(row, on.today),
        "asked": await asked_documents(on.session, stored, await on.rules()),
        "exhibits": await exhibits.supplied_exhibits(on.session, request_id=request_id),
        "editable": row.status == RequestStatus.GATHERING,
        "sendings": await sendings_of(on.session, request_id),
        "timeline": await timeline_of(on.session, request_id),
        "steps": [step.value for step in allowed_steps(RequestStatus(row.status))],
        "people": await colleagues(on.session),
    }
    return page(
        on.request,
        "records_request.html",
        status=status,
        **told,
        ways=on.web.channels,
        appeal_channels=list(APPEAL_CHANNELS),
        channels=[channel.value for channel in ChannelName],
        requester=row.requester_name if row.requester in OUTSIDERS else REQUESTERS[Requester(row.requester)],
        notice=NOTICES[Notice(row.notice)],
        step_id=uuid4,
        no_one=NO_ONE,
        today=on.today,
        done_text=done,
        refusal=refusal,
    )


def _deadline(row: RequestRow, today: date) -> presenters.DeadlineView:
    """As a case's deadline is shown."""
    status = _CHIP_STATUS[RequestStatus(row.status)]
    outcome = "expired" if row.outcome == RequestOutcome.MISSED else None
    return presenters.deadline_view(row.deadline, row.due_on, today, status, outcome)
