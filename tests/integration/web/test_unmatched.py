"""The match screen: search and pages for thousands, entry of our own number, and matches taken back."""

import re
from decimal import Decimal

import pytest

from overturn.db.session import Sessions
from overturn.reporting.unmatched import CLAIMS_SHOWN
from tests.integration.web.conftest import Browser
from tests.web_factories import CaseSeed, add_case, add_submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def unmatched(sessions: Sessions, *numbers: str) -> None:
    async with sessions.begin() as session:
        for number in numbers:
            await add_case(session, CaseSeed(number, submitted=False))


def shown(page: str) -> list[str]:
    return re.findall(r'<h2 id="claim-[^"]+"><a href="[^"]+">([^<]+)</a>', page)


async def test_many_claims_come_in_pages_and_are_searched(browser: Browser, sessions: Sessions) -> None:
    numbers = [f"LOST-{n:03}" for n in range(CLAIMS_SHOWN + 3)]
    await unmatched(sessions, *numbers)
    await browser.sign_in("dana")
    first = (await browser.get("/unmatched")).text
    second = (await browser.get("/unmatched?page=2")).text
    assert "Page 1 of 2" in first
    assert (len(shown(first)), len(shown(second))) == (CLAIMS_SHOWN, 3)
    assert sorted([*shown(first), *shown(second)]) == numbers
    assert shown((await browser.get("/unmatched?search=lost-007")).text) == ["LOST-007"]
    nothing = (await browser.get("/unmatched?search=%25_")).text
    assert "No unmatched claim has" in nothing


async def test_our_own_number_is_entered_and_shown_before_it_is_matched(
    browser: Browser, sessions: Sessions
) -> None:
    await unmatched(sessions, "LOST")
    async with sessions.begin() as session:
        submission = await add_submission(
            session,
            "FAR-AWAY",
            member_identifier="X",
            charge_amount=Decimal("1.00"),
            service_from=None,
            service_to=None,
        )
    await browser.sign_in("dana")
    path = re.findall(r'method="get" action="(/unmatched/[^"]+)"', (await browser.get("/unmatched")).text)[0]
    page = (await browser.get(f"{path}?number=FAR-AWAY")).text
    assert str(submission) in page
    assert (
        "No claim of ours without an answer bears the number NONE"
        in (await browser.get(f"{path}?number=NONE")).text
    )
    answer = await browser.post(path, {"submitted_claim_id": str(submission)})
    assert answer.headers["location"] == "/unmatched?matched=1"
    assert (await browser.get(path)).status_code == 404


async def test_a_match_is_taken_back_with_a_reason_and_both_stay_on_record(
    browser: Browser, sessions: Sessions
) -> None:
    await unmatched(sessions, "LOST")
    async with sessions.begin() as session:
        submission = await add_submission(session, "SENT")
    await browser.sign_in("dana")
    path = re.findall(r'method="post" action="(/unmatched/[^"]+)"', (await browser.get("/unmatched")).text)[0]
    await browser.post(path, {"submitted_claim_id": str(submission)})
    matches = (await browser.get("/matches")).text
    undo = re.findall(r'action="(/matches/[^"]+)"', matches)[0]
    assert (await browser.post(undo, {"reason": " "})).status_code == 422
    answer = await browser.post(undo, {"reason": "another visit"})
    assert answer.headers["location"] == "/matches?done=1"
    page = (await browser.get("/matches?done=1")).text
    assert "another visit" in page
    assert "Taken back." in page
    assert shown((await browser.get("/unmatched")).text) == ["LOST"]
    again = await browser.post(undo, {"reason": "twice"})
    assert again.status_code == 409
