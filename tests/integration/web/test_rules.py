"""Managers see the sets of rules, what each would change, and lead one through its life as two people."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn import rule_sets
from overturn.db.session import Sessions
from overturn.db.tables import RuleSet, UserAccount
from tests.integration.records import take_in
from tests.integration.test_rule_sets import folder
from tests.integration.web.conftest import Browser
from tests.unit.cli.test_classify import REMITTANCE
from tests.web_factories import person

__all__ = ["folder"]

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SINCE = "since=2026-01-01"


async def submitted(sessions: Sessions, folder: Path, *, by: str) -> str:
    async with sessions.begin() as session:
        name = col(UserAccount.user_name)
        actor = (await session.scalars(select(col(UserAccount.id)).where(name == by))).one()
        return (await rule_sets.submit(session, folder, by=UUID(str(actor)), note="N290")).version


async def states(sessions: Sessions) -> set[str]:
    async with sessions() as session:
        return set(await session.scalars(select(col(RuleSet.state))))


async def test_a_second_person_approves_and_then_it_is_published_and_taken_back(
    browser: Browser, sessions: Sessions, folder: Path
) -> None:
    async with sessions.begin() as session:
        session.add(person("alex", "manager"))
    version = await submitted(sessions, folder, by="alex")
    await browser.sign_in("morgan")
    listed = await browser.get("/rules")
    assert version[:12] in listed.text
    assert 'href="/rules"' in (await browser.get("/manager")).text
    assert "Approve" in listed.text
    for step, state in (("approve", "approved"), ("publish", "published")):
        answer = await browser.post(f"/rules/{version}/{step}", {})
        assert (answer.status_code, await states(sessions)) == (303, {state})
    shown = (await browser.get("/rules?done=publish")).text
    assert f"<code>{version[:12]}</code> is in force" in shown
    assert "So far 0 % of the open cases are decided anew." in shown
    assert (await browser.post("/rules/rollback", {})).status_code == 303
    assert await states(sessions) == {"rolled_back"}


async def test_whoever_submitted_is_told_to_ask_a_second_person(
    browser: Browser, sessions: Sessions, folder: Path
) -> None:
    version = await submitted(sessions, folder, by="morgan")
    await browser.sign_in("morgan")
    refused = await browser.post(f"/rules/{version}/approve", {})
    assert (refused.status_code, "ask a second person" in refused.text) == (409, True)
    early = await browser.post(f"/rules/{version}/publish", {})
    assert (early.status_code, "has to be approved" in early.text) == (409, True)
    assert await states(sessions) == {"tested"}


async def test_a_replay_shows_what_a_set_would_change(
    browser: Browser, sessions: Sessions, folder: Path
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    version = await submitted(sessions, folder, by="morgan")
    await browser.sign_in("morgan")
    shown = (await browser.get(f"/rules/replay?version={version[:12]}&{SINCE}")).text
    assert "1 of 1 answer would change" in shown
    assert "CLAIM1" in shown
    assert "1 open case" in shown
    assert "$100.00" in shown


async def test_the_rules_in_force_as_of_another_day_are_a_replay_too(
    browser: Browser, sessions: Sessions
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    await browser.sign_in("morgan")
    shown = (await browser.get(f"/rules/replay?{SINCE}&as_of=2026-07-01")).text
    assert "0 of 1 answer would change" in shown
    assert "2026-31-31 is no date" in (await browser.get(f"/rules/replay?{SINCE}&as_of=2026-31-31")).text


async def test_a_version_that_is_none_is_said(browser: Browser) -> None:
    await browser.sign_in("morgan")
    shown = await browser.get(f"/rules/replay?version={'f' * 12}")
    assert "There is no one set of rules" in shown.text


async def test_without_any_set_the_shipped_rules_are_named(browser: Browser) -> None:
    await browser.sign_in("morgan")
    assert "The rules as shipped are in force" in (await browser.get("/rules")).text


@pytest.mark.parametrize("path", ["/rules", "/rules/replay"])
async def test_it_is_for_managers(browser: Browser, path: str) -> None:
    await browser.sign_in("dana")
    assert (await browser.get(path)).status_code == 403
