"""`overturn ingest` against the real service, and what it says when the service is away."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer
import uvicorn
from typer.testing import CliRunner, Result

from overturn import ingest_client
from overturn.cli import ingest
from overturn.ingest_client import IngestClient, IngestError, files_in
from overturn.settings import Settings, load_settings
from overturn.stack.part import LOOPBACK, free_port
from services.ingest import intake
from services.ingest.app import create_app
from tests.archives import zipped
from tests.x12_files import denied_claim, paid_claim, remittance

pytestmark = pytest.mark.postgres

APP = typer.Typer()
ingest.register(APP)
RUNNER = CliRunner()

POSTED = remittance(denied_claim("P1"))
BROKEN = remittance(denied_claim("P2"))[:-60]


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    given = {
        "home": str(tmp_path / "home"),
        "database_url": database_url,
        "kafka_bootstrap_servers": "127.0.0.1:9",
        "temporal_address": "127.0.0.1:9",
        "ingest_token": "t" * 40,
        "payload_key": base64.b64encode(b"k" * 32).decode(),
        "ingest_port": str(free_port()),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)
    return load_settings()


@pytest.fixture
def service(settings: Settings) -> Iterator[None]:
    """The ingest service on its port, as a process of its own would be: its log is not the command's."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), cache_logger_on_first_use=False)
    config = uvicorn.Config(
        create_app(settings), host=LOOPBACK, port=settings.ingest_port, log_config=None, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join()
    structlog.configure(**before)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.835").write_bytes(POSTED)
    (folder / "sub" / "b.835").write_bytes(remittance(paid_claim("P3"), trace="T2"))
    (folder / ".hidden").write_bytes(BROKEN)
    return folder


def run(*arguments: str | Path) -> Result:
    return RUNNER.invoke(APP, list(map(str, arguments)))


@pytest.mark.usefixtures("service")
def test_a_folder_is_posted_with_a_line_for_each_file(files: Path) -> None:
    result = run(files)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == ["a.835: 1 claim posted.", "b.835: 1 claim posted."]
    again = run(files)
    assert again.exit_code == 0
    assert again.stdout.count("This file came before") == 2


@pytest.mark.usefixtures("service")
def test_an_archive_has_a_line_for_each_file_in_it(tmp_path: Path) -> None:
    path = tmp_path / "files.zip"
    path.write_bytes(zipped(("good.835", POSTED), ("bad.835", BROKEN)))
    result = run(path)
    assert result.exit_code == 1
    said = result.stdout.splitlines()
    assert said[:2] == [
        "files.zip: 1 of 2 files in it were taken whole; 1 claim posted.",
        "files.zip/good.835: 1 claim posted.",
    ]
    assert said[2].startswith("files.zip/bad.835: Quarantined")


@pytest.mark.usefixtures("service")
def test_a_held_back_file_is_found_by_the_exit_code_and_the_others_are_posted(files: Path) -> None:
    (files / "0-broken.835").write_bytes(BROKEN)
    result = run(files, "--json")
    assert result.exit_code == 1
    receipts = json.loads(result.stdout)
    assert [r["state"] for r in receipts] == ["quarantined", "posted", "posted"]
    assert receipts[0]["findings"]


@pytest.mark.usefixtures("service")
def test_what_was_sent_is_told_when_a_later_file_cannot_be(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refused(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "b.835":
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refused)
    result = run(files, "--json")
    assert result.exit_code == 1
    assert [r["file_name"] for r in json.loads(result.stdout)] == ["a.835"]
    assert "b.835: Permission denied." in result.stderr


def test_a_service_that_is_away_is_named_with_the_way_out(settings: Settings, files: Path) -> None:
    result = run(files)
    assert result.exit_code == 1
    assert f"http://127.0.0.1:{settings.ingest_port} does not answer" in result.stderr
    assert "overturn status" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("service")
def test_a_wrong_token_is_told_as_such(
    settings: Settings, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERTURN_INGEST_TOKEN", "x" * 40)
    result = run(files / "a.835")
    assert result.exit_code == 1
    assert "The ingest token is missing or wrong" in result.stderr


def test_a_path_that_is_not_there_is_wrong_usage(settings: Settings) -> None:
    assert run("nowhere.835").exit_code == 2


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_a_folder_without_files_is_wrong_usage(
    settings: Settings, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run(tmp_path, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"no files in {tmp_path}\n"


def test_missing_settings_are_named(files: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.delenv("OVERTURN_INGEST_TOKEN")
    result = run(files)
    assert result.exit_code == 1
    assert "OVERTURN_INGEST_TOKEN is not set" in result.stderr


def test_another_service_on_the_port_is_recognised(settings: Settings, files: Path) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None: ...

    other = ThreadingHTTPServer((LOOPBACK, settings.ingest_port), Other)
    threading.Thread(target=other.serve_forever).start()
    try:
        with IngestClient(settings) as client, pytest.raises(IngestError, match="is not the ingest service"):
            client.send(files / "a.835")
    finally:
        other.shutdown()
        other.server_close()


def test_a_file_that_is_gone_is_named(settings: Settings, tmp_path: Path) -> None:
    with IngestClient(settings) as client, pytest.raises(IngestError, match=r"gone\.835: No such file"):
        client.send(tmp_path / "gone.835")


def test_folders_are_gone_through_by_name_without_hidden_files(files: Path) -> None:
    assert [p.name for p in files_in([files / "sub" / "b.835", files])] == ["b.835", "a.835", "b.835"]


@pytest.mark.usefixtures("service")
def test_a_file_that_takes_long_is_asked_for_until_it_is_posted(
    settings: Settings, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake.Intake.take, "__kwdefaults__", {"patience": 0.0})
    monkeypatch.setattr(ingest_client, "POLL_SECONDS", 0.05)
    told: list[tuple[str, float]] = []
    with IngestClient(settings) as client:
        receipt = client.send(files / "a.835", lambda words, share: told.append((words, share)))
    assert (receipt["state"], receipt["claims"]) == ("posted", 1)
    assert told[0] == ("sending", 1.0)
    assert told[1][0] == "reading 0 %"


def test_a_service_that_goes_away_while_it_posts_is_told_with_what_becomes_of_the_file(
    settings: Settings, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaving(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"state": "posting", "sha256": "00", "message": "reading 0 %", "percent": 0}')

        def do_GET(self) -> None:
            self.connection.close()

        def log_message(self, *_: object) -> None: ...

    monkeypatch.setattr(ingest_client, "POLL_SECONDS", 0.0)
    leaving = ThreadingHTTPServer((LOOPBACK, settings.ingest_port), Leaving)
    threading.Thread(target=leaving.serve_forever).start()
    try:
        with IngestClient(settings) as client, pytest.raises(IngestError, match="posted to its end"):
            client.send(files / "a.835")
    finally:
        leaving.shutdown()
        leaving.server_close()
