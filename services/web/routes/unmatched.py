"""`/unmatched`: answered claims that nobody knows to have sent; `/matches`: what was matched, taken back."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn.db.candidates import numbered_candidates
from overturn.db.matching import MatchRefusedError, match_claim
from overturn.db.unmatching import UnmatchRefusedError, take_match_back
from overturn.reporting.unmatched import candidates, matches, unmatched_claim, unmatched_claims
from services.web.context import Transaction
from services.web.forms import NO_NUL
from services.web.guard import Person
from services.web.pages import page, problem
from services.web.presenters import service_dates

router = APIRouter()

NOT_UNMATCHED = "This claim is matched already, or was never here. Go back to the list."
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]


class MatchForm(BaseModel):
    """A claim, and the submission a person found it to be."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    submitted_claim_id: UUID


class UndoForm(BaseModel):
    """Why a match is taken back."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_NUL)
    ]


class ListQuery(BaseModel):
    """The address of a page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    search: Words = ""
    page: int = Field(1, ge=1, le=100_000)
    matched: bool = False  # what the page before did
    done: bool = False

    def query(self, number: int) -> str:
        """The same list on another page, as the address's query."""
        return urlencode(
            {name: value for name, value in (("search", self.search), ("page", number)) if value}
        )


@router.get("/unmatched")
async def show_unmatched(
    request: Request, session: Transaction, query: Annotated[ListQuery, Query()]
) -> Response:
    return await _unmatched(request, session, query)


@router.get("/unmatched/{claim_id}")
async def show_one(
    request: Request, claim_id: UUID, session: Transaction, number: Annotated[Words, Query()] = ""
) -> Response:
    """One claim with what it could be, and with the claim of ours that bears the number a person entered."""
    claim = await unmatched_claim(session, claim_id)
    if claim is None:
        return problem(request, HTTPStatus.NOT_FOUND, NOT_UNMATCHED)
    found = await candidates(session, [claim_id])
    return page(
        request,
        "unmatched_claim.html",
        claim=claim,
        found=found.get(claim_id, []),
        number=number,
        numbered=await numbered_candidates(session, claim_id, number) if number else [],
        service_dates=service_dates,
    )


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
        return await _unmatched(request, session, ListQuery(), refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/unmatched?matched=1", HTTPStatus.SEE_OTHER)


@router.get("/matches")
async def show_matches(
    request: Request, session: Transaction, query: Annotated[ListQuery, Query()]
) -> Response:
    return await _matches(request, session, query)


@router.post("/matches/{match_id}")
async def undo(
    request: Request,
    match_id: UUID,
    form: Annotated[UndoForm, Form()],
    session: Transaction,
    person: Person,
) -> Response:
    try:
        await take_match_back(session, match_id=match_id, actor_id=person.user_id, reason=form.reason)
    except UnmatchRefusedError as error:
        return await _matches(request, session, ListQuery(), refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse("/matches?done=1", HTTPStatus.SEE_OTHER)


async def _unmatched(
    request: Request,
    session: AsyncSession,
    query: ListQuery,
    *,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    listed = await unmatched_claims(session, search=query.search, number=query.page)
    found = await candidates(session, [claim.id for claim in listed.rows])
    return page(
        request,
        "unmatched.html",
        status=status,
        listed=listed,
        query=query,
        claims=[(claim, found.get(claim.id, [])) for claim in listed.rows],
        service_dates=service_dates,
        refusal=refusal,
    )


async def _matches(
    request: Request,
    session: AsyncSession,
    query: ListQuery,
    *,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    listed = await matches(session, search=query.search, number=query.page)
    return page(request, "matches.html", status=status, listed=listed, query=query, refusal=refusal)
