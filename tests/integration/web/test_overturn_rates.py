"""What letters overturned: only what a payer decided counts, and the manager sees it with n and interval."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import Letter
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.reporting.letter_rates import sent_letters
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, TODAY, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def ended(
    sessions: Sessions, number: str, outcome: Outcome | None, recovered: str = "0.00", version: str = "v1"
) -> UUID:
    """A case whose letter was sent."""
    status = CaseStatus.RESOLVED if outcome else CaseStatus.SUBMITTED
    seed = CaseSeed(number, outcome=outcome, status=status, recovered=Decimal(recovered))
    async with sessions.begin() as session:
        case_id = await add_case(session, seed)
        await session.execute(
            update(Letter)
            .where(col(Letter.case_id) == case_id)
            .values(state="submitted", template_version=version)
        )
    return case_id


async def counted(sessions: Sessions) -> list[tuple[str, str, int, int]]:
    async with sessions() as session:
        return [(one.letter, one.version, one.ended, one.won) for one in await sent_letters(session)]


async def test_most_of_the_money_back_is_overturned_and_the_rest_is_not(sessions: Sessions) -> None:
    await ended(sessions, "A", Outcome.RECOVERED, "120.00")
    await ended(sessions, "B", Outcome.PARTLY_RECOVERED, "59.99")
    await ended(sessions, "C", Outcome.UPHELD)
    assert await counted(sessions) == [("medical_necessity", "v1", 3, 1)]


@pytest.mark.parametrize("outcome", [Outcome.WRITTEN_OFF, Outcome.EXPIRED, None])
async def test_what_no_payer_decided_is_left_out(sessions: Sessions, outcome: Outcome | None) -> None:
    await ended(sessions, "A", outcome)
    assert await counted(sessions) == []


async def test_a_letter_that_was_not_sent_is_left_out(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("A", outcome=Outcome.UPHELD, status=CaseStatus.RESOLVED))
    assert await counted(sessions) == []


async def test_a_level_that_was_followed_by_another_did_not_overturn(sessions: Sessions) -> None:
    case_id = await ended(sessions, "A", Outcome.RECOVERED, "120.00")
    async with sessions.begin() as session:
        session.add(
            Letter(
                id=uuid4(),
                case_id=case_id,
                level=2,
                template="reconsideration",
                template_version="v9",
                title="T",
                draft_markdown="x",
                markdown="x",
                state="submitted",
                pdf=b"",
                docx=b"",
                dated_on=TODAY,
                updated_at=NOW,
            )
        )
    assert await counted(sessions) == [("medical_necessity", "v1", 1, 0), ("reconsideration", "v9", 1, 1)]


async def test_the_manager_sees_rates_and_a_suggestion_that_says_it_may_be_chance(
    browser: Browser, sessions: Sessions
) -> None:
    for n in range(20):
        await ended(
            sessions, f"O{n}", Outcome.RECOVERED if n < 8 else Outcome.UPHELD, "120.00" if n < 8 else "0.00"
        )
        won = n < 11
        await ended(
            sessions, f"N{n}", Outcome.RECOVERED if won else Outcome.UPHELD, "120.00" if won else "0.00", "v2"
        )
    await browser.sign_in("morgan")
    page = (await browser.get("/manager")).text
    assert "version <code>as shipped (v2)</code> did best, 55.0 % of n = 20" in page
    assert "The intervals overlap: it may be chance." in page
    assert "Overturn rate by payer" in page


async def test_without_outcomes_the_page_says_so(browser: Browser) -> None:
    await browser.sign_in("morgan")
    assert "No letter has a known outcome yet." in (await browser.get("/manager")).text
