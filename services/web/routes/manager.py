"""`/manager`: what is denied, what came back, and what is at risk; every figure leads to its cases."""

import asyncio
from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request, Response

from overturn.domain.expiries import Ending
from overturn.domain.letter_rates import ENOUGH, OverturnRate, SentLetters, rates_by, suggestions
from overturn.letter_trials import letters_on_trial
from overturn.reference.catalogue import stale_tables
from overturn.reference.layouts import Kind
from overturn.reporting import figures
from overturn.reporting.expiries import expiries
from overturn.reporting.figures import AT_RISK_DAYS, DenialRate, Period, Recovery, TopReason
from overturn.reporting.ledger import ledger
from overturn.reporting.letter_rates import sent_letters
from services.web.context import Today, Transaction, WebContext
from services.web.guard import MANAGERS_ONLY
from services.web.labels import CodeLabels
from services.web.pages import page
from services.web.plots import Bar, Group, Reason, column_plot, pareto_plot
from services.web.presenters import dollars, percent, plural, words
from services.web.routes.queue import QueueQuery

TABLES: Final = {
    Kind.NCCI_PTP: "Procedures not paid together (NCCI)",
    Kind.MUE: "Most units of a day (MUE)",
    Kind.ADD_ON: "Add-on codes",
    Kind.PPRRVU: "Medicare fee schedule, relative values",
    Kind.GPCI: "Medicare fee schedule, localities",
    Kind.CARC: "Adjustment reasons (CARC)",
    Kind.RARC: "Remarks (RARC)",
    Kind.PAYER_RULES: "Payers' own rules",
}
"""What each reference table is to the people who bill by it."""

router = APIRouter()

ENDS: Final = {
    Ending.CONTRACT: ("Contract prices", "Agree the next ones, and add their rows to rules/contracts.csv."),
    Ending.ENROLMENT: ("Enrolment", "Renew it with the payer, and add its row to rules/enrolments.csv."),
    Ending.REVALIDATION: (
        "Enrolment to revalidate",
        "Revalidate it before claims are held (42 CFR 424.515).",
    ),
    Ending.AUTHORIZATION: ("Authorization", "Ask for the next one before the last visit."),
    Ending.VISITS: ("Visits left", "Ask for more before the last visit."),
}
LABEL_WIDTH: Final = 27  # characters that fit beside the bars


@router.get("/manager", dependencies=[MANAGERS_ONLY])
async def show_manager(request: Request, session: Transaction, web: WebContext, today: Today) -> Response:
    period = await figures.fitting_period(session)
    rates = await figures.denial_rates(session, period)
    recovered = await figures.recoveries(session)
    categories = await figures.top_categories(session)
    carcs = await figures.top_carcs(session)
    letters = await sent_letters(session)
    on_trial = await letters_on_trial(session)
    rules = await web.rules.current(session)
    return page(
        request,
        "manager.html",
        period=period.value,
        rates=rates,
        rate_plot=column_plot([_rate_group(rate, period) for rate in rates]),
        recoveries=recovered,
        recovery_plot=column_plot([_recovery_group(recovery) for recovery in recovered]),
        categories=categories,
        category_plot=pareto_plot([_category(reason) for reason in categories]),
        carcs=carcs,
        carc_plot=pareto_plot([_carc(reason, web.labels) for reason in carcs]),
        open_work=await figures.open_work(session, today),
        at_risk_days=AT_RISK_DAYS,
        at_risk_url=QueueQuery(due_within=AT_RISK_DAYS).url(),
        ledger=await ledger(session),
        overturn_rates=_overturn_rates(letters, web.labels, on_trial),
        suggestions=suggestions([one for one in letters if one.letter not in on_trial]),
        on_trial=sorted(on_trial),
        enough=ENOUGH,
        ending=await expiries(session, rules, notice=web.notice, today=today),
        ends=ENDS,
        tables=TABLES,
        stale=await asyncio.to_thread(stale_tables, web.reference_dir, today),
        denied=(sum(rate.denied for rate in rates), sum(rate.remitted for rate in rates)),
        denied_amounts=_sums([(rate.denied_amount, rate.remitted_amount) for rate in rates]),
        recovered_amounts=_sums([(r.recovered_amount, r.denied_amount) for r in recovered]),
    )


def _overturn_rates(
    letters: Sequence[SentLetters], labels: CodeLabels, on_trial: Collection[str]
) -> list[tuple[str, Sequence[OverturnRate]]]:
    """By version only where no comparison runs: whoever watches one stops it when it looks well."""
    versions = [one for one in letters if one.letter not in on_trial]
    return [
        ("Letter", rates_by(letters, lambda one: words(one.letter))),
        ("Payer", rates_by(letters, lambda one: one.payer)),
        ("Cause", rates_by(letters, lambda one: labels.causes.get(one.cause, words(one.cause)))),
        ("Version", rates_by(versions, lambda one: f"{words(one.letter)} {one.words}")),
    ]


def share(part: Decimal | int, whole: Decimal | int) -> Decimal:
    """`part` of `whole`, 0 where there is nothing to be a part of."""
    return Decimal(part) / Decimal(whole) if whole else Decimal(0)


def _sums(pairs: Sequence[tuple[Decimal, Decimal]]) -> tuple[Decimal, Decimal]:
    return sum((pair[0] for pair in pairs), Decimal(0)), sum((pair[1] for pair in pairs), Decimal(0))


def _rate_group(rate: DenialRate, period: Period) -> Group:
    by_count, by_amount = share(rate.denied, rate.remitted), share(rate.denied_amount, rate.remitted_amount)
    counted = f"{percent(by_count)}: {rate.denied} of {plural(rate.remitted, 'claim')} denied"
    priced = f"{percent(by_amount)}: {dollars(rate.denied_amount)} of {dollars(rate.remitted_amount)} denied"
    label = f"{rate.starts_on:%b %y}"
    if period is Period.WEEK:
        label = f"{rate.starts_on:%b} {rate.starts_on.day}"
    bars = (Bar(by_count, "count", counted), Bar(by_amount, "dollars", priced))
    return Group(label, bars, _denied_in(rate.starts_on, period))


def _denied_in(starts_on: date, period: Period) -> str:
    """The address of the open cases that were denied in this period."""
    days = 7 if period is Period.WEEK else monthrange(starts_on.year, starts_on.month)[1]
    return QueueQuery(denied_from=starts_on, denied_to=starts_on + timedelta(days=days - 1)).url()


def _recovery_group(recovery: Recovery) -> Group:
    rate = share(recovery.recovered_amount, recovery.denied_amount)
    title = (
        f"{percent(rate)}: {dollars(recovery.recovered_amount)} of {dollars(recovery.denied_amount)}, "
        f"{plural(recovery.cases, 'case')}, {recovery.still_open:,} still open"
    )
    series = "open" if recovery.still_open else "recovered"
    href = _denied_in(recovery.starts_on, Period.MONTH)
    return Group(f"{recovery.starts_on:%b %y}", (Bar(rate, series, title),), href)


def _category(reason: TopReason) -> Reason:
    return _reason(reason, words(reason.reason), "", QueueQuery(category=reason.reason).url())


def _carc(reason: TopReason, labels: CodeLabels) -> Reason:
    label = labels.carcs.get(reason.reason, "")
    shown = f"{reason.reason} {label}".strip()
    if len(shown) > LABEL_WIDTH:
        shown = shown[:LABEL_WIDTH].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    return _reason(reason, shown, label, QueueQuery(carc=reason.reason).url())


def _reason(reason: TopReason, label: str, hint: str, href: str) -> Reason:
    return Reason(label, hint, href, reason.share, dollars(reason.denied_amount), f"{reason.denials:,}")
