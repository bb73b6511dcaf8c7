"""The demo's people are made once, and only their owner can read their passwords."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.demo.accounts import FILE, ensure_accounts
from overturn.settings import Settings
from services.web.security import password_fits
from tests.integration.records import rows

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def test_a_second_run_gives_the_same_people_and_passwords(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    settings = Settings.model_construct(database_url=database_url)
    first = await ensure_accounts(settings, tmp_path)
    assert await ensure_accounts(settings, tmp_path) == first
    assert {a.role for a in first} == {"specialist", "manager"}
    stored = {row.user_name: row.password_hash for row in await rows(sessions, tables.UserAccount)}
    assert len(stored) == len(first)
    assert all(password_fits(a.password, stored[a.user_name]) for a in first)


async def test_whoever_an_earlier_release_did_not_have_is_added(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    settings = Settings.model_construct(database_url=database_url)
    first = await ensure_accounts(settings, tmp_path)
    (tmp_path / FILE).write_text(json.dumps([asdict(account) for account in first[:-1]]))
    again = await ensure_accounts(settings, tmp_path)
    assert [account.user_name for account in again] == [account.user_name for account in first]
    assert again[:-1] == first[:-1]
    assert len(await rows(sessions, tables.UserAccount)) == len(first)


async def test_two_managers_can_approve_each_others_proposals(database_url: str, tmp_path: Path) -> None:
    people = await ensure_accounts(Settings.model_construct(database_url=database_url), tmp_path)
    assert sum(account.role == "manager" for account in people) == 2


async def test_the_passwords_are_for_the_owners_eyes_only(database_url: str, tmp_path: Path) -> None:
    accounts = await ensure_accounts(Settings.model_construct(database_url=database_url), tmp_path)
    assert oct(mode_of(tmp_path / FILE)) == "0o600"
    assert len({a.password for a in accounts}) == len(accounts)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777
