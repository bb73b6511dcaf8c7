"""The manager's figures. Each docstring is the definition that stands beside the figure.

Definitions follow the HFMA Claim Integrity Task Force where it has one; ours start from what was remitted,
since that is what an 835 proves.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.denial_case import CaseStatus
from overturn.reporting.rows import fetch_all
from overturn.reporting.work_list import UNSENT

PERIODS_SHOWN: Final = 13
REASONS_SHOWN: Final = 10
AT_RISK_DAYS: Final = 14
WEEKS_UP_TO: Final = timedelta(weeks=PERIODS_SHOWN)


class Period(StrEnum):
    """How the denial rate is cut."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class DenialRate:
    """Denied of what was remitted in one period, in claims and in US dollars of charges."""

    starts_on: date
    remitted: int
    denied: int
    remitted_amount: Decimal
    denied_amount: Decimal


@dataclass(frozen=True, slots=True)
class Recovery:
    """What came back of the dollars first denied in one month. `still_open` cases may yet bring more."""

    starts_on: date
    cases: int
    still_open: int
    denied_amount: Decimal
    recovered_amount: Decimal


@dataclass(frozen=True, slots=True)
class TopReason:
    """One category or CARC with its denials and denied US dollars."""

    reason: str
    denials: int
    denied_amount: Decimal
    share: Decimal  # of all denied dollars, 0 to 1


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Open cases now, and those whose deadline passes soon, has passed, or is not known."""

    open_cases: int
    open_amount: Decimal
    at_risk_cases: int
    at_risk_amount: Decimal
    overdue_cases: int
    overdue_amount: Decimal
    unknown_cases: int
    unpriced_cases: int  # with a denial without a price, which is in none of the amounts


_SPAN: Final = text("""
    SELECT min(payment_on) AS first_on, max(payment_on) AS last_on FROM claim_payment
""")

_DENIAL_RATE: Final = text("""
    WITH remitted AS (
        SELECT claim_id, date_trunc(:period, payment_on)::date AS starts_on,
               max(charge_amount) AS charge_amount
          FROM claim_payment
         WHERE payment_on IS NOT NULL AND status_code <> '22'
         GROUP BY 1, 2
    ), denied AS (
        SELECT claim_id, date_trunc(:period, denied_on)::date AS starts_on,
               sum(denied_amount) AS denied_amount
          FROM denial_case
         WHERE denied_on IS NOT NULL
         GROUP BY 1, 2
    )
    SELECT starts_on, count(*) AS remitted, count(denied.claim_id) AS denied,
           sum(remitted.charge_amount) AS remitted_amount,
           coalesce(sum(denied.denied_amount), 0) AS denied_amount
      FROM remitted LEFT JOIN denied USING (claim_id, starts_on)
     GROUP BY starts_on
     ORDER BY starts_on DESC
     LIMIT :shown
""")

_RECOVERY: Final = text("""
    SELECT date_trunc('month', denied_on)::date AS starts_on, count(*) AS cases,
           count(*) FILTER (WHERE status <> :resolved) AS still_open,
           sum(denied_amount) AS denied_amount, sum(recovered_amount) AS recovered_amount
      FROM denial_case
     WHERE denied_on IS NOT NULL
     GROUP BY 1
     ORDER BY 1 DESC
     LIMIT :shown
""")

_TOP_CATEGORIES: Final = text("""
    SELECT category AS reason, count(*) AS denials, sum(denied_amount) AS denied_amount,
           coalesce(sum(denied_amount) / nullif(sum(sum(denied_amount)) OVER (), 0), 0) AS share
      FROM denial GROUP BY category ORDER BY denied_amount DESC, reason LIMIT :shown
""")

_TOP_CARCS: Final = text("""
    SELECT carc AS reason, count(*) AS denials, sum(denied_amount) AS denied_amount,
           coalesce(sum(denied_amount) / nullif(sum(sum(denied_amount)) OVER (), 0), 0) AS share
      FROM denial GROUP BY carc ORDER BY denied_amount DESC, reason LIMIT :shown
""")

# What was sent in time cannot expire, so a submitted case is not at risk.
_OPEN_WORK: Final = text("""
    SELECT count(*) AS open_cases, coalesce(sum(open_amount), 0) AS open_amount,
           count(*) FILTER (WHERE unsent AND due_on BETWEEN :today AND :soon) AS at_risk_cases,
           coalesce(sum(open_amount) FILTER (WHERE unsent AND due_on BETWEEN :today AND :soon), 0)
               AS at_risk_amount,
           count(*) FILTER (WHERE unsent AND due_on < :today) AS overdue_cases,
           coalesce(sum(open_amount) FILTER (WHERE unsent AND due_on < :today), 0) AS overdue_amount,
           count(*) FILTER (WHERE unsent AND deadline ->> 'unknown' IS NOT NULL) AS unknown_cases,
           count(*) FILTER (WHERE unpriced_amount > 0) AS unpriced_cases
      FROM (SELECT status = ANY(:unsent) AS unsent, due_on, deadline, unpriced_amount,
                   denied_amount - recovered_amount - written_off_amount AS open_amount
              FROM denial_case
             WHERE status <> :resolved) AS open_case
""")


@dataclass(frozen=True, slots=True)
class _Span:
    first_on: date | None
    last_on: date | None


async def fitting_period(session: AsyncSession) -> Period:
    """Weeks while the remittances span no more than fit on the plot, months after that."""
    [span] = await fetch_all(session, _Span, _SPAN)
    if span.first_on is None or span.last_on is None:
        return Period.MONTH
    return Period.WEEK if span.last_on - span.first_on <= WEEKS_UP_TO else Period.MONTH


async def denial_rates(session: AsyncSession, period: Period) -> list[DenialRate]:
    """Claims with a denial in a period's remittances, of the claims remitted in it; oldest first.

    A claim counts once a period; reversals do not count. Dollars are first denied of charges remitted.
    """
    rows = await fetch_all(session, DenialRate, _DENIAL_RATE, period=period, shown=PERIODS_SHOWN)
    return rows[::-1]


async def recoveries(session: AsyncSession) -> list[Recovery]:
    """Dollars recovered to date of the dollars first denied, by the month of the denial; oldest first."""
    resolved = CaseStatus.RESOLVED.value
    rows = await fetch_all(session, Recovery, _RECOVERY, resolved=resolved, shown=PERIODS_SHOWN)
    return rows[::-1]


async def top_categories(session: AsyncSession) -> list[TopReason]:
    """Denied dollars and denials by category, most dollars first."""
    return await fetch_all(session, TopReason, _TOP_CATEGORIES, shown=REASONS_SHOWN)


async def top_carcs(session: AsyncSession) -> list[TopReason]:
    """Denied dollars and denials by CARC, most dollars first."""
    return await fetch_all(session, TopReason, _TOP_CARCS, shown=REASONS_SHOWN)


async def open_work(session: AsyncSession, today: date) -> OpenWork:
    """Open cases and dollars; at risk is what is unsent and falls due within AT_RISK_DAYS."""
    soon = today + timedelta(days=AT_RISK_DAYS)
    statuses = {"unsent": [status.value for status in UNSENT], "resolved": CaseStatus.RESOLVED.value}
    [found] = await fetch_all(session, OpenWork, _OPEN_WORK, today=today, soon=soon, **statuses)
    return found
