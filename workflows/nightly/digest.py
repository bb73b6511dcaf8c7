"""The morning's figures for who leads, as one plain message: counts, dollars and links; no patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.codes import format_dollars
from overturn.domain.expiries import Ending, Notice
from overturn.domain.records_request import PRESSING
from overturn.domain.remittance import ZERO
from overturn.reporting.expiries import expiries, note_expiries
from overturn.reporting.figures import AT_RISK_DAYS, OpenWork, open_work
from overturn.reporting.gaps import Gap, open_gaps
from overturn.reporting.records_requests import open_requests
from overturn.reporting.recoupments import OpenDemands, open_demands
from overturn.reporting.rejections import rejected_claims
from overturn.reporting.unanswered import unanswered_claims
from overturn.reporting.untouched import UNTOUCHED_BUSINESS_DAYS, UntouchedCase, untouched_cases
from overturn.rulebook import Rulebook
from overturn.rulebook.holidays import federal_holidays

CASES_NAMED: Final = 5
ENDS: Final = {
    Ending.AUTHORIZATION: "Authorizations that end soon",
    Ending.CONTRACT: "Contracts with prices that end soon",
    Ending.ENROLMENT: "Enrolments that end soon",
    Ending.REVALIDATION: "Enrolments to be revalidated soon",
    Ending.VISITS: "Authorizations with few visits left",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """So many, worth so many US dollars."""

    number: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Digest:
    """What a lead asks about in the morning. `stale` are reference tables whose time is over, by name;
    `ending` counts what came under a threshold today."""

    on: date
    work: OpenWork
    untouched: Sequence[UntouchedCase]
    rejected: Counted
    unanswered: Counted
    gaps: Sequence[Gap]
    demands: OpenDemands
    records: Counted
    stale: Sequence[str]
    ending: Mapping[Ending, int]


async def gather_digest(
    session: AsyncSession, *, rulebook: Rulebook, notice: Notice, stale: Sequence[str], today: date
) -> Digest:
    """The figures of the day; what ends before long is noted, so that tomorrow's digest leaves it out."""
    found = await expiries(session, rulebook, notice=notice, today=today)
    number, amount, _ = await rejected_claims(session, "open")
    silent = await unanswered_claims(
        session, times=rulebook.answer_times, payers=rulebook.payers, today=today
    )
    return Digest(
        on=today,
        work=await open_work(session, today),
        untouched=await untouched_cases(
            session, today=today, holidays=federal_holidays(today.year - 1, today.year)
        ),
        rejected=Counted(number, amount),
        unanswered=Counted(len(silent), sum((one.claim.charge_amount for one in silent), ZERO)),
        gaps=await open_gaps(session),
        demands=await open_demands(session),
        records=await _to_answer(session),
        stale=stale,
        ending=await note_expiries(session, found, today=today),
    )


async def _to_answer(session: AsyncSession) -> Counted:
    """Requests for records that are not sent yet."""
    waiting = [row for row in await open_requests(session) if row.status in PRESSING]
    return Counted(len(waiting), sum((row.amount for row in waiting), ZERO))


def write_digest(digest: Digest, *, url: str) -> str:
    """The message, a fact to a line; `url` is where the pages are, without a slash at the end."""
    work = digest.work
    untouched = sum((case.amount for case in digest.untouched), ZERO)
    gaps = sum((gap.amount for gap in digest.gaps), ZERO)
    lines = [
        f"Overturn, {digest.on}",
        "",
        _line("Open cases", work.open_cases, work.open_amount, f"{url}/queue"),
        _line(f"Due within {AT_RISK_DAYS} days", work.at_risk_cases, work.at_risk_amount, f"{url}/missed"),
        _line("Past their last day", work.overdue_cases, work.overdue_amount, f"{url}/missed"),
        f"Last day not known: {work.unknown_cases}",
        _line(
            f"Untouched for {UNTOUCHED_BUSINESS_DAYS} business days",
            len(digest.untouched),
            untouched,
            f"{url}/missed",
        ),
        *(f"  {url}/cases/{case.case_id}" for case in digest.untouched[:CASES_NAMED]),
        _line("Rejected claims", digest.rejected.number, digest.rejected.amount, f"{url}/rejections"),
        _line("Unanswered claims", digest.unanswered.number, digest.unanswered.amount, f"{url}/unanswered"),
        _line("Payers that do not know a provider", len(digest.gaps), gaps, f"{url}/gaps"),
        _line("Demanded back by payers", digest.demands.number, digest.demands.amount, f"{url}/recoupments"),
        *(f"{ENDS[what]}: {number:,} ({url}/manager)" for what, number in sorted(digest.ending.items())),
        _line(
            "Requests for records to answer", digest.records.number, digest.records.amount, f"{url}/records"
        ),
        *(f"Reference table out of date: {name}" for name in digest.stale),
    ]
    return "\n".join(lines) + "\n"


def _line(what: str, number: int, amount: Decimal, link: str) -> str:
    return f"{what}: {number:,}, {format_dollars(amount)} ({link})"
