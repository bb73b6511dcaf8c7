"""`/unanswered`: claims their payers should have answered by now."""

from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request, Response

from overturn.reporting.unanswered import unanswered_claims
from services.web.context import Today, Transaction, WebContext
from services.web.pages import page

router = APIRouter()

CLAIMS_SHOWN: Final = 200


@router.get("/unanswered")
async def show_unanswered(request: Request, session: Transaction, web: WebContext, today: Today) -> Response:
    rules = await web.rules.current(session)
    found = await unanswered_claims(session, times=rules.answer_times, payers=rules.payers, today=today)
    return page(
        request,
        "unanswered.html",
        total=len(found),
        amount=sum((one.claim.charge_amount for one in found), Decimal(0)),
        claims=found[:CLAIMS_SHOWN],
    )
