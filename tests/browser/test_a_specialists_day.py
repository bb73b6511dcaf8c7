"""In a real browser: sign in, find the case, edit the letter, approve it, send it."""

import re
from io import BytesIO

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Site, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.postgres, pytest.mark.asyncio]


async def test_from_sign_in_over_the_letter_to_a_submitted_case(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "dana")
    await page.get_by_role("link", name="BR-1001").click()
    await expect(page.get_by_role("heading", name="Why it was denied")).to_be_visible()
    await expect(page.locator(".segments mark").first).to_have_text("50")

    editor = page.get_by_label("Text")
    await editor.fill((await editor.input_value()).replace("[skilled need]", "gait training"))
    await expect(page.get_by_role("region", name="Preview")).to_contain_text("gait training")
    await page.get_by_role("button", name="Save the letter").click()
    await expect(page.get_by_role("status")).to_contain_text("The letter is saved")
    await expect(page.get_by_text("This letter still needs")).to_have_count(0)
    async with page.expect_download() as download:
        await page.get_by_role("link", name="PDF").click()
    pdf = PdfReader(BytesIO((await (await download.value).path()).read_bytes()))
    assert "gait training" in pdf.pages[0].extract_text()

    await page.get_by_role("button", name="Assign to me").click()
    await expect(page.get_by_role("status")).to_contain_text("The assignment is saved")
    await page.get_by_role("button", name="Approve the letter").click()
    await expect(page.get_by_role("status")).to_contain_text("Approved")
    await page.get_by_label("Sent by").select_option("fax")
    await page.get_by_label("Confirmation number").fill("FAX-77")
    await page.get_by_role("button", name="Mark as submitted").click()
    await expect(page.get_by_role("status")).to_contain_text("Marked as submitted")
    await expect(page.locator(".timeline")).to_contain_text("Step taken: submit.")


async def test_the_list_is_worked_by_keys(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "dana")
    focused = page.locator("a[data-open]:focus")
    await page.keyboard.press("j")
    await expect(focused).to_have_text("BR-1002")  # its deadline is not known, so it is first
    await page.keyboard.press("j")
    await expect(focused).to_have_text("BR-1001")
    await page.keyboard.press("k")
    await expect(focused).to_have_text("BR-1002")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("BR-1003")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("claim=BR-1003"))
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await page.wait_for_url("**/cases/*")


async def test_single_keys_can_be_switched_off(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "dana")
    await page.get_by_role("button", name="Keys").click()
    await page.get_by_label("Single keys are on").uncheck()
    await page.get_by_role("button", name="Close").click()
    await page.keyboard.press("j")
    await expect(page.locator("a[data-open]:focus")).to_have_count(0)


async def test_everything_needed_works_without_scripts(page_without_scripts: Page, site: Site) -> None:
    page = page_without_scripts
    await sign_in(page, site.url, "dana")
    await page.goto(f"{site.url}/cases/{site.cases['BR-1001']}")
    await page.get_by_label("Text").fill("A short letter")
    await page.get_by_role("button", name="Save the letter").click()
    await expect(page.get_by_role("region", name="Preview")).to_contain_text("A short letter")
    await page.get_by_role("button", name="Approve the letter").click()
    await expect(page.get_by_role("status")).to_contain_text("Approved")


async def test_the_managers_figures_lead_to_the_queue(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "morgan")
    await page.get_by_role("link", name="Manager").click()
    await expect(page.get_by_role("heading", name="Recovery rate by month of denial")).to_be_visible()
    await page.locator("svg a[href='/queue?category=authorization']").click()
    await expect(page.get_by_role("link", name="BR-1002")).to_be_visible()
    await expect(page.get_by_role("link", name="BR-1001")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_page_is_wider_than_the_window(page: Page, site: Site, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await sign_in(page, site.url, "morgan")
    closed = ("/queue?claim=BR-1004", f"/cases/{site.cases['BR-1004']}")
    for path in ("/queue", f"/cases/{site.cases['BR-1001']}", *closed, "/manager", "/files", "/unmatched"):
        await page.goto(f"{site.url}{path}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_every_control_has_a_name(page: Page, site: Site) -> None:
    await sign_in(page, site.url, "morgan")
    nameless = """() => [...document.querySelectorAll(
        "a, button, summary, select, textarea, input:not([type=hidden]), svg[role], [role=region]")]
      .filter((e) => !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim()))
      .map((e) => e.outerHTML)"""
    for path in ("/queue", f"/cases/{site.cases['BR-1001']}", "/manager", "/files", "/unmatched"):
        await page.goto(f"{site.url}{path}")
        assert await page.evaluate(nameless) == [], path
        assert await page.locator("h1:not(.letter h1)").count() == 1, path
