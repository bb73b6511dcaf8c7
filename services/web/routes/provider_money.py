"""`/provider-money`: what payers moved outside any claim, whose it is, and what is still carried."""

from fastapi import APIRouter, Request, Response

from overturn.reporting import provider_money
from services.web.context import Transaction, WebContext
from services.web.pages import page

router = APIRouter()


@router.get("/provider-money")
async def show_provider_money(request: Request, session: Transaction, web: WebContext) -> Response:
    naming_none, naming_one = await provider_money.counts(session)
    return page(
        request,
        "provider_money.html",
        payments=await provider_money.all_payments(session),
        carried=await provider_money.carried_balances(session),
        tables=[
            ("Of the provider as a whole", naming_none, await provider_money.naming_no_claim(session)),
            ("Naming a claim", naming_one, await provider_money.naming_a_claim(session)),
        ],
        reasons=web.labels.provider_adjustments,
    )
