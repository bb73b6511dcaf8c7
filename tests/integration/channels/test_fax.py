"""Fax by HTTP against a real server on loopback."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from overturn.channels.fax import FaxChannel
from overturn.channels.sending import ChannelError
from tests.integration.channels.samples import FILES, clock


class FaxService(BaseHTTPRequestHandler):
    """Keeps what it is given; answers as told."""

    status: ClassVar[int] = 202
    body: ClassVar[bytes] = b""
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((dict(self.headers), content))
        answer = self.body or json.dumps({"id": f"fax-{len(self.seen)}"}).encode()
        self.send_response(self.status)
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


def test_each_file_is_faxed_with_a_key_of_its_own(channel: FaxChannel, service: type[FaxService]) -> None:
    receipt = channel.send(FILES, to="5555550100", idempotency_key="k")
    assert receipt.reference == "fax-1, fax-2"
    assert [content for _, content in service.seen] == [file.content for file in FILES]
    assert [headers["Idempotency-Key"] for headers, _ in service.seen] == ["k-1", "k-2"]
    assert {headers["X-Fax-To"] for headers, _ in service.seen} == {"5555550100"}


@pytest.mark.parametrize(
    ("status", "permanent"), [(400, True), (403, True), (408, False), (429, False), (503, False)]
)
def test_a_refusal_says_whether_trying_again_helps(
    channel: FaxChannel, service: type[FaxService], status: int, permanent: bool
) -> None:
    service.status = status
    with pytest.raises(ChannelError, match=f"HTTP {status}") as refused:
        channel.send(FILES, to="5555550100", idempotency_key="k")
    assert refused.value.permanent is permanent
    assert len(service.seen) == 1


@pytest.mark.parametrize("body", [b"not json", b"[]", b"{}"])
def test_an_answer_without_an_id_is_no_receipt(
    channel: FaxChannel, service: type[FaxService], body: bytes
) -> None:
    service.body = body
    with pytest.raises(ChannelError, match="did not answer as it should"):
        channel.send(FILES, to="5555550100", idempotency_key="k")


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(FaxChannel("http://x", clock, token="secret"))
