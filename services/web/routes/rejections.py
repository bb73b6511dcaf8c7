"""`/rejections`: claims to be sent again before their filing limit; a person marks one done with a reason."""

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn.db.rejections import FinishRefusedError, finish_rejection
from overturn.domain.denial_case import CaseStatus
from overturn.reporting.rejections import rejected_claims
from services.web import presenters
from services.web.context import Today, Transaction
from services.web.forms import NO_NUL
from services.web.guard import Person
from services.web.pages import page

router = APIRouter()


class State(StrEnum):
    """Which rejections are shown."""

    OPEN = "open"
    DONE = "done"


class DoneForm(BaseModel):
    """Why nothing more is to be done for a rejected claim."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_NUL)
    ]


@router.get("/rejections")
async def show_rejections(
    request: Request, session: Transaction, today: Today, state: State = State.OPEN, finished: bool = False
) -> Response:
    return await _rejections(request, session, today, state=state, finished=finished)


@router.post("/rejections/{rejection_id}")
async def finish(
    *,
    request: Request,
    rejection_id: UUID,
    form: Annotated[DoneForm, Form()],
    session: Transaction,
    person: Person,
    today: Today,
) -> Response:
    try:
        await finish_rejection(
            session, rejection_id=rejection_id, reason=form.reason, actor_id=person.user_id
        )
    except FinishRefusedError as error:
        return await _rejections(request, session, today, refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/rejections?finished=1", HTTPStatus.SEE_OTHER)


async def _rejections(
    request: Request,
    session: AsyncSession,
    today: Today,
    *,
    state: State = State.OPEN,
    finished: bool = False,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    total, amount, found = await rejected_claims(session, state)
    standing = CaseStatus.NEEDS_WORK if state is State.OPEN else CaseStatus.RESOLVED  # as a case would stand
    rows = [
        (claim, presenters.deadline_view(claim.deadline, claim.due_on, today, standing)) for claim in found
    ]
    return page(
        request,
        "rejections.html",
        status=status,
        total=total,
        amount=amount,
        rows=rows,
        state=state,
        states=list(State),
        finished=finished,
        refusal=refusal,
    )
