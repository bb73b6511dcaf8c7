"""The next best case in one click, pended work out of sight, and what was missed."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from overturn.accounts import set_skills
from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, DenialCase, UserAccount
from overturn.domain.denial_case import CaseStatus, Outcome, StepRefusedError
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, TODAY, CaseSeed, add_case
from workflows.denial_case.types import PersonsStep, StepResult

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def seed(sessions: Sessions, *seeds: CaseSeed) -> list[UUID]:
    async with sessions.begin() as session:
        return [await add_case(session, each) for each in seeds]


async def owner_of(sessions: Sessions, case_id: UUID) -> str | None:
    async with sessions() as session:
        found = await session.scalar(
            select(col(UserAccount.user_name))
            .join(DenialCase, col(DenialCase.assigned_to) == col(UserAccount.id))
            .where(col(DenialCase.id) == case_id)
        )
    return str(found) if found else None


async def take_next(browser: Browser, queue: str = "") -> str:
    await browser.get("/queue")
    answer = await browser.post("/queue/next", {"queue": queue})
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def test_the_best_case_that_nobody_has_is_taken_and_opened(
    browser: Browser, sessions: Sessions
) -> None:
    _, better = await seed(
        sessions, CaseSeed("A1", priority=Decimal(10)), CaseSeed("A2", priority=Decimal(90))
    )
    await browser.sign_in("dana")
    assert await take_next(browser) == f"/cases/{better}"
    assert await owner_of(sessions, better) == "dana"


async def test_what_somebody_took_a_moment_ago_is_passed_over(
    browser: Browser, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse, better = await seed(
        sessions, CaseSeed("A1", priority=Decimal(10)), CaseSeed("A2", priority=Decimal(90))
    )
    take = type(browser.steps).__call__

    async def taken(self: object, case_id: UUID, step: PersonsStep, words: str) -> StepResult:
        if case_id == better:
            raise StepRefusedError("This case has changed since the page was loaded.")
        return await take(browser.steps, case_id, step, words)

    monkeypatch.setattr(type(browser.steps), "__call__", taken)
    await browser.sign_in("dana")
    assert await take_next(browser) == f"/cases/{worse}"


async def test_without_anything_to_take_the_queue_is_shown(browser: Browser) -> None:
    await browser.sign_in("dana")
    assert (await take_next(browser)).startswith("/queue")


async def test_pended_work_is_out_of_the_queue_until_its_day(browser: Browser, sessions: Sessions) -> None:
    (case_id,) = await seed(sessions, CaseSeed("A1"))
    await browser.sign_in("dana")
    async with sessions.begin() as session:
        case = await session.get_one(DenialCase, case_id)
        dana = await session.scalar(select(UserAccount).where(col(UserAccount.user_name) == "dana"))
        assert dana is not None
        case.pended_until, case.assigned_to = TODAY + timedelta(days=1), dana.id
    assert f"/cases/{case_id}" not in (await browser.get("/queue")).text
    assert f"/cases/{case_id}" in (await browser.get("/queue?owner=pended")).text
    assert f"/cases/{case_id}" in (await browser.get("/queue?claim=A1")).text
    assert (await take_next(browser)).startswith("/queue")
    assert "Pended until" in (await browser.get(f"/cases/{case_id}")).text
    async with sessions.begin() as session:
        (await session.get_one(DenialCase, case_id)).pended_until = TODAY
    assert f"/cases/{case_id}" in (await browser.get("/queue?owner=mine")).text


async def test_missed_cases_show_dollars_and_cause_to_the_lead(browser: Browser, sessions: Sessions) -> None:
    missed, near = await seed(
        sessions,
        CaseSeed("A1", status=CaseStatus.RESOLVED, outcome=Outcome.EXPIRED),
        CaseSeed("A2"),
    )
    async with sessions.begin() as session:
        (await session.get_one(DenialCase, missed)).missed_cause = "not_sent"
        (await session.get_one(DenialCase, near)).escalated_at = NOW
        session.add(
            CaseEvent(
                id=uuid4(), case_id=missed, kind="expire", summary="-", actor="clock", amount=Decimal("71.50")
            )
        )
    await browser.sign_in("dana")
    assert (await browser.get("/missed")).status_code == 403
    await browser.sign_in("morgan")
    page = (await browser.get("/missed")).text
    assert "$71.50 lost" in page
    assert "Ready, and not sent" in page
    assert f"/cases/{missed}" in page
    assert f"/cases/{near}" in page


async def test_the_lead_sees_what_lies_untouched(browser: Browser, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for number, days in {"STILL-1": 14, "MOVED-1": 2}.items():
            case_id = await add_case(session, CaseSeed(number))
            await session.execute(
                update(CaseEvent)
                .where(col(CaseEvent.case_id) == case_id)
                .values(happened_at=NOW - timedelta(days=days))
            )
    await browser.sign_in("morgan")
    page = (await browser.get("/missed")).text
    assert "Untouched for 5 business days" in page
    assert "STILL-1" in page
    assert "MOVED-1" not in page


async def test_who_has_a_skill_is_given_work_that_asks_for_it(browser: Browser, sessions: Sessions) -> None:
    appeal, modifier = await seed(
        sessions,
        CaseSeed("A1", priority=Decimal(90), queue="clinical_appeals"),
        CaseSeed("A2", priority=Decimal(10), queue="modifiers"),
    )
    async with sessions.begin() as session:
        await set_skills(session, "dana", ["therapy coding"])
    await browser.sign_in("dana")
    assert await take_next(browser) == f"/cases/{modifier}"
    assert await take_next(browser, "clinical_appeals") == f"/cases/{appeal}"  # asked for by name
