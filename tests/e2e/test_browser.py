"""A specialist in Chromium works a case of the running system from the queue to approval."""

from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect
from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.demo.accounts import ensure_accounts
from overturn.domain.denial_case import CaseStatus
from overturn.letters import blanks
from tests.chromium import FLAGS, PATIENCE_MS
from tests.e2e.system import DENIED_ON, System
from tests.x12_files import denied_claim, remittance, submission

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.asyncio]


async def test_a_case_is_worked_to_approval(system: System, chromium_path: str, tmp_path: Path) -> None:
    for name, content in {
        "claim.837": submission("WEB1"),
        "denied.835": remittance(denied_claim("WEB1"), paid_on=f"{DENIED_ON:%Y%m%d}"),
    }.items():
        (tmp_path / name).write_bytes(content)
        system.send(tmp_path / name)
    case = await system.case_of("WEB1", status=CaseStatus.NEEDS_WORK)
    await system.letter_of(case)
    ana = next(a for a in await ensure_accounts(system.settings, system.stack.home) if a.user_name == "ana")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=FLAGS, timeout=PATIENCE_MS
        )
        page = await browser.new_page(base_url=f"http://127.0.0.1:{system.settings.web_port}")
        page.set_default_timeout(PATIENCE_MS)
        await page.goto("/")
        await page.get_by_label("Name").fill(ana.user_name)
        await page.get_by_label("Password").fill(ana.password)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("link", name="WEB1").click()
        await expect(page.locator(".segments mark").first).to_have_text("CO")

        await page.get_by_role("button", name="Approve the letter").click()
        await expect(page.get_by_role("alert")).to_contain_text("still has")
        editor = page.get_by_label("Text")
        text = await editor.input_value()
        for blank in blanks(text):
            text = text.replace(f"[{blank}]", "as recorded")
        await editor.fill(text)
        await page.get_by_role("button", name="Save the letter").click()
        await expect(page.get_by_role("status")).to_contain_text("The letter is saved")
        await page.get_by_role("button", name="Assign to me").click()
        await expect(page.get_by_role("status")).to_contain_text("The assignment is saved")
        await page.get_by_role("button", name="Approve the letter").click()
        await expect(page.get_by_role("status")).to_contain_text("Approved")
        await browser.close()
    approved = await system.case_of("WEB1", status=CaseStatus.APPROVED)
    async with system.sessions() as session:
        letter = (
            await session.scalars(select(tables.Letter).where(col(tables.Letter.case_id) == approved.id))
        ).one()
    assert letter.state == "approved"
    assert approved.assigned_to is not None
