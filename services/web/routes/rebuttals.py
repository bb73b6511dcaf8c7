"""`/recoupments/{id}/rebuttal`: draft the rebuttal, edit it, and have it sent."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Response
from pydantic import StringConstraints

from overturn.db.recoupment_sending import call_back, send_rebuttal
from overturn.db.tables import RecoupmentLetter
from overturn.domain.channel_names import ChannelName
from overturn.letters import LetterError, render_pdf
from overturn.recoupment_letters import draft_rebuttal, edit_rebuttal
from services.web.context import WebContext
from services.web.forms import NO_NUL
from services.web.pages import problem
from services.web.routes.recoupment_steps import On, Reason, StepForm

router = APIRouter(prefix="/recoupments/{recoupment_id}/rebuttal")

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


@router.get("/letter.pdf")
async def download(on: On) -> Response:
    letter = await on.session.get(RecoupmentLetter, on.recoupment_id)
    if letter is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, "There is no such letter.")
    pdf = await asyncio.to_thread(render_pdf, letter.markdown, title=letter.title, dated_on=letter.dated_on)
    headers = {"Content-Disposition": f'attachment; filename="rebuttal-{on.recoupment_id.hex[:8]}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
