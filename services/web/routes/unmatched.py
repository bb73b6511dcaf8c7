"""`/unmatched`: claims a payer answered that nobody knows to have sent, to be matched by hand."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse

from overturn.db.matching import MatchRefusedError, match_claim
from overturn.reporting.unmatched import candidates, unmatched_claims
from services.web.context import Transaction
from services.web.guard import Person
from services.web.pages import page
from services.web.presenters import service_dates

router = APIRouter()


class MatchForm(BaseModel):
    """A claim, and the submission a person found it to be."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    submitted_claim_id: UUID


@router.get("/unmatched")
async def show_unmatched(request: Request, session: Transaction, matched: bool = False) -> Response:
    return await _unmatched(request, session, matched=matched)


@router.post("/unmatched/{claim_id}")
async def match(
    request: Request,
    claim_id: UUID,
    form: Annotated[MatchForm, Form()],
    session: Transaction,
    person: Person,
) -> Response:
    try:
        await match_claim(
            session,
            claim_id=claim_id,
            submitted_claim_id=form.submitted_claim_id,
            actor_id=person.user_id,
        )
    except MatchRefusedError as error:
        return await _unmatched(request, session, refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/unmatched?matched=1", HTTPStatus.SEE_OTHER)


async def _unmatched(
    request: Request,
    session: Transaction,
    *,
    matched: bool = False,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    total, claims = await unmatched_claims(session)
    found = await candidates(session, [claim.id for claim in claims])
    return page(
        request,
        "unmatched.html",
        status=status,
        total=total,
        claims=[(claim, found.get(claim.id, [])) for claim in claims],
        service_dates=service_dates,
        matched=matched,
        refusal=refusal,
    )
