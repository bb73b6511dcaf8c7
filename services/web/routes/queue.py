"""`/queue`: the open work, best first, or all cases of a claim, under filters that live in the address."""

from datetime import date, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import RedirectResponse

from overturn.domain.denial_case import CaseStatus
from overturn.reporting.work_list import WorkFilter, denial_codes, facets, work_page
from services.web import presenters
from services.web.context import Today, Transaction, WebContext
from services.web.forms import NO_NUL
from services.web.guard import Person
from services.web.pages import page
from services.web.sessions import SignedIn

router = APIRouter()


class Owner(StrEnum):
    """Whose work is shown."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    PENDED = "pended"


def _empty_is_none(value: object) -> object:
    """A form sends an untouched field as an empty string."""
    return None if value == "" else value


Untouched = BeforeValidator(_empty_is_none)
Choice = Annotated[Annotated[str, Field(max_length=200, pattern=NO_NUL)] | None, Untouched]
Days = Annotated[Annotated[int, Field(ge=0, le=366)] | None, Untouched]
Day = Annotated[date | None, Untouched]


class QueueQuery(BaseModel):
    """The address of a selection. A field it does not know is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    queue: Choice = None
    category: Choice = None
    payer: Choice = None
    carc: Choice = None
    owner: Owner = Owner.ALL
    claim: Choice = None
    due_within: Days = None
    denied_from: Day = None
    denied_to: Day = None
    page: int = Field(1, ge=1, le=100_000)

    @property
    def extras(self) -> dict[str, str]:
        """The filters that have no field on the page, by name, as words; they came from a figure."""
        words = {
            "carc": f"CARC {self.carc}",
            "due_within": f"due within {self.due_within} d",
            "denied_from": f"denied from {presenters.day(self.denied_from)}",
            "denied_to": f"denied to {presenters.day(self.denied_to)}",
        }
        return {name: text for name, text in words.items() if getattr(self, name) is not None}

    @property
    def address(self) -> str:
        """The whole selection as the query of an address; empty where all is wanted."""
        return self.url().partition("?")[2]

    def without(self, name: str) -> str:
        return self.url(**{name: None})

    def url(self, **changes: object) -> str:
        """The same selection with some fields changed, back on its first page; defaults are left out."""
        fields = self.model_copy(update={"page": 1, **changes}).model_dump(exclude_defaults=True, mode="json")
        return f"/queue?{urlencode(fields)}" if fields else "/queue"


@router.get("/")
async def home() -> Response:
    return RedirectResponse("/queue", HTTPStatus.SEE_OTHER)


@router.get("/queue")
async def show_queue(
    *,
    request: Request,
    query: Annotated[QueueQuery, Query()],
    session: Transaction,
    web: WebContext,
    person: Person,
    today: Today,
) -> Response:
    found = await work_page(session, work_filter(query, person, today), number=query.page)
    codes = await denial_codes(session, [row.case_id for row in found.rows])
    rows = [
        {
            "work": row,
            "closed": row.status == CaseStatus.RESOLVED,
            "codes": presenters.code_chips(codes.get(row.case_id, ()), web.labels),
            "deadline": presenters.deadline_chip(
                row.due_on, row.unknown_deadline, today, CaseStatus(row.status), row.outcome
            ),
        }
        for row in found.rows
    ]
    return page(
        request,
        "queue.html",
        query=query,
        found=found,
        rows=rows,
        facets=await facets(session),
        owners=list(Owner),
        step_id=uuid4,
    )


def work_filter(query: QueueQuery, person: SignedIn, today: date) -> WorkFilter:
    """The cases that an address asks for, in the eyes of this person."""
    return WorkFilter(
        queue=query.queue,
        category=query.category,
        payer=query.payer,
        carc=query.carc,
        owner=person.user_id if query.owner in {Owner.MINE, Owner.PENDED} else None,
        unassigned=query.owner is Owner.UNASSIGNED,
        pended=query.owner is Owner.PENDED,
        today=today,
        claim_number=query.claim,
        denied_from=query.denied_from,
        denied_to=query.denied_to,
        due_from=today if query.due_within is not None else None,
        due_by=today + timedelta(days=query.due_within) if query.due_within is not None else None,
    )
