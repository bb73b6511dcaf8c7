"""`/cases/{id}/letters/{id}/exhibits` and `…/package`: the documents of an appeal, and all of it as PDF."""

import asyncio
import zipfile
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Response, UploadFile
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from overturn.db.tables import Exhibit, Letter
from overturn.domain import identifiers
from overturn.domain.channel_names import ChannelName
from overturn.letters import LetterError
from overturn.packages import (
    NormalPdf,
    PackageError,
    PackageFile,
    UploadRefusedError,
    build_appeal,
    normalised,
    scan,
)
from overturn.reporting.package_record import AddressUnknownError, package_record
from overturn.rulebook.appeals import limits_of
from services.web.context import Now
from services.web.forms import NO_NUL, TokenForm
from services.web.letter_edits import DRAFT
from services.web.pages import problem
from services.web.routes.cases import CaseRequest, Notice, OnCase, case_done, case_page

router = APIRouter(prefix="/cases/{case_id}/letters/{letter_id}")

OTHER: Final = "other"
NO_LETTER: Final = "There is no such letter."
FIXED: Final = "The letter is approved: its package can no longer be changed."
ZIP_TIME: Final = (2000, 1, 1, 0, 0, 0)


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
        pdf = await asyncio.to_thread(_taken, content, on.web.scan_command)
    except UploadRefusedError as error:
        return await case_page(on, Notice(str(error), status=HTTPStatus.UNPROCESSABLE_ENTITY))
    await _store(on, letter, Upload(document, file.filename or "document", content, pdf), now)
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
    await on.session.execute(
        delete(Exhibit).where(col(Exhibit.id) == exhibit_id, col(Exhibit.case_id) == on.case_id)
    )
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


def _taken(content: bytes, scan_command: str) -> NormalPdf:
    scan(content, scan_command)
    return normalised(content)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and the PDF that was made of it."""

    document: str
    file_name: str
    original: bytes
    pdf: NormalPdf


async def _store(on: CaseRequest, letter: Letter, upload: Upload, now: datetime) -> None:
    """Keep the document; the same file is kept once. The title is the table's, or the file's own name."""
    titles = {row.document: row.title for row in (await on.rules()).required_documents}
    digest = sha256(upload.original).hexdigest()
    row = Exhibit(
        id=identifiers.deterministic_id("exhibit", on.case_id, letter.level, digest),
        case_id=on.case_id,
        level=letter.level,
        document=upload.document if upload.document in titles else OTHER,
        title=titles.get(upload.document) or _stem(upload.file_name),
        file_name=upload.file_name[:200],
        original_sha256=digest,
        content=upload.pdf.content,
        pages=upload.pdf.pages,
        uploaded_by=on.person.user_id,
        uploaded_at=now,
    )
    told = {"document": row.document, "title": row.title, "file_name": row.file_name}
    statement = insert(Exhibit).values(row.model_dump())
    await on.session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=told))


def _stem(file_name: str) -> str:
    """What a cover sheet can print of a file's name."""
    words = "".join(sign if sign.isprintable() else " " for sign in Path(file_name).stem)
    return " ".join(words.replace("_", " ").split())[:80] or "Document"


def package_answer(files: list[PackageFile], name: str) -> Response:
    """One PDF, or a ZIP of several; the same files make the same bytes."""
    if len(files) == 1:
        headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
        return Response(files[0].content, media_type="application/pdf", headers=headers)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as parts:
        for file in files:
            parts.writestr(zipfile.ZipInfo(file.name, date_time=ZIP_TIME), file.content)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return Response(archive.getvalue(), media_type="application/zip", headers=headers)
