"""The page of claims whose payers are silent."""

from datetime import timedelta

import pytest

from overturn.db.session import Sessions
from overturn.db.tables import SubmittedClaim
from tests.integration.web.conftest import Browser
from tests.web_factories import TODAY, add_submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def sent(sessions: Sessions, number: str, days_ago: int) -> None:
    async with sessions.begin() as session:
        submission = await session.get_one(SubmittedClaim, await add_submission(session, number))
        submission.submitted_on = TODAY - timedelta(days=days_ago)


async def test_the_longest_silence_comes_first_with_its_reason(browser: Browser, sessions: Sessions) -> None:
    for number, days_ago in {"SHORT": 40, "LONG": 90, "PATIENCE": 10}.items():
        await sent(sessions, number, days_ago)
    await browser.sign_in("dana")
    page = (await browser.get("/unanswered")).text
    assert page.index(">LONG<small>") < page.index(">SHORT<small>")
    assert "PATIENCE" not in page
    assert "2 claims" in page
    for words in ("60 days ago", "$400.00 billed", "30 days after Dec 16, 2025", "29 CFR 2560.503-1"):
        assert words in page
    assert "no acknowledgement either" in page


async def test_nothing_to_ask_after_is_said(browser: Browser) -> None:
    await browser.sign_in("dana")
    assert "Every claim sent has been answered" in (await browser.get("/unanswered")).text
