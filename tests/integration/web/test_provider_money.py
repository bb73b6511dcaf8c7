"""Money outside claims is shown: whose it is, where it stands in the file, and on the case it names."""

import pytest

from overturn.db import tables
from overturn.db.session import Sessions
from tests.integration.records import only, take_in
from tests.integration.test_take_backs import PAID, plb
from tests.integration.web.conftest import Browser
from tests.x12_files import denied_claim, paid_claim, remittance, reversal

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def test_what_names_a_claim_and_what_names_none_are_told_apart(
    browser: Browser, sessions: Sessions
) -> None:
    denied = remittance(denied_claim("P1"), trace="T0", paid_on="20260901")
    await take_in(sessions, denied, PAID, plb(("WO", "P1", "70.00"), ("WO", "NOBODYS", "5.00")))
    await browser.sign_in("dana")
    page = (await browser.get("/provider-money")).text
    of_provider, naming = page.split("Naming a claim</h2>")
    assert "NOBODYS" in of_provider
    assert "/cases/" not in of_provider
    case = await only(sessions, tables.DenialCase)
    assert f'<a href="/cases/{case.id}">P1</a>' in naming
    shown = (await browser.get(f"/cases/{case.id}")).text
    assert "Moved outside any claim, naming this one" in shown
    assert "Paid and taken back</dt><dd>$70.00" in shown


async def test_a_balance_that_is_still_carried_is_shown_with_its_amount(
    browser: Browser, sessions: Sessions
) -> None:
    carried = remittance(
        reversal(paid_claim("P1", icn="2026244000100")),
        trace="T2",
        paid_on="20261001",
        plb=[("FB", "CARRIED-1", "-70.00")],
    )
    await take_in(sessions, PAID, carried)
    await browser.sign_in("dana")
    page = (await browser.get("/provider-money")).text
    assert "Balances still carried" in page
    assert "CARRIED-1" in page.split("Of the provider as a whole</h2>")[0]


async def test_an_empty_record_shows_an_empty_page(browser: Browser) -> None:
    await browser.sign_in("dana")
    page = (await browser.get("/provider-money")).text
    assert page.count("None.") == 2
