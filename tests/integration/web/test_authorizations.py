"""Authorizations on the pages: added by hand or from a file, shown with what is used, refused where wrong."""

from typing import Any

import pytest
from sqlalchemy import select

from overturn.db.session import Sessions
from overturn.db.tables import PayerAuthorization
from overturn.rulebook.practice import AUTHORIZATION_COLUMNS
from tests.integration.web.conftest import Browser

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

HEADER = ",".join(AUTHORIZATION_COLUMNS)


def entered(**changes: str) -> dict[str, Any]:
    return {
        "payer_key": "aetna",
        "account": "MEMBER1",
        "number": "A1",
        "effective_from": "2026-01-01",
        "effective_to": "2026-06-30",
        "visits": "2",
        "reference": "letter of 2025-12-20",
        **changes,
    }


async def rows(sessions: Sessions) -> list[PayerAuthorization]:
    async with sessions() as session:
        return list(await session.scalars(select(PayerAuthorization)))


async def test_one_is_added_shown_changed_and_removed(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    assert "No authorization is known yet" in (await browser.get("/authorizations")).text
    answer = await browser.post("/authorizations", entered())
    assert answer.headers["location"] == "/authorizations?added=1&changed=0"
    shown = (await browser.get(answer.headers["location"])).text
    assert "1 new, 0 changed." in shown
    assert "<strong>2 visits left</strong>" in shown
    await browser.post("/authorizations", entered(visits="12"))
    [row] = await rows(sessions)
    assert (row.visits, row.updated_by is not None) == (12, True)
    assert "visits left" not in (await browser.get("/authorizations")).text
    assert (await browser.post(f"/authorizations/{row.id}/remove", {})).status_code == 303
    assert await rows(sessions) == []


async def test_what_is_wrong_is_said_and_what_was_typed_stays(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    answer = await browser.post("/authorizations", entered(visits="many", reference="<b>x</b>"))
    assert answer.status_code == 422
    assert "visits: &#39;many&#39; cannot be read: write a whole number" in answer.text
    assert 'value="&lt;b&gt;x&lt;/b&gt;"' in answer.text
    assert await rows(sessions) == []


async def test_a_file_is_taken_in_whole_or_not_at_all(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    good = "aetna,M1,A1,yes,2026-01-01,2026-06-30,10,,,PT,letter"
    wrong = "nobody,M2,A2,yes,2026-01-01,,,,,,letter"
    for lines, status, count in (((good, wrong), 422, 0), ((good,), 303, 1), ((good,), 303, 1)):
        content = "\n".join((HEADER, *lines)).encode()
        answer = await browser.post("/authorizations/file", {}, files={"file": ("auths.csv", content)})
        assert (answer.status_code, len(await rows(sessions))) == (status, count)
        assert (status == 303) or "auths.csv, row 3, column payer_key" in answer.text
    assert answer.headers["location"] == "/authorizations?added=0&changed=0"


async def test_a_file_that_is_too_large_or_wholly_wrong_is_told_in_short(browser: Browser) -> None:
    await browser.sign_in("dana")
    huge = await browser.post("/authorizations/file", {}, files={"file": ("a.csv", b"x" * 5_000_001)})
    assert "more than 5 MB" in huge.text
    wrong = "\n".join((HEADER, *(f"nobody,M{n},A{n},yes,2026-01-01,,,,,,x" for n in range(30))))
    told = await browser.post("/authorizations/file", {}, files={"file": ("a.csv", wrong.encode())})
    assert "And 10 more. Nothing of the file was taken in." in told.text
