"""`/cases/{id}/letters/{id}`: edit, preview and download a letter."""

from http import HTTPStatus
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Response
from starlette.responses import HTMLResponse

from overturn.letters import LetterError, render_html
from overturn.letters.rephrasing import LanguageModelError
from overturn.reporting.case_page import letter_files
from services.web.context import Now
from services.web.forms import LetterForm, TokenForm
from services.web.letter_edits import (
    LetterChangedError,
    LetterEdit,
    fill_letter,
    rephrase_letter,
    save_letter,
)
from services.web.pages import problem, templates
from services.web.routes.cases import Notice, OnCase, case_done, case_page

router = APIRouter(prefix="/cases/{case_id}/letters/{letter_id}")

PDF: Final = "application/pdf"
NOTHING_TO_FILL: Final = (
    "Nothing could be filled in: the address of this payer or the signer is not known. "
    "A manager enters both on the page Addresses."
)
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@router.post("")
async def save(on: OnCase, letter_id: UUID, form: Annotated[LetterForm, Form()], now: Now) -> Response:
    edit = LetterEdit(on.case_id, letter_id, form.version, _lines(form.markdown))
    try:
        await save_letter(on.session, edit, actor_id=on.person.user_id, now=now)
    except LetterChangedError as error:
        return await case_page(on, Notice(str(error), unsaved=edit, status=HTTPStatus.CONFLICT))
    except LetterError as error:
        refusal = Notice(str(error), unsaved=edit, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        return await case_page(on, refusal)
    return case_done(on, "letter")


@router.post("/fill")
async def fill(on: OnCase, letter_id: UUID, form: Annotated[TokenForm, Form()], now: Now) -> Response:  # noqa: ARG001
    """Fill the blanks that the addresses page answers."""
    try:
        blanks = await fill_letter(
            on.session, case_id=on.case_id, letter_id=letter_id, actor_id=on.person.user_id, now=now
        )
    except (LetterChangedError, LetterError) as error:
        return await case_page(on, Notice(str(error), status=HTTPStatus.CONFLICT))
    if not blanks:
        return await case_page(on, Notice(NOTHING_TO_FILL, status=HTTPStatus.CONFLICT))
    return case_done(on, "letter")


@router.post("/rephrase")
async def propose_words(
    on: OnCase, letter_id: UUID, form: Annotated[LetterForm, Form()], now: Now
) -> Response:
    """Other words for the drafted sentences, in the editor; a person reads and saves them, or does not."""
    if on.web.rephraser is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, "No language model is configured.")
    edit = LetterEdit(on.case_id, letter_id, form.version, _lines(form.markdown))
    try:
        edit, said = await rephrase_letter(
            on.session, edit, by=on.web.rephraser, actor_id=on.person.user_id, now=now
        )
    except LetterChangedError as error:
        return await case_page(on, Notice(str(error), unsaved=edit, status=HTTPStatus.CONFLICT))
    except LanguageModelError as error:
        return await case_page(on, Notice(str(error), unsaved=edit, status=HTTPStatus.BAD_GATEWAY))
    return await case_page(on, Notice(done=said, unsaved=edit))


@router.post("/preview")
async def preview(on: OnCase, letter_id: UUID, form: Annotated[LetterForm, Form()]) -> Response:  # noqa: ARG001
    """The letter as it would look, for the editor beside it; stores nothing."""
    try:
        return HTMLResponse(render_html(_lines(form.markdown)))
    except LetterError as error:
        return HTMLResponse(templates().get_template("components/refusal.html").render(refusal=str(error)))


@router.get("/letter.{kind}")
async def download(on: OnCase, letter_id: UUID, kind: Literal["pdf", "docx"]) -> Response:
    files = await letter_files(on.session, case_id=on.case_id, letter_id=letter_id)
    if files is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, "There is no such letter.")
    content, media_type = (files.pdf, PDF) if kind == "pdf" else (files.docx, DOCX)
    # Not the claim number: it may name the patient, and file names end up in many places.
    name = f"letter-{on.case_id.hex[:8]}-{files.level}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _lines(markdown: str) -> str:
    """Browsers send CRLF; the record has newlines."""
    return markdown.replace("\r\n", "\n")
