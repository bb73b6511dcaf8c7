"""The open work: order, filters, counts, and what it costs at 10,000 cases."""

import re
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import delete, event, select, text
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import ClaimPayment, Remittance, UserAccount, WorkItem
from overturn.domain.denial_case import CaseStatus, Outcome
from tests.integration.web.conftest import Browser
from tests.web_factories import MANY_CASES, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def seed(sessions: Sessions, *seeds: CaseSeed) -> None:
    async with sessions.begin() as session:
        for each in seeds:
            await add_case(session, each)


def shown(page: str) -> list[str]:
    """The claim numbers of the list, in order."""
    return re.findall(r"data-open>([^<]+)</a>", page)


async def test_unknown_deadlines_come_first_then_the_higher_priority(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(
        sessions,
        CaseSeed("LOW", priority=Decimal(1)),
        CaseSeed("HIGH", priority=Decimal(900)),
        CaseSeed("UNKNOWN", priority=Decimal("0.5"), due_on=None),
        CaseSeed("DONE", status=CaseStatus.RESOLVED),
    )
    await browser.sign_in("dana")
    page = (await browser.get("/queue")).text
    assert shown(page) == ["UNKNOWN", "HIGH", "LOW"]
    assert "unknown: set the window" in page
    assert "12 d · Mar 28" in page
    assert "3 cases</strong> · $360.00" in page


async def test_a_row_shows_what_to_do_why_and_the_bare_codes_with_our_labels(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(sessions, CaseSeed("A1", reason="because it is <b>worth</b> it"))
    await browser.sign_in("dana")
    page = (await browser.get("/queue")).text
    assert "Review and send the appeal" in page
    assert "because it is &lt;b&gt;worth&lt;/b&gt; it" in page
    assert 'title="Not medically necessary">CO-50</span>' in page
    assert "Pat Example" in page


@pytest.mark.parametrize(
    ("address", "numbers"),
    [
        ("queue=coding", ["B2"]),
        ("category=bundling", ["B2"]),
        ("payer=Orchard+Health+Plan", ["C3"]),
        ("carc=97", ["B2"]),
        ("claim=a", ["A1"]),
        ("claim=%25", []),
        ("owner=mine", ["C3"]),
        ("owner=unassigned", ["A1", "B2"]),
        ("due_within=3", ["B2"]),
        ("denied_from=2026-03-01&denied_to=2026-03-10", ["A1"]),
        ("queue=&category=&payer=&claim=&due_within=", ["A1", "B2", "C3"]),
        ("queue=coding&owner=mine", []),
    ],
)
async def test_filters_in_the_address_select(
    browser: Browser, sessions: Sessions, address: str, numbers: list[str]
) -> None:
    async with sessions() as session:
        dana = await session.scalar(select(UserAccount).where(col(UserAccount.user_name) == "dana"))
    assert dana is not None
    await seed(
        sessions,
        CaseSeed("A1", priority=Decimal(3), denied_on=date(2026, 3, 5)),
        CaseSeed(
            "B2",
            priority=Decimal(2),
            queue="coding",
            category="bundling",
            carc="97",
            due_on=date(2026, 3, 18),
        ),
        CaseSeed("C3", priority=Decimal(1), payer="Orchard Health Plan", owner=dana.id),
    )
    await browser.sign_in("dana")
    page = (await browser.get(f"/queue?{address}")).text
    assert shown(page) == numbers
    assert f"{len(numbers)} case" in page


@pytest.mark.parametrize(
    "address",
    [
        "sort=id;drop",
        "page=0",
        "page=-1",
        "page=999999999",
        "owner=everyone",
        "due_within=soon",
        "queue=" + "x" * 300,
        "claim=%00",
    ],
)
async def test_an_address_that_means_nothing_is_refused(browser: Browser, address: str) -> None:
    await browser.sign_in("dana")
    answer = await browser.get(f"/queue?{address}")
    assert answer.status_code == 422
    assert "x" * 20 not in answer.text


async def test_what_is_due_soon_is_what_the_managers_figure_counts(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(
        sessions,
        CaseSeed("SOON", due_on=date(2026, 3, 30)),
        CaseSeed("LATE", due_on=date(2026, 3, 15)),
        CaseSeed("SENT", due_on=date(2026, 3, 17), status=CaseStatus.SUBMITTED),
    )
    await browser.sign_in("dana")
    assert shown((await browser.get("/queue?due_within=14")).text) == ["SOON"]
    everything = (await browser.get("/queue")).text
    assert "1 d late" in everything
    assert "sent, was due Mar 17, 2026" in everything


async def test_a_claim_number_finds_closed_cases_after_the_open_ones(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(
        sessions,
        CaseSeed("A1", status=CaseStatus.RESOLVED, outcome=Outcome.WRITTEN_OFF, priority=Decimal(900)),
        CaseSeed("A2", status=CaseStatus.RESOLVED, outcome=Outcome.EXPIRED, due_on=None),
        CaseSeed("A3", priority=Decimal(1)),
        CaseSeed("B1", status=CaseStatus.RESOLVED, outcome=Outcome.UPHELD),
    )
    await browser.sign_in("dana")
    assert shown((await browser.get("/queue")).text) == ["A3"]
    page = (await browser.get("/queue?claim=a")).text
    assert shown(page)[0] == "A3"
    assert sorted(shown(page)[1:]) == ["A1", "A2"]
    assert page.count('<tr data-row class="closed">') == 2
    assert "Closed: Written off" in page
    assert "Closed: Expired" in page
    assert page.count(">nobody<") == 1
    assert shown((await browser.get("/queue?claim=B1")).text) == ["B1"]
    assert "No case, open or closed, fits" in (await browser.get("/queue?claim=C")).text


async def test_a_claim_number_finds_a_case_that_is_still_being_prepared(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(sessions, CaseSeed("A1", status=CaseStatus.OPENED))
    async with sessions.begin() as session:
        await session.execute(delete(WorkItem))
    await browser.sign_in("dana")
    assert shown((await browser.get("/queue")).text) == []
    page = (await browser.get("/queue?claim=A1")).text
    assert shown(page) == ["A1"]
    assert "The system is preparing it" in page


async def test_an_empty_queue_says_what_will_come(browser: Browser) -> None:
    await browser.sign_in("dana")
    assert "New denials appear here" in (await browser.get("/queue")).text


async def add_many(sessions: Sessions, count: int) -> None:
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("FIRST", due_on=None))
        remittance = await session.scalar(select(col(Remittance.id)))
        await session.execute(MANY_CASES, {"count": count, "remittance": remittance})
    async with sessions.begin() as session:
        await session.execute(text("ANALYZE"))


@pytest.mark.parametrize(
    ("address", "cases", "pages"), [("page=200", "10,001", 201), ("page=200&claim=m", "10,000", 200)]
)
async def test_ten_thousand_cases_take_a_page_of_five_statements(
    browser: Browser, sessions: Sessions, address: str, cases: str, pages: int
) -> None:
    await add_many(sessions, 10_000)
    await browser.sign_in("dana")
    statements: list[str] = []
    engine = sessions.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    page = (await browser.get(f"/queue?{address}")).text
    assert f"{cases} cases" in page
    assert f"Page 200 of {pages}" in page
    assert len(shown(page)) == 50
    assert len(statements) <= 5, statements


async def test_the_second_page_goes_on_where_the_first_ends(browser: Browser, sessions: Sessions) -> None:
    await add_many(sessions, 60)
    await browser.sign_in("dana")
    first, second = [(await browser.get(f"/queue?page={n}")).text for n in (1, 2)]
    assert len(shown(first)) == 50
    assert len(shown(second)) == 11
    assert not set(shown(first)) & set(shown(second))


async def test_a_payers_text_is_shown_literally(browser: Browser, sessions: Sessions) -> None:
    evil = "<script>alert(1)</script>{{7*7}}"
    await seed(sessions, CaseSeed(evil, patient=f"{evil} B", payer=evil, explanation=evil))
    await browser.sign_in("dana")
    page = (await browser.get("/queue")).text
    case = (await browser.get(re.findall(r'href="(/cases/[^"]+)"', page)[0])).text
    for text_shown in (page, case):
        assert "<script>alert" not in text_shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in text_shown


async def test_a_case_that_is_not_there_is_not_found(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    assert (await browser.get(f"/cases/{uuid4()}")).status_code == 404
    assert (await browser.get("/cases/1%20or%201")).status_code == 422
    async with sessions() as session:
        assert (await session.scalars(select(ClaimPayment))).first() is None
