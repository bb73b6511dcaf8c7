"""Fax by HTTP against a real server on loopback."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from overturn.channels import CannotTellError, ChannelAwayError, ChannelRefusedError
from overturn.channels.fax import FaxChannel
from tests.integration.channels.samples import FILES, KEY, clock, package

pytestmark = pytest.mark.asyncio


class FaxService(BaseHTTPRequestHandler):
    """Keeps what it is given; answers as told."""

    status: ClassVar[int] = 202
    later: ClassVar[int] = 0  # the status from the second fax on
    body: ClassVar[bytes] = b""
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((dict(self.headers), content))
        answer = self.body or json.dumps({"id": f"fax-{len(self.seen)}"}).encode()
        self.send_response(self.later if self.later and len(self.seen) > 1 else self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def service() -> type[FaxService]:
    class Fresh(FaxService):
        seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    return Fresh


@pytest.fixture
def channel(service: type[FaxService]) -> Iterator[FaxChannel]:
    server = HTTPServer(("127.0.0.1", 0), service)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield FaxChannel(f"http://127.0.0.1:{server.server_port}/faxes", clock, token="secret")
    server.shutdown()
    thread.join()
    server.server_close()


async def test_each_file_is_faxed_with_a_key_of_its_own(
    channel: FaxChannel, service: type[FaxService]
) -> None:
    receipt = await channel.send(package("5555550100"))
    assert receipt.confirmation == "fax-1, fax-2"
    assert [content for _, content in service.seen] == [file.content for file in FILES]
    assert [headers["Idempotency-Key"] for headers, _ in service.seen] == [f"{KEY}-1", f"{KEY}-2"]
    assert {headers["X-Fax-To"] for headers, _ in service.seen} == {"5555550100"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, ChannelRefusedError) for status in (400, 403)),
        *((status, ChannelAwayError) for status in (408, 429, 503)),
        (500, ConnectionError),
    ],
)
async def test_a_refusal_says_whether_trying_again_helps(
    channel: FaxChannel, service: type[FaxService], status: int, error: type[Exception]
) -> None:
    service.status = status
    with pytest.raises(error, match=f"HTTP {status}"):
        await channel.send(package("5555550100"))
    assert len(service.seen) == 1


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}"])
async def test_an_answer_without_an_id_is_no_receipt(
    channel: FaxChannel, service: type[FaxService], body: bytes
) -> None:
    service.body = body
    with pytest.raises(ConnectionError, match="did not answer as it should"):
        await channel.send(package("5555550100"))


@pytest.mark.parametrize(("later", "error"), [(400, CannotTellError), (503, ConnectionError)])
async def test_what_breaks_after_the_first_file_says_that_it_went_out(
    channel: FaxChannel, service: type[FaxService], later: int, error: type[Exception]
) -> None:
    service.later = later
    with pytest.raises(error, match="1 of 2 files went out"):
        await channel.send(package("5555550100"))


async def test_a_service_that_is_away_has_nothing(unused_port: int) -> None:
    away = FaxChannel(f"http://127.0.0.1:{unused_port}/faxes", clock)
    with pytest.raises(ChannelAwayError, match="could not be reached"):
        await away.send(package("5555550100"))


async def test_a_second_try_under_the_same_keys_is_safe(channel: FaxChannel) -> None:
    assert await channel.find(package("5555550100")) is None


async def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(FaxChannel("http://x", clock, token="secret"))
