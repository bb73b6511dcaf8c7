"""A denial without a price shows the most it can be worth wherever another shows its dollars."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update

from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, Claim, Denial, DenialCase
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

NO_PRICE = {"denied_amount": Decimal(0), "unpriced_amount": Decimal("55.40")}


async def seed(sessions: Sessions) -> UUID:
    """One case with a price of 120.00, and one without, whose id this is."""
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("SILENT-1", priority=Decimal(0)))
        for table in (Claim, Denial, DenialCase):
            await session.execute(update(table).values(**NO_PRICE))
        await session.execute(update(CaseEvent).values(happened_at=NOW - timedelta(days=14)))
        await add_case(session, CaseSeed("PRICED-1"))
    return case_id


async def test_the_queue_shows_the_most_and_leaves_it_out_of_its_sum(
    browser: Browser, sessions: Sessions
) -> None:
    await seed(sessions)
    await browser.sign_in("dana")
    page = (await browser.get("/queue")).text
    assert "2 cases</strong> · $120.00 denied, 1 without a price" in page
    assert '<td class="number">at most $55.40</td>' in page


async def test_the_case_shows_it_with_each_of_its_sums(browser: Browser, sessions: Sessions) -> None:
    case_id = await seed(sessions)
    await browser.sign_in("dana")
    page = (await browser.get(f"/cases/{case_id}")).text
    for place in ("<dt>Denied</dt><dd>", "<dt>Still denied</dt><dd>", "<dt>First denied</dt><dd>"):
        assert f"{place}at most $55.40</dd>" in page
    assert "Write off at most $55.40" in page


async def test_the_manager_s_pages_name_it_and_add_nothing_up(browser: Browser, sessions: Sessions) -> None:
    await seed(sessions)
    await browser.sign_in("morgan")
    assert "at most $55.40" in (await browser.get("/missed")).text
    assert "$120.00 still to win or close, 1 without a price" in (await browser.get("/manager")).text
