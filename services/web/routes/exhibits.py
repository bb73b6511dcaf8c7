"""`/cases/{id}/letters/{id}/exhibits` and `…/package`: the documents of an appeal, and all of it as PDF."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response, UploadFile

from overturn.db import exhibits
from overturn.db.tables import Letter
from overturn.domain.channel_names import ChannelName
from overturn.letters import LetterError
from overturn.packages import (
    PackageError,
    UploadRefusedError,
    build_appeal,
)
from overturn.reporting.package_record import AddressUnknownError, package_record
from overturn.rulebook.appeals import limits_of
from services.web.context import Now
from services.web.documents import Owner, Upload, keep_upload, package_answer, taken
from services.web.forms import NO_NUL, TokenForm
from services.web.letter_edits import DRAFT
from services.web.pages import problem
from services.web.routes.cases import CaseRequest, Notice, OnCase, case_done, case_page

router = APIRouter(prefix="/cases/{case_id}/letters/{letter_id}")

NO_LETTER: Final = "There is no such letter."
FIXED: Final = "The letter is approved: its package can no longer be changed."


@router.post("/exhibits")
async def add_exhibit(
    *,
    on: OnCase,
    letter_id: UUID,
    form_token: Annotated[str, Form()],  # noqa: ARG001 - the guard has checked it
    document: Annotated[str, Form(max_length=100, pattern=NO_NUL)],
    file: UploadFile,
    now: Now,
) -> Response:
    """Check the file, make a PDF of it, and keep it with the letter."""
    letter = await _open_letter(on, letter_id)
    if isinstance(letter, Response):
        return letter
    content = await file.read()
    try:
        pdf = await taken(content, scan_command=on.web.scan_command)
    except UploadRefusedError as error:
        return await case_page(on, Notice(str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY))
    await keep_upload(
        on.session,
        Owner(letter.level, case_id=on.case_id),
        Upload(document, file.filename or "document", content, pdf),
        required=(await on.rules()).required_documents,
        uploaded_by=on.person.user_id,
        now=now,
    )
    return case_done(on, "exhibit")


@router.post("/exhibits/{exhibit_id}/remove")
async def remove_exhibit(
    on: OnCase,
    letter_id: UUID,
    exhibit_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    letter = await _open_letter(on, letter_id)
    if isinstance(letter, Response):
        return letter
    await exhibits.remove_exhibit(on.session, exhibit_id, case_id=on.case_id)
    return case_done(on, "removed")


@router.get("/package")
async def download_package(on: OnCase, letter_id: UUID, channel: ChannelName = ChannelName.MAIL) -> Response:
    """The appeal as the channel takes it: a PDF, or a ZIP of its parts."""
    try:
        record = await package_record(on.session, case_id=on.case_id, letter_id=letter_id, channel=channel)
        if record is None:
            return problem(on.request, HTTPStatus.NOT_FOUND, NO_LETTER)
        limits = limits_of((await on.rules()).channel_limits, channel, record.payer_key)
        files = await asyncio.to_thread(build_appeal, record, limits=limits)
    except (AddressUnknownError, PackageError, LetterError) as error:
        return await case_page(on, Notice(str(error), status=HTTPStatus.CONFLICT))
    return package_answer(files, f"appeal-{on.case_id.hex[:8]}-{record.level}")


async def _open_letter(on: CaseRequest, letter_id: UUID) -> Letter | Response:
    """The letter while its package may change, or the answer that says why not."""
    letter = await on.session.get(Letter, letter_id)
    if letter is None or letter.case_id != on.case_id:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_LETTER)
    if letter.state != DRAFT:
        return await case_page(on, Notice(FIXED, status=HTTPStatus.CONFLICT))
    return letter
