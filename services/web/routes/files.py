"""`/files`: what arrived and what was wrong with it; a way to hand in another file."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response, UploadFile

from overturn.reporting.imbalances import imbalances_of_files
from overturn.reporting.received_files import newest_files
from services.web.context import Transaction, WebContext
from services.web.pages import page
from services.web.upload import IngestUnavailableError, Received

router = APIRouter()

STATES: Final = {
    "posted": "posted",
    "posting": "stored and being posted",
    "partly_posted": "posted in part",
    "known": "already known",
    "quarantined": "put aside",
}
NO_FILE: Final = "Choose a file first."
NO_ANSWER: Final = "The intake did not answer, so the file may not have been stored. Try again in a minute."


@router.get("/files")
async def show_files(request: Request, session: Transaction) -> Response:
    return await _files(request, session)


@router.post("/files")
async def upload_file(
    request: Request,
    session: Transaction,
    web: WebContext,
    form_token: Annotated[str, Form()],  # noqa: ARG001 - the guard has checked it
    file: UploadFile,
) -> Response:
    if not file.filename:
        return await _files(request, session, refusal=NO_FILE, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        received = await web.forward(file.filename, await file.read())
    except IngestUnavailableError:
        return await _files(request, session, refusal=NO_ANSWER, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return await _files(request, session, received=received, file_name=file.filename)


async def _files(
    request: Request,
    session: Transaction,
    *,
    received: Received | None = None,
    file_name: str = "",
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    files = await newest_files(session)
    return page(
        request,
        "files.html",
        status=status,
        files=files,
        imbalances=await imbalances_of_files(session, [file.sha256 for file in files]),
        received=received,
        received_as=STATES.get(received.state, received.state) if received else "",
        file_name=file_name,
        refusal=refusal,
    )
