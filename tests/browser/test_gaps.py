"""In a real browser: a payer's effective date is recorded on the page of incidents."""

import pytest
from playwright.async_api import Page, expect

from overturn.db.session import create_engine, create_sessions
from tests.browser.conftest import Site, sign_in
from tests.integration.web.test_gaps import add_gap

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.asyncio]


async def test_an_effective_date_is_recorded(page: Page, site: Site, database_url: str) -> None:
    engine = create_engine(database_url)
    await add_gap(create_sessions(engine))
    await engine.dispose()
    await sign_in(page, site.url, "dana")
    await page.get_by_role("link", name="Gaps").click()
    await expect(
        page.get_by_role("heading", name="Medicare Part B contractor does not know NPI")
    ).to_be_visible()
    await page.get_by_role("textbox", name="Effective date").fill("2026-03-01")
    await page.get_by_role("button", name="Record for NPI").click()
    await expect(page.get_by_role("status")).to_contain_text("Recorded")
    await expect(page.get_by_text("Effective date: Mar 1, 2026")).to_be_visible()
