"""`overturn user add`."""

import pytest
from sqlalchemy import select

from overturn.accounts import AccountError, Role, add_account
from overturn.cli.users import store_account
from overturn.db.session import Sessions
from overturn.db.tables import UserAccount
from services.web.security import password_fits
from tests.integration.web.conftest import Browser

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

PASSWORD = "correct horse battery"


async def test_a_new_person_can_sign_in(browser: Browser, database_url: str, sessions: Sessions) -> None:
    await store_account(database_url, " Kim ", PASSWORD, role=Role.MANAGER, display_name="Kim Lee")
    assert (await browser.sign_in("Kim", PASSWORD)).status_code == 303
    assert (await browser.get("/manager")).status_code == 200
    async with sessions() as session:
        found = await session.scalars(select(UserAccount).filter_by(user_name="kim"))
        stored = found.one().password_hash
    assert PASSWORD not in stored
    assert password_fits(PASSWORD, stored)


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("dana", PASSWORD, "already a person"),
        ("kim", "short", "15 characters"),
        (" ", PASSWORD, "needs a name"),
    ],
)
async def test_an_account_that_cannot_be_made_says_why(
    browser: Browser, sessions: Sessions, name: str, password: str, said: str
) -> None:
    with pytest.raises(AccountError, match=said):
        async with sessions.begin() as session:
            await add_account(session, user_name=name, password=password, role=Role.SPECIALIST)


async def test_a_database_that_is_down_says_what_to_do() -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    with pytest.raises(AccountError, match="overturn status"):
        await store_account(url, "kim", PASSWORD, role=Role.SPECIALIST, display_name="")
