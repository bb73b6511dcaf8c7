"""The demo's people: passwords are made once and kept in the home folder, for the owner's eyes only."""

import json
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from overturn.accounts import AccountError, Role, add_account
from overturn.db.session import create_engine, create_sessions
from overturn.settings import Settings

FILE: Final = "demo-accounts.json"
PEOPLE: Final[tuple[tuple[str, str, Role], ...]] = (
    ("ana", "Ana Specialist", Role.SPECIALIST),
    ("lee", "Lee Specialist", Role.SPECIALIST),
    ("max", "Max Manager", Role.MANAGER),
    ("zoe", "Zoe Manager", Role.MANAGER),
)
"""Two managers: what one proposes, of rules and of letters, the other approves."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One of the demo's people, with the password to sign in with."""

    user_name: str
    display_name: str
    role: Role
    password: str


async def ensure_accounts(settings: Settings, home: Path) -> list[DemoAccount]:
    """The demo's accounts; made where they are missing."""
    accounts = _accounts(home / FILE)
    engine = create_engine(settings.database_url, pool_size=1)
    sessions = create_sessions(engine)
    for account in accounts:
        with suppress(AccountError):  # there from an earlier run
            async with sessions.begin() as session:
                await add_account(session, **asdict(account))
    await engine.dispose()
    return accounts


def _accounts(path: Path) -> list[DemoAccount]:
    """Those of the file, and whoever it lacks."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    accounts = [DemoAccount(**account) for account in known]
    names = {account.user_name for account in accounts}
    accounts += [
        DemoAccount(name, shown, role, secrets.token_urlsafe(12))
        for name, shown, role in PEOPLE
        if name not in names
    ]
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(account) for account in accounts]), encoding="utf-8")
    return accounts
