"""The application on a loopback port, and Chromium in front of it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from overturn.db.session import create_engine, create_sessions
from overturn.domain.denial_case import CaseStatus
from overturn.stack.part import LOOPBACK
from services.web.app import create_app
from tests.chromium import FLAGS, PATIENCE_MS
from tests.web_factories import PASSWORD, CaseSeed, add_case, make_web, person

CASES = (
    CaseSeed("BR-1001", patient="Robin Sample", denied=Decimal("480.00"), priority=Decimal("320.00")),
    CaseSeed(
        "BR-1002",
        patient="Casey Specimen",
        payer="Orchard Health Plan",
        carc="197",
        rarcs=[],
        category="authorization",
        cause="no_authorization",
        due_on=None,
        priority=Decimal("10.00"),
        letter=None,
    ),
    CaseSeed("BR-1003", patient="Jo Placeholder", due_on=date(2026, 3, 18), priority=Decimal("90.00")),
    CaseSeed(
        "BR-1004",
        status=CaseStatus.RESOLVED,
        outcome="recovered",
        recovered=Decimal("120.00"),
        denied_on=date(2026, 1, 12),
    ),
)


@dataclass(frozen=True)
class Site:
    """Where the application listens, and the cases it shows by claim number."""

    url: str
    cases: dict[str, UUID]


async def _seed(database_url: str) -> dict[str, UUID]:
    engine = create_engine(database_url)
    async with create_sessions(engine).begin() as session:
        session.add_all([person("dana"), person("morgan", "manager")])
        cases = {seed.number: await add_case(session, seed) for seed in CASES}
    await engine.dispose()
    return cases


@asynccontextmanager
async def serving(database_url: str) -> AsyncIterator[str]:
    """The application on a free port, in the tests' own event loop."""
    engine = create_engine(database_url)
    app = create_app(make_web(create_sessions(engine)))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    listening = socket.create_server((LOOPBACK, 0))  # the browser may connect before the server accepts
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://{LOOPBACK}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        await engine.dispose()


@pytest_asyncio.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    cases = await _seed(database_url)
    async with serving(database_url) as url:
        yield Site(url, cases)


@pytest_asyncio.fixture(scope="session")
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=FLAGS, timeout=PATIENCE_MS
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def page(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    """A page of its own, closed before the site is; a complaining script or content policy fails the test."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    await context.close()
    assert complaints == []


@pytest_asyncio.fixture
async def page_without_scripts(chromium: Browser, site: Site) -> AsyncIterator[Page]:
    context = await chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    yield await context.new_page()
    await context.close()


async def sign_in(page: Page, url: str, user_name: str) -> None:
    await page.goto(f"{url}/sign-in")
    await page.get_by_label("Name").fill(user_name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/queue")
