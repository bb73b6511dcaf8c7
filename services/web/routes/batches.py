"""`/batches`: like denials appealed together: reviewed once, approved once, sent, and watched."""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import HTMLResponse, RedirectResponse

from overturn.db.appeal_batches import (
    GivenOrder,
    alike,
    give_order,
    go_on,
    look_again,
    make_batches,
    stop,
)
from overturn.domain.appeal_batch import MOST_CASES, BatchRefusedError, Order
from overturn.domain.channel_names import ChannelName
from overturn.reporting.appeal_batches import BatchRecord, batch_record, latest_batches, letters_to_review
from overturn.reporting.work_list import wanted_cases
from services.web import presenters
from services.web.batch_views import STANDINGS, outcome_csv, review
from services.web.context import Now, Today, Transaction, Web, WebContext
from services.web.forms import NO_NUL, TokenForm
from services.web.guard import Person
from services.web.pages import page, problem, templates
from services.web.routes.queue import QueueQuery, work_filter
from services.web.sessions import SignedIn

router = APIRouter(prefix="/batches")

NO_BATCH: Final = "There is no such batch. All of them are on the page Batches."
NOTHING_CHOSEN: Final = "No case was chosen. Go back and mark the cases that are to be appealed together."
NO_CHANNEL: Final = "This way of sending is not open for a batch. Choose another."
UNREADABLE: Final = "The selection cannot be read. Go back to the queue, filter it again, and choose there."
DONE: Final = {
    "made": "Read what is the same once and what differs per claim; then approve them all.",
    "looked": "Taken in as the cases stand now.",
}


class ChooseForm(BaseModel):
    """Cases marked in the queue, or all of a selection; `step_id` was made with the form."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    case_ids: list[UUID] = Field(default_factory=list, max_length=MOST_CASES)
    everything: bool = False
    selection: Annotated[str, Field(max_length=2_000, pattern=NO_NUL)] = ""


class LikeForm(BaseModel):
    """One case, and all that are like it."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    case_id: UUID


class OrderForm(BaseModel):
    """An order, from a page that showed this version of the batch."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    version: int
    channel: ChannelName | None = None


@router.get("")
async def show_batches(request: Request, session: Transaction, made: int = 0) -> Response:
    return page(request, "batches.html", batches=await latest_batches(session), made=made)


@router.post("")
async def choose(
    *,
    request: Request,
    form: Annotated[ChooseForm, Form()],
    session: Transaction,
    person: Person,
    now: Now,
    today: Today,
) -> Response:
    case_ids = form.case_ids
    if form.everything:
        try:
            query = QueueQuery.model_validate(dict(parse_qsl(form.selection)))
        except ValidationError:
            return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, UNREADABLE)
        wanted = work_filter(query, person, today)
        case_ids = await wanted_cases(session, wanted, most=MOST_CASES + 1)
    return await _make(request, session, person, case_ids, key=form.step_id, now=now)


@router.post("/like")
async def choose_alike(
    *, request: Request, form: Annotated[LikeForm, Form()], session: Transaction, person: Person, now: Now
) -> Response:
    try:
        case_ids = await alike(session, form.case_id)
    except BatchRefusedError as error:
        return problem(request, HTTPStatus.NOT_FOUND, str(error))
    return await _make(request, session, person, case_ids, key=form.step_id, now=now)


async def _make(
    request: Request, session: AsyncSession, person: SignedIn, case_ids: list[UUID], *, key: UUID, now: Now
) -> Response:
    if not case_ids:
        return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, NOTHING_CHOSEN)
    try:
        made = await make_batches(session, case_ids, key=key, actor_id=person.user_id, at=now)
    except BatchRefusedError as error:
        return problem(request, HTTPStatus.CONFLICT, str(error))
    target = f"/batches/{made[0]}?done=made" if len(made) == 1 else f"/batches?made={len(made)}"
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


@router.get("/{batch_id}")
async def show_batch(
    request: Request,
    batch_id: UUID,
    session: Transaction,
    web: WebContext,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    return await _page(request, session, web, batch_id, done=DONE.get(done, ""))


@router.get("/{batch_id}/progress")
async def show_progress(
    request: Request, batch_id: UUID, session: Transaction, web: WebContext, person: Person
) -> Response:
    """The part of the page that changes by itself."""
    record = await batch_record(session, batch_id)
    if record is None:
        return problem(request, HTTPStatus.NOT_FOUND, NO_BATCH)
    part = templates().get_template("components/batch_progress.html")
    return HTMLResponse(part.render(person=person, **_shown(record, web)))


@router.get("/{batch_id}/outcome.csv")
async def download_outcome(request: Request, batch_id: UUID, session: Transaction) -> Response:
    record = await batch_record(session, batch_id)
    if record is None:
        return problem(request, HTTPStatus.NOT_FOUND, NO_BATCH)
    headers = {"Content-Disposition": f'attachment; filename="batch-{batch_id.hex[:8]}.csv"'}
    return Response(outcome_csv(record), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/{batch_id}/look_again")
async def look(
    request: Request,
    batch_id: UUID,
    form: Annotated[OrderForm, Form()],
    session: Transaction,
    web: WebContext,
) -> Response:
    try:
        await look_again(session, batch_id, version=form.version)
    except BatchRefusedError as error:
        return await _page(request, session, web, batch_id, refusal=str(error))
    return RedirectResponse(f"/batches/{batch_id}?done=looked", HTTPStatus.SEE_OTHER)


@router.post("/{batch_id}/stop")
async def stop_batch(
    batch_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
    request: Request,
    session: Transaction,
) -> Response:
    try:
        await stop(session, batch_id)
    except BatchRefusedError as error:
        return problem(request, HTTPStatus.NOT_FOUND, str(error))
    return RedirectResponse(f"/batches/{batch_id}", HTTPStatus.SEE_OTHER)


@router.post("/{batch_id}/go_on")
async def go_on_with_batch(
    batch_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
    request: Request,
    web: WebContext,
) -> Response:
    try:
        async with web.sessions.begin() as session:
            await go_on(session, batch_id)
    except BatchRefusedError as error:
        return problem(request, HTTPStatus.NOT_FOUND, str(error))
    await web.follow_batch(batch_id)
    return RedirectResponse(f"/batches/{batch_id}", HTTPStatus.SEE_OTHER)


@router.post("/{batch_id}/orders/{order}")
async def give(
    *,
    request: Request,
    batch_id: UUID,
    order: Order,
    form: Annotated[OrderForm, Form()],
    session: Transaction,
    web: WebContext,
    person: Person,
) -> Response:
    """The order is on record before the batch's workflow hears that there is one."""
    if order is Order.SEND and form.channel not in batch_channels(web):
        return await _page(request, session, web, batch_id, refusal=NO_CHANNEL)
    given = GivenOrder(order, form.version, person.user_id, form.channel)
    try:
        async with web.sessions.begin() as own:
            await give_order(own, batch_id, given)
    except BatchRefusedError as error:
        return await _page(request, session, web, batch_id, refusal=str(error))
    await web.follow_batch(batch_id)
    return RedirectResponse(f"/batches/{batch_id}", HTTPStatus.SEE_OTHER)


def batch_channels(web: Web) -> dict[ChannelName, str]:
    """A portal takes one letter at a time, entered by a person."""
    return {name: label for name, label in web.channels.items() if name is not ChannelName.PORTAL}


async def _page(
    request: Request, session: AsyncSession, web: Web, batch_id: UUID, *, done: str = "", refusal: str = ""
) -> Response:
    record = await batch_record(session, batch_id)
    if record is None:
        return problem(request, HTTPStatus.NOT_FOUND, NO_BATCH)
    return page(
        request,
        "batch.html",
        status=HTTPStatus.CONFLICT if refusal else HTTPStatus.OK,
        review=review(await letters_to_review(session, batch_id)),
        done_words=done,
        refusal=refusal,
        **_shown(record, web),
    )


def _shown(record: BatchRecord, web: Web) -> dict[str, object]:
    batch = record.batch
    return {
        "record": record,
        "batch": batch,
        "cause": web.labels.causes.get(batch.cause, presenters.words(batch.cause)),
        "standings": STANDINGS,
        "ways": batch_channels(web),
        "step_id": uuid4,
    }
