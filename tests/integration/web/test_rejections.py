"""The page of rejected claims: least time first, unknown before all, done with a reason."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from overturn.db.session import Sessions
from overturn.db.tables import ReceivedFile, Rejection, SubmittedClaim
from tests.integration.records import only
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, TODAY, add_submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def rejection(sessions: Sessions, number: str, due_on: date | None, **changes: Any) -> UUID:
    deadline: dict[str, Any]
    if due_on:
        steps = [{"step": "window", "date": due_on.isoformat(), "because": "1 year: timely filing"}]
        rule = {"id": "medicare-claim", "source": "42 CFR 424.44"}
        deadline = {"due_on": due_on.isoformat(), "derivation": steps, "rule": rule}
    else:
        deadline = {"due_on": None, "unknown": "no filing window is known: set the window"}
    rejection_id = uuid4()
    async with sessions.begin() as session:
        submission = await session.get_one(SubmittedClaim, await add_submission(session, number))
        file = ReceivedFile(
            sha256=uuid4().hex * 2,
            file_name="ack.277",
            source="drop",
            size_bytes=1,
            state="posted",
        )
        session.add(file)
        await session.flush()
        fields = {
            "source": "277CA",
            "codes": ["A7:562"],
            "reason": "Rejected: information is invalid (A7, status code 562).",
            "rejected_on": date(2026, 3, 2),
            **changes,
        }
        session.add(
            Rejection(
                id=rejection_id,
                claim_id=submission.claim_id,
                file_sha256=file.sha256,
                due_on=due_on,
                deadline=deadline,
                **fields,
            )
        )
    return rejection_id


async def test_unknown_limits_come_first_then_the_least_days(browser: Browser, sessions: Sessions) -> None:
    await rejection(sessions, "CALM", TODAY + timedelta(days=90))
    await rejection(sessions, "LATE", TODAY - timedelta(days=2))
    await rejection(sessions, "UNKNOWN", None)
    await rejection(sessions, "SOON", TODAY + timedelta(days=5))
    await browser.sign_in("dana")
    page = (await browser.get("/rejections")).text
    places = [page.index(f">{number}<small>") for number in ("UNKNOWN", "LATE", "SOON", "CALM")]
    assert places == sorted(places)
    assert "4 claims" in page
    assert "$800.00 billed" in page
    for words in ("unknown: set the window", "2 d late", "5 d", "1 year: timely filing", "42 CFR 424.44"):
        assert words in page
    assert "Rejected: information is invalid (A7, status code 562)." in page
    assert "277CA of Mar 2, 2026, ack.277" in page


async def test_the_navigation_leads_to_it(browser: Browser) -> None:
    await browser.sign_in("dana")
    assert '<a href="/rejections">Rejections</a>' in (await browser.get("/queue")).text
    assert "No rejected claim waits." in (await browser.get("/rejections")).text


async def test_done_with_a_reason_it_moves_to_the_done_ones(browser: Browser, sessions: Sessions) -> None:
    rejection_id = await rejection(sessions, "P1", TODAY)
    await browser.sign_in("dana")
    await browser.get("/rejections")
    answer = await browser.post(f"/rejections/{rejection_id}", {"reason": "  Not billable.  "})
    assert answer.status_code == 303
    kept = await only(sessions, Rejection)
    assert (kept.state, kept.done_reason) == ("done", "Not billable.")
    assert "Marked as done." in (await browser.get(answer.headers["location"])).text
    assert "P1" not in (await browser.get("/rejections")).text
    done = (await browser.get("/rejections?state=done")).text
    assert "Not billable.<small>" in done
    assert "by Dana</small>" in done


async def test_what_ended_by_itself_says_so(browser: Browser, sessions: Sessions) -> None:
    await rejection(sessions, "P1", TODAY, state="done", done_reason="A 277CA took it in.", done_at=NOW)
    await browser.sign_in("dana")
    assert "by itself</small>" in (await browser.get("/rejections?state=done")).text


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "nul \x00"])
async def test_without_a_reason_nothing_is_done(browser: Browser, sessions: Sessions, reason: str) -> None:
    rejection_id = await rejection(sessions, "P1", TODAY)
    await browser.sign_in("dana")
    assert (await browser.post(f"/rejections/{rejection_id}", {"reason": reason})).status_code == 422
    assert (await only(sessions, Rejection)).state == "open"


async def test_one_that_is_done_already_is_refused_in_words(browser: Browser, sessions: Sessions) -> None:
    rejection_id = await rejection(sessions, "P1", TODAY)
    await browser.sign_in("dana")
    await browser.post(f"/rejections/{rejection_id}", {"reason": "first"})
    answer = await browser.post(f"/rejections/{rejection_id}", {"reason": "second"})
    assert answer.status_code == 409
    assert "done already: first" in answer.text
    gone = await browser.post(f"/rejections/{uuid4()}", {"reason": "x"})
    assert (gone.status_code, "not there any more" in gone.text) == (409, True)


async def test_nobody_sees_it_without_signing_in(browser: Browser, sessions: Sessions) -> None:
    rejection_id = await rejection(sessions, "P1", TODAY)
    assert (await browser.get("/rejections")).status_code == 303
    assert (await browser.post(f"/rejections/{rejection_id}", {"reason": "x"})).status_code in {303, 401, 403}
    assert (await only(sessions, Rejection)).state == "open"
