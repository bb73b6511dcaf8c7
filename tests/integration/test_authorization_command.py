"""`overturn authorization import` as a person at a terminal uses it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from overturn.cli import app
from overturn.db.session import Sessions
from overturn.db.tables import PayerAuthorization
from overturn.rulebook.practice import AUTHORIZATION_COLUMNS
from tests.integration.records import count
from tests.integration.test_reconciling import SETTINGS

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

GOOD = "aetna,M1,A1,yes,2026-01-01,2026-06-30,10,,,PT,letter"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)


async def imported(folder: Path, *rows: str) -> Any:
    file = folder / "auths.csv"
    file.write_text("\n".join((",".join(AUTHORIZATION_COLUMNS), *rows)))
    return await asyncio.to_thread(CliRunner().invoke, app, ["authorization", "import", str(file)])


async def test_a_file_is_taken_in_once_and_again_without_effect(sessions: Sessions, tmp_path: Path) -> None:
    for said in ("1 new, 0 changed", "0 new, 0 changed"):
        answer = await imported(tmp_path, GOOD)
        assert (answer.exit_code, answer.output) == (0, f"auths.csv: {said}.\n")
    assert await count(sessions, PayerAuthorization) == 1


async def test_one_wrong_row_keeps_the_whole_file_out(sessions: Sessions, tmp_path: Path) -> None:
    answer = await imported(tmp_path, GOOD, "aetna,M1,A2,yes,,,,,,,letter")
    assert answer.exit_code == 2
    assert (
        answer.stderr
        == "error: auths.csv, row 3, column effective_from: is blank: write the day the payer gave\n"
    )
    assert await count(sessions, PayerAuthorization) == 0
