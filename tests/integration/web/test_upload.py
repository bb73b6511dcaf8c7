"""A file on its way to the ingest service."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from services.web.upload import IngestUnavailableError, Received, forward_to

pytestmark = pytest.mark.asyncio

TOKEN = "t" * 32


@contextmanager
def ingest(status: int, body: bytes) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A service on loopback that answers everything alike and keeps what it was sent."""
    seen: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append({"path": self.path, "content": content, "headers": dict(self.headers)})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_a_file_goes_over_whole_with_its_name_and_the_token() -> None:
    with ingest(200, b'{"state": "posted", "message": "2 claims", "more": 1}') as (port, seen):
        received = await forward_to("127.0.0.1", port, TOKEN)("März 1.835", b"ISA*\x00")
    assert received == Received("posted", "2 claims")
    assert seen[0]["path"] == "/api/v1/remittances"
    assert seen[0]["content"] == b"ISA*\x00"
    assert seen[0]["headers"]["Authorization"] == f"Bearer {TOKEN}"
    assert seen[0]["headers"]["X-File-Name"] == "M%C3%A4rz 1.835"


async def test_of_an_archive_each_file_s_fate_comes_back() -> None:
    member = b'{"file_name": "a.zip/b.835", "message": "1 claim posted."}'
    with ingest(200, b'{"state": "posted", "message": "1 of 1", "members": [' + member + b"]}") as (port, _):
        received = await forward_to("127.0.0.1", port, TOKEN)("a.zip", b"PK")
    assert received.members == ("a.zip/b.835: 1 claim posted.",)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"state": "posted"}', b'{"state": "x", "message": "y", "members": [1]}'],
)
async def test_an_answer_that_is_not_one_counts_as_none(body: bytes) -> None:
    with ingest(500, body) as (port, _), pytest.raises(IngestUnavailableError):
        await forward_to("127.0.0.1", port, TOKEN)("a", b"")


async def test_a_proxy_of_the_environment_is_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ingest(502, b"") as (proxy, asked), ingest(200, b'{"state": "known", "message": ""}') as (port, _):
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert (await forward_to("127.0.0.1", port, TOKEN)("a", b"")).state == "known"
    assert not asked


async def test_a_service_that_is_down_is_told_apart_from_a_bad_file() -> None:
    with ingest(200, b"") as (port, _):
        pass
    with pytest.raises(IngestUnavailableError):
        await forward_to("127.0.0.1", port, TOKEN)("a", b"")
