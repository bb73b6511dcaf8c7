"""`overturn dead-letter` as a person at a terminal uses it."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from overturn.cli import app
from overturn.db.session import Sessions
from tests.dead_letter_factories import adjudicated, died, event_died
from tests.integration.test_reconciling import SETTINGS
from tests.web_factories import person

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)


async def asked(*arguments: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, app, ["dead-letter", *arguments])


async def listed(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((await asked("list", "--json", *arguments)).output)
    return found


async def test_an_empty_list_ends_with_0() -> None:
    answer = await asked("list")
    assert (answer.exit_code, answer.output) == (0, "None is waiting.\n")
    assert await listed() == []


async def test_the_list_tells_everything_but_the_message(sessions: Sessions) -> None:
    letter_id = await died(sessions, b'{"name": "PATIENT"}', key=b"PATIENT")
    answer = await asked("list")
    assert answer.exit_code == 1
    assert "1 waiting." in answer.output
    assert str(letter_id) in answer.output
    assert "PATIENT" not in answer.output
    (letter,) = await listed()
    assert (letter["id"], letter["state"], letter["tries"]) == (str(letter_id), "waiting", 5)
    assert set(letter) == {"id", "state", "topic", "consumer", "key", "reason", "tries", "died_at"}


async def test_show_prints_the_message_and_says_that_it_may_name_a_patient(sessions: Sessions) -> None:
    letter_id = await died(sessions, b'{"name": "PATIENT"}')
    answer = await asked("show", str(letter_id))
    assert answer.exit_code == 0
    assert "PATIENT" in answer.stdout
    assert "may name a patient" in answer.stderr
    told = json.loads((await asked("show", str(letter_id), "--json")).stdout)
    assert told["message"] == '{"name": "PATIENT"}'
    assert [step["what"] for step in told["history"]] == ["died"]


async def test_retry_takes_several_or_none(sessions: Sessions) -> None:
    good = [str(await event_died(sessions, adjudicated(), offset=n)) for n in range(2)]
    bad = str(await died(sessions, b"rubbish", offset=7))
    refused = await asked("retry", *good, bad)
    assert refused.exit_code == 2
    assert "it is not JSON" in refused.stderr
    assert len(await listed()) == 3
    done = await asked("retry", *good, "--reason", "mended")
    assert done.exit_code == 0
    assert [letter["id"] for letter in await listed()] == [bad]
    assert len(await listed("--all")) == 3


async def test_discard_needs_a_reason_and_a_person_who_exists(sessions: Sessions) -> None:
    letter_id = str(await died(sessions, b"rubbish"))
    async with sessions.begin() as session:
        session.add_all([person("ana"), person("gone", disabled=True)])
    assert (await asked("discard", letter_id)).exit_code == 2
    assert (await asked("discard", letter_id, "--reason", "rubbish")).exit_code == 2
    for nobody in ("nobody", "gone"):
        answer = await asked("discard", letter_id, "--reason", "rubbish", "--by", nobody)
        assert answer.exit_code == 2
        assert "Nobody who can sign in" in answer.stderr
    assert (await asked("discard", letter_id, "--reason", "rubbish", "--by", "ana")).exit_code == 0
    assert "discarded by Ana: rubbish" in (await asked("show", letter_id)).stdout
    assert (await asked("list")).exit_code == 0


@pytest.mark.parametrize("command", ["show", "retry"])
async def test_an_unknown_one_is_said(command: str) -> None:
    answer = await asked(command, str(UUID(int=1)))
    assert answer.exit_code == 2
    assert "There is no dead letter" in answer.stderr


async def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURN_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x")
    answer = await asked("show", str(uuid4()))
    assert answer.exit_code == 2
    assert "does not answer" in answer.stderr
