"""Managers look at dead letters and decide about them."""

from uuid import uuid4

import pytest

from overturn.db.session import Sessions
from tests.dead_letter_factories import adjudicated, died, event_died
from tests.integration.web.conftest import Browser

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def test_the_page_is_for_managers(browser: Browser, sessions: Sessions) -> None:
    letter_id = await died(sessions, b"{}")
    await browser.sign_in("dana")
    assert "Dead letters" not in (await browser.get("/queue")).text
    for path in ("/dead-letters", f"/dead-letters/{letter_id}"):
        assert (await browser.get(path)).status_code == 403
    for action in ("retry", "discard"):
        answer = await browser.post(f"/dead-letters/{letter_id}/{action}", {"reason": "why"})
        assert answer.status_code == 403


async def test_one_is_sent_again_and_another_is_discarded(browser: Browser, sessions: Sessions) -> None:
    good = await event_died(sessions, adjudicated())
    bad = await died(sessions, b"<script>alert(1)</script>", offset=3)
    await browser.sign_in("morgan")
    page = (await browser.get("/dead-letters")).text
    assert f"/dead-letters/{good}" in page
    shown = (await browser.get(f"/dead-letters/{bad}")).text
    assert "&lt;script&gt;alert(1)" in shown
    refused = await browser.post(f"/dead-letters/{bad}/retry", {"reason": "try"})
    assert refused.status_code == 409
    assert "it is not JSON" in refused.text
    for letter_id, action, done in ((good, "retry", "retried"), (bad, "discard", "discarded")):
        answer = await browser.post(f"/dead-letters/{letter_id}/{action}", {"reason": "looked at"})
        assert answer.headers["location"] == f"/dead-letters?done={done}"
        assert (
            await browser.post(f"/dead-letters/{letter_id}/{action}", {"reason": "twice"})
        ).status_code == 409
    page = (await browser.get("/dead-letters?done=discarded")).text
    assert "No message waits for a decision." in page
    assert "stays on record with your reason" in page
    assert "looked at" in (await browser.get(f"/dead-letters/{bad}")).text
    assert str(good) in (await browser.get("/dead-letters?every=1")).text


async def test_a_decision_needs_a_reason(browser: Browser, sessions: Sessions) -> None:
    letter_id = await died(sessions, b"{}")
    await browser.sign_in("morgan")
    await browser.get(f"/dead-letters/{letter_id}")
    assert (await browser.post(f"/dead-letters/{letter_id}/discard", {"reason": " "})).status_code == 422


async def test_a_long_message_is_cut_and_an_unknown_one_is_not_found(
    browser: Browser, sessions: Sessions
) -> None:
    letter_id = await died(sessions, b"x" * 30_000)
    await browser.sign_in("morgan")
    assert "10,000 bytes more" in (await browser.get(f"/dead-letters/{letter_id}")).text
    assert (await browser.get(f"/dead-letters/{uuid4()}")).status_code == 404
