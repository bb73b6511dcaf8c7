"""`overturn user skills` as a person at a terminal uses it."""

import asyncio
from typing import Any

import pytest
from typer.testing import CliRunner

from overturn.accounts import Role, add_account
from overturn.cli import app
from overturn.db.session import Sessions
from overturn.db.tables import UserAccount
from tests.integration.records import only
from tests.integration.test_reconciling import SETTINGS

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)


async def said(*arguments: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, app, ["user", "skills", *arguments])


async def skills_of_kim(sessions: Sessions) -> list[str]:
    found: list[str] = (await only(sessions, UserAccount)).skills
    return found


async def test_skills_are_given_and_taken_back(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await add_account(session, user_name="kim", password="a phrase of four words", role=Role.SPECIALIST)
    answer = await said("kim", "therapy coding", "billing")
    assert (answer.exit_code, answer.output) == (0, "kim is given work of therapy coding, billing.\n")
    assert await skills_of_kim(sessions) == ["billing", "therapy coding"]

    refused = await said("kim", "juggling")
    assert refused.exit_code == 2
    assert "No queue asks for juggling. Choose of: " in refused.stderr
    assert await skills_of_kim(sessions) == ["billing", "therapy coding"]

    assert (await said("kim")).output == "kim is given work of every skill.\n"
    assert await skills_of_kim(sessions) == []


async def test_nobody_is_given_skills_by_a_wrong_name(sessions: Sessions) -> None:
    answer = await said("lee", "billing")
    assert answer.exit_code == 2
    assert "Nobody who can sign in is called lee" in answer.stderr
