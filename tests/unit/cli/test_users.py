"""`overturn user add` from the command line."""

from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from overturn.accounts import PASSWORD_CHARACTERS
from overturn.cli import users

ENVIRONMENT = {
    "OVERTURN_DATABASE_URL": "postgresql+psycopg://x@127.0.0.1:1/x",
    "OVERTURN_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "OVERTURN_TEMPORAL_ADDRESS": "127.0.0.1:1",
    "OVERTURN_INGEST_TOKEN": "t" * 32,
    "OVERTURN_PAYLOAD_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The accounts that would have been stored."""
    calls: list[tuple[Any, ...]] = []

    async def store_account(url: str, name: str, password: str, *, role: str, display_name: str) -> None:
        calls.append((name, password, role, display_name))

    monkeypatch.setattr(users, "store_account", store_account)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return calls


def run(*arguments: str, typed: str = "") -> Any:
    app = Typer()
    users.register(app)
    return CliRunner().invoke(app, ["user", "add", *arguments], input=typed)


def test_the_password_is_asked_for_twice(made: list[tuple[Any, ...]]) -> None:
    result = run("kim", "--role", "manager", typed="a secret phrase\na secret phrase\n")
    assert result.exit_code == 0, result.output
    assert made == [("kim", "a secret phrase", "manager", "")]
    assert "a secret phrase" not in result.output


def test_a_generated_password_is_long_and_shown_once(made: list[tuple[Any, ...]]) -> None:
    result = run("kim", "--generate", "--display-name", "Kim Lee")
    [(_, password, role, display_name)] = made
    assert result.output.count(password) == 1
    assert len(password) >= PASSWORD_CHARACTERS
    assert (role, display_name) == ("specialist", "Kim Lee")


def test_an_unknown_role_is_a_usage_error(made: list[tuple[Any, ...]]) -> None:
    assert run("kim", "--role", "owner").exit_code == 2
    assert made == []
