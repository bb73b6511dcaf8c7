"""The manager's figures, against cases counted by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from overturn.db.authorizations import save_authorizations
from overturn.db.session import Sessions
from overturn.domain.authorizations import Authorization
from overturn.domain.denial_case import CaseStatus
from overturn.reporting import figures
from overturn.reporting.figures import Period
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, TODAY, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

FEBRUARY, MARCH = date(2026, 2, 20), date(2026, 3, 4)
HUNDRED = Decimal("100.00")


async def seed(sessions: Sessions, *seeds: CaseSeed) -> None:
    async with sessions.begin() as session:
        for each in seeds:
            await add_case(session, each)


async def test_the_denial_rate_counts_each_claim_once_a_month(sessions: Sessions) -> None:
    await seed(
        sessions,
        CaseSeed("A1", denied=HUNDRED, denied_on=FEBRUARY),
        CaseSeed("A2", denied=HUNDRED, denied_on=MARCH),
        CaseSeed("A3", denied=HUNDRED, denied_on=MARCH),
    )
    async with sessions() as session:
        february, march = await figures.denial_rates(session, Period.MONTH)
        weeks = await figures.denial_rates(session, Period.WEEK)
    assert (february.starts_on, february.remitted, february.denied) == (date(2026, 2, 1), 1, 1)
    assert (march.remitted_amount, march.denied_amount) == (Decimal("360.00"), Decimal("200.00"))
    assert [week.starts_on for week in weeks] == [date(2026, 2, 16), date(2026, 3, 2)]


async def test_remittances_are_shown_by_week_until_they_span_a_quarter(sessions: Sessions) -> None:
    async with sessions() as session:
        assert await figures.fitting_period(session) is Period.MONTH
    await seed(sessions, CaseSeed("A1", denied_on=FEBRUARY), CaseSeed("A2", denied_on=MARCH))
    async with sessions() as session:
        assert await figures.fitting_period(session) is Period.WEEK
    await seed(sessions, CaseSeed("A3", denied_on=date(2025, 9, 1)))
    async with sessions() as session:
        assert await figures.fitting_period(session) is Period.MONTH


async def test_recovery_is_dollars_back_of_dollars_first_denied_by_month_of_denial(
    sessions: Sessions,
) -> None:
    recovered = CaseSeed(
        "A1",
        denied=HUNDRED,
        recovered=Decimal("40.00"),
        status=CaseStatus.RESOLVED,
        outcome="partly_recovered",
        denied_on=FEBRUARY,
    )
    await seed(sessions, recovered, CaseSeed("A2", denied=HUNDRED, denied_on=FEBRUARY))
    async with sessions() as session:
        [february] = await figures.recoveries(session)
    assert (february.cases, february.still_open) == (2, 1)
    assert (february.denied_amount, february.recovered_amount) == (Decimal("200.00"), Decimal("40.00"))


async def test_the_top_reasons_are_those_with_the_most_dollars(sessions: Sessions) -> None:
    await seed(
        sessions,
        CaseSeed("A1", denied=Decimal("300.00"), category="bundling", carc="97"),
        CaseSeed("A2", denied=HUNDRED),
    )
    async with sessions() as session:
        categories = await figures.top_categories(session)
        carcs = await figures.top_carcs(session)
    assert [(c.reason, c.denials, c.share) for c in categories] == [
        ("bundling", 1, Decimal("0.75")),
        ("medical_necessity", 1, Decimal("0.25")),
    ]
    assert [c.reason for c in carcs] == ["97", "50"]


async def test_only_what_is_unsent_and_due_soon_is_at_risk(sessions: Sessions) -> None:
    await seed(
        sessions,
        CaseSeed("SOON", denied=HUNDRED, due_on=date(2026, 3, 30)),
        CaseSeed("TODAY", denied=HUNDRED, due_on=TODAY),
        CaseSeed("LATER", denied=HUNDRED, due_on=date(2026, 3, 31)),
        CaseSeed("SENT", denied=HUNDRED, due_on=date(2026, 3, 17), status=CaseStatus.SUBMITTED),
        CaseSeed("LATE", denied=HUNDRED, due_on=date(2026, 3, 15)),
        CaseSeed("UNKNOWN", denied=HUNDRED, due_on=None),
        CaseSeed("DONE", denied=HUNDRED, due_on=TODAY, status=CaseStatus.RESOLVED),
    )
    async with sessions() as session:
        work = await figures.open_work(session, TODAY)
    assert (work.open_cases, work.open_amount) == (6, 6 * HUNDRED)
    assert (work.at_risk_cases, work.at_risk_amount) == (2, 2 * HUNDRED)
    assert (work.overdue_cases, work.overdue_amount) == (1, HUNDRED)
    assert work.unknown_cases == 1


async def test_the_page_defines_each_figure_and_leads_to_its_cases(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(sessions, CaseSeed("A1", denied=HUNDRED), CaseSeed("A2", category="bundling", carc="97"))
    await browser.sign_in("morgan")
    page = (await browser.get("/manager")).text
    assert "of the claims remitted in it" in page
    assert "n = 2 claims remitted" in page
    for address in (
        "/queue?due_within=14",
        "/queue?category=bundling",
        "/queue?carc=97",
        "/queue?denied_from=2026-02-16&amp;denied_to=2026-02-22",
    ):
        assert f'href="{address}"' in page
        assert (await browser.get(address.replace("&amp;", "&"))).status_code == 200


async def test_the_ledger_line_closes(browser: Browser, sessions: Sessions) -> None:
    await seed(sessions, CaseSeed("A1", denied=HUNDRED))
    await browser.sign_in("morgan")
    page = (await browser.get("/manager")).text
    for figure in (
        "Billed</small>$180.00",
        "Paid</small>$60.00",
        "Adjusted</small>$20.00",
        "Open</small>$100.00",
    ):
        assert figure in page
    assert "Difference</small>$0.00" in page


async def test_an_empty_record_has_a_page_without_figures(browser: Browser) -> None:
    await browser.sign_in("morgan")
    answer = await browser.get("/manager")
    assert answer.status_code == 200
    assert "n = 0 claims remitted" in answer.text


async def test_what_ends_before_long_is_listed_with_what_to_do(browser: Browser, sessions: Sessions) -> None:
    ends = TODAY + timedelta(days=20)
    held = Authorization("aetna", "<MEMBER1>", "A4711", TODAY, ends, visits=1, reference="letter")
    async with sessions.begin() as session:
        await save_authorizations(session, [held], by=None, at=NOW)
    await browser.sign_in("morgan")
    page = (await browser.get("/manager")).text
    assert "Ends before long" in page
    assert "A4711, &lt;MEMBER1&gt;" in page
    assert "in 20 days" in page
    assert "1 visit left" in page
    assert "Ask for the next one before the last visit." in page


async def test_tables_out_of_date_are_listed_with_the_command(browser: Browser) -> None:
    await browser.sign_in("morgan")
    page = (await browser.get("/manager")).text
    assert "Reference tables out of date" in page
    assert "2024Q3" in page
    assert "<code>overturn reference import ncci-ptp FILE</code>" in page
    assert "Ends before long" not in page
