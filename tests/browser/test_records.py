"""In a real browser: a payer's letter is put on record, answered, and its last day is shown."""

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.conftest import Site, sign_in
from tests.unit.packages.samples import pdf

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.asyncio]


async def test_a_request_is_entered_and_its_documents_are_gathered(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "dana")
    await page.get_by_role("link", name="Records", exact=True).click()
    await page.get_by_role("link", name="A payer asks for records").click()
    await page.get_by_label("Claim number").fill("BR-1003")
    await page.get_by_label("Who asks").select_option("mac")
    await page.get_by_label("Date of the request").fill("2026-03-02")
    await page.get_by_label("Last day as printed").fill("2026-04-01")
    await page.get_by_label("Reference or case number").fill("ADR-1")
    await page.get_by_role("checkbox", name="Progress report").uncheck()
    await page.get_by_role("button", name="Put it on record").click()
    await expect(page.get_by_role("status")).to_contain_text("The request is on record")
    await expect(page.get_by_role("heading", name="Records for BR-1003")).to_be_visible()
    await expect(page.get_by_text("the last day printed in the request")).to_be_visible()
    notes = FilePayload(name="notes.pdf", mimeType="application/pdf", buffer=pdf("Notes", 1))
    await page.get_by_label("File (PDF").set_input_files(notes)
    await page.get_by_role("button", name="Add to the package").click()
    await expect(page.get_by_role("status")).to_contain_text("stands in the package")
    await page.get_by_label("Why a document is left out").fill("Direct access")
    await page.get_by_role("button", name="All gathered").click()
    await expect(page.get_by_role("status")).to_contain_text("Gathered.")
    await page.goto(f"{site.url}/records")
    await expect(page.get_by_role("row", name="BR-1003")).to_contain_text("Ready")
