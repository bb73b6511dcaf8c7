"""The page of payers that do not know a provider."""

import re
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from overturn.db.credentialing import GapKey
from overturn.db.session import Sessions
from overturn.db.tables import CredentialingGap, CredentialingGapClaim, DenialCase, SubmittedClaim
from tests.integration.web.conftest import Browser
from tests.web_factories import TODAY, CaseSeed, add_case, add_submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

KEY = GapKey("medicare", "1234567893")


async def add_gap(sessions: Sessions, *, remedy: str | None = None) -> UUID:
    """A denied claim that is due in March, one due in April, and one that is held."""
    async with sessions.begin() as session:
        session.add(
            CredentialingGap(
                id=KEY.id, payer=KEY.payer, npi=KEY.npi, state="open", opened_on=date(2026, 2, 1)
            )
        )
        await session.flush()
        for number, due_on in {"LATER": date(2026, 4, 20), "SOONER": date(2026, 3, 18)}.items():
            case_id = await add_case(session, CaseSeed(number, category="credentialing_npi", due_on=due_on))
            case = await session.get_one(DenialCase, case_id)
            session.add(
                CredentialingGapClaim(
                    gap_id=KEY.id,
                    claim_id=case.claim_id,
                    case_id=case_id,
                    standing="case",
                    amount=Decimal("120.00"),
                    service_on=date(2026, 2, 2),
                    due_on=due_on,
                    remedy=remedy,
                    because="served before <the> date" if remedy else "",
                )
            )
        held = await session.get_one(SubmittedClaim, await add_submission(session, "HELD"))
        session.add(
            CredentialingGapClaim(
                gap_id=KEY.id, claim_id=held.claim_id, standing="held", amount=Decimal("200.00")
            )
        )
    return KEY.id


async def answer(browser: Browser, gap_id: UUID, **form: str) -> tuple[int, str]:
    page = (await browser.get("/gaps")).text
    hidden = dict(re.findall(r'name="(step_id|version)" value="([^"]+)"', page))
    filled = {**hidden, "effective_on": "", **form}
    sent = await browser.post(f"/gaps/{gap_id}", filled, follow_redirects=True)
    return sent.status_code, sent.text


async def test_the_earliest_filing_limit_comes_first_and_the_dollars_are_added_up(
    browser: Browser, sessions: Sessions
) -> None:
    await add_gap(sessions)
    await browser.sign_in("dana")
    page = (await browser.get("/gaps")).text
    assert page.index(">SOONER<") < page.index(">LATER<") < page.index("Held: claims") < page.index(">HELD<")
    for words in (
        "Medicare Part B contractor does not know NPI 1234567893",
        "$440.00",
        "First filing limit: Mar 18, 2026",
    ):
        assert words in page
    assert f"{(date(2026, 3, 18) - TODAY).days} d" in page
    assert page.count("hold until the effective date") == 3


async def test_an_effective_date_is_recorded_with_who_said_it(browser: Browser, sessions: Sessions) -> None:
    gap_id = await add_gap(sessions)
    await browser.sign_in("dana")
    status, page = await answer(browser, gap_id, state="dated", effective_on="2026-03-01")
    assert status == 200
    for words in ("Recorded.", "Effective date: Mar 1, 2026", "Dana: The payer"):
        assert words in page
    async with sessions() as session:
        assert (await session.get_one(CredentialingGap, gap_id)).effective_on == date(2026, 3, 1)


async def test_what_does_not_fit_is_refused_on_the_page(browser: Browser, sessions: Sessions) -> None:
    gap_id = await add_gap(sessions)
    await browser.sign_in("dana")
    status, page = await answer(browser, gap_id, state="dated")
    assert (status, "Give the effective date that the payer" in page) == (409, True)
    status, page = await answer(browser, gap_id, state="dated", effective_on="soon")
    assert status == 422
    assert "effective_on" in page
    async with sessions() as session:
        assert (await session.get_one(CredentialingGap, gap_id)).version == 1


async def test_a_released_claim_says_what_to_do_and_why(browser: Browser, sessions: Sessions) -> None:
    await add_gap(sessions, remedy="write_off")
    await browser.sign_in("dana")
    page = (await browser.get("/gaps")).text
    assert page.count("write-off proposed<small>served before &lt;the&gt; date") == 2


async def test_no_incident_is_said(browser: Browser) -> None:
    await browser.sign_in("dana")
    page = (await browser.get("/gaps")).text
    assert "0 incidents" in page
    assert "An incident opens with the first denial" in page
