"""In a real browser: like denials are marked, reviewed, approved, and watched without reloading the page."""

import os
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from overturn.db.session import Sessions, create_engine, create_sessions
from tests.browser.conftest import Site, sign_in
from tests.integration.web.test_batches import WHOLE
from tests.web_factories import CaseSeed, add_case

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.asyncio]

SHOTS = os.environ.get("OVERTURN_BATCH_SCREENSHOTS")
FIFTY = 50


async def on_record(database_url: str, does: Callable[[Sessions], Awaitable[None]]) -> None:
    engine = create_engine(database_url)
    await does(create_sessions(engine))
    await engine.dispose()


async def add_fifty(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for number in range(FIFTY):
            letter = WHOLE if number % 10 else None
            seed = CaseSeed(
                f"LIKE-{number:02}",
                patient=f"Pat Generated{number}",
                payer="Lakeside Health",
                denied=Decimal(100 + number),
                **({"letter": letter} if letter else {}),  # type: ignore[arg-type]
            )
            await add_case(session, seed)


async def carry_out(sessions: Sessions) -> None:
    """As the workflow of the batch does, once it was told to look."""
    async with sessions.begin() as session:
        approve = "UPDATE appeal_batch_member SET state = 'approved' WHERE state = 'chosen'"
        await session.execute(text(approve))
        await session.execute(text("UPDATE appeal_batch SET state = 'idle'"))


async def shoot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def test_a_lead_appeals_fifty_like_denials_at_once(page: Page, site: Site, database_url: str) -> None:
    await on_record(database_url, add_fifty)
    await sign_in(page, site.url, "dana")
    await page.goto(f"{site.url}/queue?payer=Lakeside+Health")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("#chosen")).to_contain_text("1 marked · $1")
    await page.get_by_label("Mark all on this page").check()
    await expect(page.locator("#chosen")).to_have_text("50 marked · $6,225.00")
    await shoot(page, "queue")
    await page.get_by_role("button", name="Appeal the marked cases together").click()
    await expect(page.get_by_role("heading", name="What differs in 45 letters")).to_be_visible()
    await expect(page.get_by_text("Its letter needs: skilled need.")).to_have_count(5)
    await shoot(page, "review")
    await page.get_by_role("button", name="Approve 45 letters").click()
    await expect(page.get_by_text("Approving.")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await shoot(page, "at-work")
    await on_record(database_url, carry_out)
    await expect(page.get_by_role("button", name="Send 45 letters")).to_be_visible()
    await expect(page.get_by_role("status")).to_contain_text("45 approved, not sent yet")
    await shoot(page, "approved")


async def test_a_batch_can_be_made_and_ordered_without_scripts(
    page_without_scripts: Page, site: Site, database_url: str
) -> None:
    page = page_without_scripts
    await on_record(database_url, add_fifty)
    await sign_in(page, site.url, "dana")
    await page.goto(f"{site.url}/queue?payer=Lakeside+Health")
    await page.get_by_label("Mark LIKE-11").check()
    await page.get_by_label("Mark LIKE-12").check()
    await page.get_by_role("button", name="Appeal the marked cases together").click()
    await page.get_by_role("button", name="Approve 2 letters").click()
    await on_record(database_url, carry_out)
    await page.get_by_role("link", name="Look how far it is").click()
    await expect(page.get_by_role("button", name="Send 2 letters")).to_be_visible()
