"""`/gaps`: payers that do not know a provider yet; a person records what the payer said."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn.db.credentialing import GapRefusedError, answer_gap
from overturn.domain.credentialing import ANSWERS, GapState, Remedy
from overturn.domain.denial_case import CaseStatus
from overturn.reporting.gaps import ClaimOfGap, open_gaps
from services.web import presenters
from services.web.context import Now, Today, Transaction, WebContext
from services.web.forms import OptionalDate
from services.web.guard import Person
from services.web.pages import page

router = APIRouter()

CLAIMS_SHOWN: Final = 100
NO_LIMIT: Final = "the rules know no filing limit of this payer for this claim"
STATES: Final = {
    GapState.OPEN: "no effective date yet",
    GapState.ASKED: "a retroactive date was asked for",
    GapState.DATED: "effective date",
    GapState.REFUSED: "refused by the payer",
}
CHOICES: Final = {
    GapState.DATED: "Effective date given",
    GapState.ASKED: "Earlier date asked for",
    GapState.REFUSED: "Enrolment refused",
}
REMEDIES: Final = {
    Remedy.BILL: "send it now",
    Remedy.APPEAL: "appeal for an earlier date",
    Remedy.WRITE_OFF: "write-off proposed",
    Remedy.ASK: "look at it",
}


class AnswerForm(BaseModel):
    """What the payer said; `step_id` was made with the form, so that sending it twice is one answer."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    version: int
    state: GapState
    effective_on: OptionalDate = None


@router.get("/gaps")
async def show_gaps(
    request: Request, session: Transaction, web: WebContext, today: Today, recorded: bool = False
) -> Response:
    return await _gaps(request, session, web, today, recorded=recorded)


@router.post("/gaps/{gap_id}")
async def answer(
    *,
    request: Request,
    gap_id: UUID,
    form: Annotated[AnswerForm, Form()],
    session: Transaction,
    web: WebContext,
    person: Person,
    now: Now,
    today: Today,
) -> Response:
    try:
        await answer_gap(
            session,
            gap_id,
            step_id=form.step_id,
            version=form.version,
            state=form.state,
            effective_on=form.effective_on,
            actor_id=person.user_id,
            at=now,
        )
    except GapRefusedError as error:
        return await _gaps(request, session, web, today, refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/gaps?recorded=1", HTTPStatus.SEE_OTHER)


async def _gaps(
    request: Request,
    session: AsyncSession,
    web: WebContext,
    today: date,
    *,
    recorded: bool = False,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    return page(
        request,
        "gaps.html",
        status=status,
        gaps=await open_gaps(session),
        payers=(await web.rules.current(session)).payers.names,
        chip=lambda claim: _chip(claim, today),
        step_id=uuid4,
        states=STATES,
        choices={state: CHOICES[state] for state in ANSWERS},
        remedies=REMEDIES,
        shown=CLAIMS_SHOWN,
        recorded=recorded,
        refusal=refusal,
    )


def _chip(claim: ClaimOfGap, today: date) -> presenters.Chip:
    """A claim that is not sent yet counts days as a case that needs work does."""
    status = CaseStatus(claim.case_status or CaseStatus.NEEDS_WORK)
    unknown = NO_LIMIT if claim.case_id is None else None
    return presenters.deadline_chip(claim.due_on, unknown, today, status)
