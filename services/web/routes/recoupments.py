"""`/recoupments`: money that payers demand back, and the form for a payer's letter."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import RedirectResponse

from overturn.db.recoupments import Demand, open_demand
from overturn.db.tables import Remittance
from overturn.domain.payers import PayerContext, PayerDirectory
from overturn.domain.recoupment import RecoupmentRefusedError
from overturn.reporting.recoupments import CLOSED_SHOWN, closed_recoupments, open_recoupments
from services.web.context import Now, Today, Transaction, WebContext
from services.web.forms import OptionalDate
from services.web.guard import Person
from services.web.pages import page
from services.web.routes.recoupment_steps import (
    CLOCKS,
    OUTCOMES,
    STATUSES,
    Dollars,
    Number,
    Reason,
    Words,
    clock_chip,
)

router = APIRouter(prefix="/recoupments")

UNKNOWN_PAYER: Final = (
    "No payer of the rules and none of a remittance has this name. Write it as the remittances do, or choose "
    "one of the list."
)


class DemandForm(BaseModel):
    """A payer's letter; `step_id` was made with the form, so that sending it twice enters it once."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    payer: Reason
    reference: Annotated[Number, Field(min_length=1)]
    amount: Dollars
    notice_on: date
    received_on: OptionalDate = None
    claims: Words = ""


@router.get("")
async def show_recoupments(
    request: Request, session: Transaction, web: WebContext, today: Today, recorded: bool = False
) -> Response:
    rules = await web.rules.current(session)
    return await _listed(request, session, rules.payers, today, recorded=recorded)


@router.post("")
async def enter_demand(
    *,
    request: Request,
    form: Annotated[DemandForm, Form()],
    session: Transaction,
    web: WebContext,
    person: Person,
    now: Now,
    today: Today,
) -> Response:
    payers = (await web.rules.current(session)).payers
    try:
        demand = Demand(
            payer=await _payer(session, payers, form.payer),
            reference=form.reference,
            amount=form.amount,
            notice_on=form.notice_on,
            received_on=form.received_on,
            claim_numbers=tuple(dict.fromkeys(form.claims.replace(",", " ").split())),
        )
        async with session.begin_nested():
            opened = await open_demand(session, demand, step_id=form.step_id, actor_id=person.user_id, at=now)
    except RecoupmentRefusedError as error:
        return await _listed(request, session, payers, today, refusal=str(error), entered=form)
    return RedirectResponse(f"/recoupments/{opened}?done=step", HTTPStatus.SEE_OTHER)


async def _payer(session: AsyncSession, payers: PayerDirectory, name: str) -> PayerContext:
    """A payer with rules, or one that has paid: a name that no remittance bears would never be paired."""
    chosen = next((p for p in payers.payers if p.name.casefold() == name.casefold()), None)
    found = payers.resolve(name=chosen.key if chosen else name)
    if found.key is not None:
        return replace(found, name=name)
    paid = await session.scalar(
        select(col(Remittance.payer_name))
        .where(func.upper(col(Remittance.payer_name)) == name.upper())
        .limit(1)
    )
    if paid is None:
        raise RecoupmentRefusedError(UNKNOWN_PAYER)
    return PayerContext(None, paid, None)


async def _listed(
    request: Request,
    session: AsyncSession,
    payers: PayerDirectory,
    today: date,
    *,
    recorded: bool = False,
    refusal: str = "",
    entered: DemandForm | None = None,
) -> Response:
    found = await open_recoupments(session)
    return page(
        request,
        "recoupments.html",
        status=HTTPStatus.CONFLICT if refusal else HTTPStatus.OK,
        found=found,
        amount=sum((one.money.at_stake for one in found), Decimal(0)),
        closed=await closed_recoupments(session),
        shown=CLOSED_SHOWN,
        chip=lambda clock: clock_chip(clock, today),
        clocks=CLOCKS,
        outcomes=OUTCOMES,
        statuses=STATUSES,
        payers=[payer.name for payer in payers.payers],
        step_id=uuid4,
        entered=entered,
        recorded=recorded,
        refusal=refusal,
    )
