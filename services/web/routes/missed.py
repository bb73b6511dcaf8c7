"""`/missed`: what expired, with dollars and cause, and what is about to; for who leads."""

from collections import Counter
from decimal import Decimal

from fastapi import APIRouter, Request, Response

from overturn.reporting.missed import missed_cases, nearly_missed
from overturn.reporting.records_requests import missed_requests
from overturn.reporting.recoupments import missed_clocks
from overturn.reporting.untouched import UNTOUCHED_BUSINESS_DAYS, untouched_cases
from overturn.rulebook.holidays import federal_holidays
from services.web.context import Today, Transaction
from services.web.guard import MANAGERS_ONLY
from services.web.pages import page
from services.web.routes.recoupment_steps import CLOCKS

router = APIRouter()

CASES_SHOWN = 100
CAUSES = {
    "arrived_late": "The last day was over when we heard of it",
    "nobodys": "Nobody had it",
    "not_done": "Somebody had it and did not get it ready",
    "not_sent": "Ready, and not sent",
}


@router.get("/missed", dependencies=[MANAGERS_ONLY])
async def show_missed(request: Request, session: Transaction, today: Today) -> Response:
    missed = await missed_cases(session)
    lost: Counter[str] = Counter()
    for case in missed:
        lost[case.cause] += 1
    dollars = {
        cause: sum((case.amount for case in missed if case.cause == cause), Decimal(0)) for cause in lost
    }
    return page(
        request,
        "missed.html",
        missed=missed,
        amount=sum(dollars.values(), Decimal(0)),
        causes=CAUSES,
        by_cause=sorted(((cause, lost[cause], dollars[cause]) for cause in lost), key=lambda row: -row[2]),
        nearly=await nearly_missed(session),
        recoupments=await missed_clocks(session),
        clocks=CLOCKS,
        requests=await missed_requests(session),
        untouched=await untouched_cases(
            session, today=today, holidays=federal_holidays(today.year - 1, today.year)
        ),
        untouched_days=UNTOUCHED_BUSINESS_DAYS,
        shown=CASES_SHOWN,
        today=today,
    )
