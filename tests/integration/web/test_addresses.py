"""Addresses and signer: entered by a manager, refused where nothing could be sent, filled into a letter."""

from typing import Any

import pytest
from sqlalchemy import select

from overturn.db.session import Sessions
from overturn.db.tables import Letter, PayerContact, PracticeProfile
from tests.integration.web.conftest import Browser
from tests.web_factories import CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

PRACTICE = {
    "address": "12 Harbor Lane\r\nErie, PA 16501",
    "phone": "(555) 555-0100",
    "fax": "",
    "signer_name": "Robin Vale",
    "signer_title": "Billing Manager",
}


def payer(**changes: Any) -> dict[str, Any]:
    given = {
        "payer": "Medicare Part B",
        "line_of_business": "",
        "level": "",
        "channel": "mail",
        "address": "Appeals\r\n\r\nP.O. Box 7\r\n",
        "destination": "",
        "source": "provider manual, page 12",
    }
    return {**given, **changes}


async def contacts(sessions: Sessions) -> list[PayerContact]:
    async with sessions() as session:
        return list(await session.scalars(select(PayerContact)))


async def test_a_manager_enters_the_practice_and_a_payer(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("morgan")
    await browser.get("/addresses")
    assert (await browser.post("/addresses/practice", PRACTICE)).status_code == 303
    assert (await browser.post("/addresses/payers", payer())).status_code == 303
    shown = (await browser.get("/addresses?done=contact")).text
    assert "The address is saved." in shown
    assert "Appeals, P.O. Box 7" in shown
    assert 'value="Robin Vale"' in shown
    async with sessions() as session:
        profile = (await session.scalars(select(PracticeProfile))).one()
    assert profile.address == ["12 Harbor Lane", "Erie, PA 16501"]
    assert profile.updated_by is not None


async def test_the_same_payer_level_and_channel_is_replaced_and_not_doubled(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("morgan")
    await browser.post("/addresses/payers", payer())
    await browser.post("/addresses/payers", payer(address="New address"))
    await browser.post("/addresses/payers", payer(level="2", address="Second level"))
    assert sorted(row.address[0] for row in await contacts(sessions)) == ["New address", "Second level"]


async def test_an_address_can_be_removed(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("morgan")
    await browser.post("/addresses/payers", payer())
    (row,) = await contacts(sessions)
    assert (await browser.post(f"/addresses/payers/{row.id}/remove", {})).status_code == 303
    assert await contacts(sessions) == []


async def test_a_number_that_is_none_is_refused_and_what_was_typed_stays(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("morgan")
    answer = await browser.post(
        "/addresses/payers", payer(channel="fax", destination="12", source="<b>x</b>")
    )
    assert answer.status_code == 422
    assert "is not a fax number of ten digits" in answer.text
    assert 'value="&lt;b&gt;x&lt;/b&gt;"' in answer.text
    assert await contacts(sessions) == []


@pytest.mark.parametrize("path", ["/addresses", "/addresses/practice", "/addresses/payers"])
async def test_a_specialist_changes_no_address(browser: Browser, path: str) -> None:
    await browser.sign_in("dana")
    answer = await (browser.get(path) if path == "/addresses" else browser.post(path, PRACTICE))
    assert answer.status_code == 403


async def letter_path(browser: Browser, sessions: Sessions) -> str:
    text = "To\n\n[payer's address for appeals]\n\n[signature]\n\n[name of the person who signs]\n[why]\n"
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("A1", letter=text))
    await browser.sign_in("dana")
    async with sessions() as session:
        letter = (await session.scalars(select(Letter))).one()
    return f"/cases/{case_id}/letters/{letter.id}"


async def test_a_drafted_letter_is_filled_in_once_the_addresses_are_known(
    browser: Browser, sessions: Sessions
) -> None:
    path = await letter_path(browser, sessions)
    refused = await browser.post(f"{path}/fill", {})
    assert refused.status_code == 409
    assert "A manager enters both on the page Addresses." in refused.text
    await browser.sign_in("morgan")
    await browser.post("/addresses/practice", PRACTICE)
    await browser.post("/addresses/payers", payer())
    await browser.sign_in("dana")
    assert (await browser.post(f"{path}/fill", {})).status_code == 303
    async with sessions() as session:
        letter = (await session.scalars(select(Letter))).one()
    assert "Appeals\nP.O. Box 7\n" in letter.markdown
    assert (letter.missing_facts, letter.version) == (["why"], 2)
    assert "[name of the person who signs]" in letter.draft_markdown
