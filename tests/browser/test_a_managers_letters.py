"""In a real browser: a manager edits a letter, is told what is wrong while typing, and sees it on a case."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.asyncio]


async def test_a_letter_is_checked_and_shown_on_a_case_while_it_is_typed(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "morgan")
    await page.get_by_text("More", exact=True).click()
    await page.get_by_role("link", name="Letters", exact=True).click()
    await page.get_by_role("link", name="Appeal of a medical necessity denial").click()
    shown = page.get_by_role("region", name="Check and preview")
    await page.get_by_label("Show it on claim").press_sequentially("BR-1001")
    await expect(shown).to_contain_text("Robin Sample", ignore_case=True)
    editor = page.get_by_label("Front matter and text")
    words = await editor.input_value()
    await editor.fill(words.replace("We appeal that decision.", "We appeal {{ facts.that }} decision."))
    await expect(shown).to_contain_text("There is no fact 'that'")
    await editor.fill(words.replace("We appeal that decision.", "We ask you to think again."))
    await expect(shown).to_contain_text("We ask you to think again.")
    await page.get_by_label("What changed, and why").fill("Friendlier.")
    await page.get_by_role("button", name="Propose these words").click()
    await expect(page.get_by_role("status")).to_contain_text("The words are stored.")
    await expect(page.get_by_text("A second manager puts these words in force.")).to_be_visible()
