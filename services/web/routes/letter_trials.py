"""`/templates/<letter>/comparison`: two versions of a letter compared by lot, begun and ended by managers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from overturn.letter_editions import EditionError
from overturn.letter_trials import Decision, begin, end
from services.web.forms import NO_NUL
from services.web.guard import MANAGERS_ONLY
from services.web.routes.letter_words import EditionForm, OnLetter, done_page, refused

router = APIRouter(prefix="/templates/{letter}/comparison", dependencies=[MANAGERS_ONLY])


class BeginForm(EditionForm):
    """The proposed words, and on how many letters they are compared with those in force."""

    planned: int


class EndForm(BaseModel):
    """How the comparison ends; `note` says why, where it is stopped."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    trial_id: UUID
    decision: Decision
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_NUL)] = ""


@router.post("/begin")
async def begin_comparison(on: OnLetter, form: Annotated[BeginForm, Form()]) -> Response:
    try:
        editions = await on.editions()
        await begin(on.session, editions, form.version, planned=form.planned, by=on.person.user_id, at=on.now)
    except EditionError as error:
        return await refused(on, None, error)
    return done_page(on, "begun")


@router.post("/end")
async def end_comparison(on: OnLetter, form: Annotated[EndForm, Form()]) -> Response:
    try:
        await end(on.session, form.trial_id, form.decision, by=on.person.user_id, at=on.now, note=form.note)
    except EditionError as error:
        return await refused(on, None, error)
    return done_page(on, form.decision.value)
