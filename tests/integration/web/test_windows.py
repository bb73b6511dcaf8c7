"""Managers propose windows of their own, and approve those of another."""

from typing import Any

import pytest
from sqlalchemy import select

from overturn.db.session import Sessions
from overturn.db.tables import FilingWindowOverride
from tests.integration.web.conftest import Browser
from tests.web_factories import person

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


def window(**changes: str) -> dict[str, Any]:
    given = {"payer_key": "cigna", "kind": "appeal", "level": "1", "amount": "60", "unit": "days"}
    return {**given, "counted_from": "notice_on", "since": "", "reason": "contract, page 4", **changes}


async def rows(sessions: Sessions) -> list[FilingWindowOverride]:
    async with sessions() as session:
        return list(await session.scalars(select(FilingWindowOverride)))


async def test_two_managers_put_a_window_in_force_and_one_ends_it(
    browser: Browser, sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        session.add(person("alex", "manager"))
    await browser.sign_in("morgan")
    assert "None was set" in (await browser.get("/windows")).text
    assert (await browser.post("/windows", window())).headers["location"] == "/windows?done=proposed"
    [row] = await rows(sessions)
    own = await browser.post(f"/windows/{row.id}/approve", {})
    assert (own.status_code, "ask a second person" in own.text) == (409, True)
    await browser.sign_in("alex")
    shown = (await browser.get("/windows")).text
    assert "60 days from the date of the remittance or decision" in shown
    assert "proposed by Morgan" in shown
    assert (await browser.post(f"/windows/{row.id}/approve", {})).status_code == 303
    assert "approved by Alex" in (await browser.get("/windows?done=approved")).text
    assert (await browser.post(f"/windows/{row.id}/end", {})).status_code == 303
    assert [row.state for row in await rows(sessions)] == ["ended"]


async def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("morgan")
    await browser.get("/windows")
    for changes, said in (
        ({"level": "0", "reason": "<b>x</b>"}, "Appeals have a level from 1"),
        ({"payer_key": "nobody"}, "The rules know no such payer"),
        ({"amount": "0"}, "from 1 to 3650"),
    ):
        answer = await browser.post("/windows", window(**changes))
        assert (answer.status_code, said in answer.text) == (409, True)
        assert "<b>x</b>" not in answer.text
    assert await rows(sessions) == []


async def test_specialists_are_kept_out(browser: Browser) -> None:
    await browser.sign_in("dana")
    assert (await browser.get("/windows")).status_code == 403
    assert (await browser.post("/windows", window())).status_code == 403
