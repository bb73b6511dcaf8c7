"""`/dead-letters`: messages that could not be handled, to send again or to leave; for managers."""

from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn.db import dead_letter_decisions as decisions
from overturn.reporting.dead_letters import (
    dead_letter,
    dead_letters,
    letter_content,
    letter_steps,
    printable,
)
from services.web.context import Transaction
from services.web.forms import NO_NUL
from services.web.guard import MANAGERS_ONLY, Person
from services.web.pages import page, problem

router = APIRouter(prefix="/dead-letters", dependencies=[MANAGERS_ONLY])

SHOWN_BYTES: Final = 20_000
DONE: Final = {
    "retried": "It will be sent again. If it fails again, it comes back to this list.",
    "discarded": "It is discarded. It stays on record with your reason.",
}


class DecisionForm(BaseModel):
    """What is to become of a message, and why."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_NUL)
    ]


@router.get("")
async def show_dead_letters(
    request: Request, session: Transaction, done: str = "", *, every: bool = False
) -> Response:
    return page(
        request,
        "dead_letters.html",
        letters=await dead_letters(session, every=every),
        every=every,
        done_text=DONE.get(done, ""),
    )


@router.get("/{letter_id}")
async def show_dead_letter(request: Request, letter_id: UUID, session: Transaction) -> Response:
    return await _one(request, session, letter_id)


@router.post("/{letter_id}/retry")
async def retry(
    request: Request,
    letter_id: UUID,
    form: Annotated[DecisionForm, Form()],
    session: Transaction,
    person: Person,
) -> Response:
    try:
        await decisions.retry(session, letter_id, actor_id=person.user_id, reason=form.reason)
    except decisions.DeadLetterRefusedError as error:
        return await _one(request, session, letter_id, refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/dead-letters?done=retried", HTTPStatus.SEE_OTHER)


@router.post("/{letter_id}/discard")
async def discard(
    request: Request,
    letter_id: UUID,
    form: Annotated[DecisionForm, Form()],
    session: Transaction,
    person: Person,
) -> Response:
    try:
        await decisions.discard(session, letter_id, actor_id=person.user_id, reason=form.reason)
    except decisions.DeadLetterRefusedError as error:
        return await _one(request, session, letter_id, refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/dead-letters?done=discarded", HTTPStatus.SEE_OTHER)


async def _one(
    request: Request,
    session: AsyncSession,
    letter_id: UUID,
    *,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    letter = await dead_letter(session, letter_id)
    if letter is None:
        return problem(request, HTTPStatus.NOT_FOUND, "There is no such dead letter. Go back to the list.")
    content = await letter_content(session, letter_id)
    return page(
        request,
        "dead_letter.html",
        status=status,
        letter=letter,
        content=content,
        message=printable(content.value[:SHOWN_BYTES]),
        left_out=max(len(content.value) - SHOWN_BYTES, 0),
        steps=await letter_steps(session, letter_id),
        refusal=refusal,
    )
