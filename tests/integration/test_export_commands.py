"""`overturn export` and `overturn work-state`: files for a person, and words when they cannot be had."""

import asyncio
import json
import stat
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overturn.cli import app
from overturn.db.session import create_engine, create_sessions
from tests.conftest import fresh_database
from tests.integration.test_reconciling import SETTINGS
from tests.web_factories import CaseSeed, add_case

pytestmark = pytest.mark.postgres


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, database_url: str) -> str:
    for name, value in (SETTINGS | {"database_url": database_url}).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    asyncio.run(_two_cases(database_url))
    return database_url


async def _two_cases(url: str) -> None:
    engine = create_engine(url)
    async with create_sessions(engine).begin() as session:
        await add_case(session, CaseSeed("A/1"))
        await add_case(session, CaseSeed("A2"))
    await engine.dispose()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.usefixtures("record")
def test_cases_are_written_with_their_letters(tmp_path: Path) -> None:
    out = tmp_path / "cases.zip"
    answer = run("export", "A/1", "A2", "A2", "--out", str(out))
    assert answer.exit_code == 0, answer.output
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
        records = [json.loads(archive.read(name)) for name in names if name.endswith("case.json")]
        pdfs = [archive.read(name) for name in names if name.endswith("letter-1.pdf")]
    assert {record["case"]["claim_number"] for record in records} == {"A/1", "A2"}
    assert len(records) == 2
    assert [pdf[:4] for pdf in pdfs] == [b"%PDF"] * 2
    assert not any("A/1" in name or ".." in name for name in names)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.usefixtures("record")
def test_a_claim_without_a_case_is_named_and_no_file_is_left(tmp_path: Path) -> None:
    out = tmp_path / "cases.zip"
    answer = run("export", "A2", "NONE", "--out", str(out))
    assert answer.exit_code == 2
    assert "no case has the claim number NONE; nothing was written" in answer.output
    assert not out.exists()


@pytest.mark.usefixtures("record")
def test_nothing_is_written_over(tmp_path: Path) -> None:
    out = tmp_path / "all.zip"
    out.write_text("mine")
    for command in (["export", "A2", "--out", str(out)], ["work-state", "export", str(out)]):
        answer = run(*command)
        assert answer.exit_code == 2
        assert "already there" in answer.output.replace("\n", " ")
    assert out.read_text() == "mine"


def test_the_whole_record_moves(
    record: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_port: int
) -> None:
    out = tmp_path / "all.zip"
    answer = run("work-state", "export", str(out))
    assert answer.exit_code == 0, answer.output
    assert f"written to {out}" in answer.output
    again = run("work-state", "import", str(out))
    assert again.exit_code == 2
    assert "This database is in use" in again.output
    with fresh_database(postgres_port) as elsewhere:
        monkeypatch.setenv("OVERTURN_DATABASE_URL", elsewhere)
        assert elsewhere != record
        taken = run("work-state", "import", str(out))
        assert taken.exit_code == 0, taken.output
        assert "overturn cases stuck" in taken.output
        cases = tmp_path / "cases.zip"
        assert run("export", "A2", "--out", str(cases)).exit_code == 0


def test_a_database_that_is_away_is_told_and_no_file_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    monkeypatch.setenv("OVERTURN_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1:1/x")
    out = tmp_path / "all.zip"
    answer = run("work-state", "export", str(out))
    assert answer.exit_code == 2
    assert "The database does not answer" in answer.output
    assert not out.exists()
