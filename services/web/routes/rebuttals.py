"""`/recoupments/{id}/rebuttal`: draft the rebuttal, edit it, add its documents, and have it sent."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import StringConstraints

from overturn.db import exhibits
from overturn.db.recoupment_sending import call_back, send_rebuttal
from overturn.db.tables import Recoupment, RecoupmentLetter
from overturn.domain.channel_names import ChannelName
from overturn.domain.recoupment import FIRST_LEVEL, RecoupmentStatus, RecoupmentStep, allowed_steps
from overturn.letters import LetterError, render_pdf
from overturn.packages import PackageError, UploadRefusedError, build_package
from overturn.recoupment_letters import LETTER, draft_rebuttal, edit_rebuttal
from overturn.recoupment_package import rebuttal_package
from overturn.reporting.package_record import AddressUnknownError
from overturn.rulebook.appeals import limits_of
from services.web.context import WebContext
from services.web.documents import Owner, Upload, keep_upload, package_answer, taken
from services.web.forms import NO_NUL, TokenForm
from services.web.pages import problem
from services.web.routes.recoupment_steps import On, OnRecoupment, Reason, StepForm

router = APIRouter(prefix="/recoupments/{recoupment_id}/rebuttal")

NO_LETTER: Final = "There is no such letter."
FIXED: Final = "The rebuttal is not a draft any more: its documents can no longer be changed."
NO_CHANNEL: Final = "This way of sending is not open any more. Choose another."


class DraftForm(StepForm):
    reason: Reason


class EditForm(StepForm):
    markdown: Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=NO_NUL)]


class SendForm(StepForm):
    channel: ChannelName


@router.post("/draft")
async def draft(on: On, form: Annotated[DraftForm, Form()], web: WebContext) -> Response:
    rulebook = await web.rules.current(on.session)
    try:
        return await on.take(form, draft_rebuttal, reason=form.reason, rulebook=rulebook)
    except LetterError as error:
        return await on.shown(refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)


@router.post("/edit")
async def edit(on: On, form: Annotated[EditForm, Form()]) -> Response:
    try:
        return await on.take(form, edit_rebuttal, markdown=form.markdown.replace("\r\n", "\n"))
    except LetterError as error:
        return await on.shown(refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)


@router.post("/send")
async def send(on: On, form: Annotated[SendForm, Form()], web: WebContext) -> Response:
    if form.channel not in web.channels or form.channel is ChannelName.PORTAL:
        return await on.shown(refusal=NO_CHANNEL, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return await on.take(form, send_rebuttal, channel=form.channel)


@router.post("/call_back")
async def take_back(on: On, form: Annotated[StepForm, Form()]) -> Response:
    return await on.take(form, call_back)


@router.post("/exhibits")
async def add_exhibit(
    *,
    on: On,
    form_token: Annotated[str, Form()],  # noqa: ARG001 - the guard has checked it
    document: Annotated[str, Form(max_length=100, pattern=NO_NUL)],
    file: UploadFile,
    web: WebContext,
) -> Response:
    """Check the file, make a PDF of it, and keep it with the rebuttal."""
    refused = await _fixed(on)
    if refused is not None:
        return refused
    content = await file.read()
    try:
        pdf = await taken(content, scan_command=web.scan_command)
    except UploadRefusedError as error:
        return await on.shown(refusal=str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    await keep_upload(
        on.session,
        Owner(FIRST_LEVEL, recoupment_id=on.recoupment_id),
        Upload(document, file.filename or "document", content, pdf),
        required=[
            row for row in (await web.rules.current(on.session)).required_documents if row.letter == LETTER
        ],
        uploaded_by=on.person.user_id,
        now=on.now,
    )
    return on.done("exhibit")


@router.post("/exhibits/{exhibit_id}/remove")
async def remove_exhibit(
    on: On,
    exhibit_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    refused = await _fixed(on)
    if refused is not None:
        return refused
    await exhibits.remove_exhibit(on.session, exhibit_id, recoupment_id=on.recoupment_id)
    return on.done("removed")


@router.get("/package")
async def download_package(on: On, web: WebContext, channel: ChannelName = ChannelName.MAIL) -> Response:
    """The rebuttal as the channel takes it: a PDF, or a ZIP of its parts."""
    row = await on.session.get(Recoupment, on.recoupment_id)
    letter = await on.session.get(RecoupmentLetter, on.recoupment_id)
    if row is None or letter is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_LETTER)
    try:
        package = await rebuttal_package(on.session, row, letter, channel=channel)
        limits = limits_of((await web.rules.current(on.session)).channel_limits, channel, row.payer_key)
        files = await asyncio.to_thread(build_package, package, limits=limits)
    except (AddressUnknownError, PackageError, LetterError) as error:
        return await on.shown(refusal=str(error), status=HTTPStatus.CONFLICT)
    return package_answer(files, f"rebuttal-{on.recoupment_id.hex[:8]}")


@router.get("/letter.pdf")
async def download(on: On) -> Response:
    letter = await on.session.get(RecoupmentLetter, on.recoupment_id)
    if letter is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_LETTER)
    pdf = await asyncio.to_thread(render_pdf, letter.markdown, title=letter.title, dated_on=letter.dated_on)
    headers = {"Content-Disposition": f'attachment; filename="rebuttal-{on.recoupment_id.hex[:8]}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _fixed(on: OnRecoupment) -> Response | None:
    """The answer that says why the documents cannot change, or None while they can."""
    row = await on.session.get(Recoupment, on.recoupment_id)
    if row is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, "There is no such recoupment.")
    if RecoupmentStep.DRAFT not in allowed_steps(RecoupmentStatus(row.status)):
        return await on.shown(refusal=FIXED, status=HTTPStatus.CONFLICT)
    return None
