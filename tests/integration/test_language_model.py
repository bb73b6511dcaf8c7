"""A language model over HTTP on loopback: what is asked, and what comes of every kind of answer."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from overturn.language_model import ChatModel
from overturn.letters.rephrasing import LanguageModelError
from overturn.stack.part import free_port

pytestmark = pytest.mark.asyncio

PARAGRAPH = "We appeal the denial of <<1>> and ask you to look at the records enclosed."


class ModelServer(BaseHTTPRequestHandler):
    """Keeps what it is asked; answers as told."""

    status: ClassVar[int] = 200
    body: ClassVar[Any] = {"choices": [{"message": {"content": " As asked. "}}]}
    seen: ClassVar[list[tuple[str, dict[str, str], Any]]] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.path, dict(self.headers), asked))
        answer = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> type[ModelServer]:
    class Fresh(ModelServer):
        seen: ClassVar[list[tuple[str, dict[str, str], Any]]] = []

    return Fresh


@pytest.fixture
def model(server: type[ModelServer]) -> Iterator[ChatModel]:
    http = HTTPServer(("127.0.0.1", 0), server)
    thread = Thread(target=http.serve_forever)
    thread.start()
    yield ChatModel(f"http://127.0.0.1:{http.server_port}/v1/", "small-model", "secret")
    http.shutdown()
    thread.join()
    http.server_close()


async def test_the_paragraph_is_asked_about_and_the_answer_comes_back(
    model: ChatModel, server: type[ModelServer]
) -> None:
    assert await model.rephrase(PARAGRAPH) == " As asked. "
    ((path, headers, asked),) = server.seen
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert (asked["model"], asked["temperature"]) == ("small-model", 0)
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert asked["messages"][1]["content"] == PARAGRAPH


@pytest.mark.parametrize(
    "body",
    [b"<html>", [], {}, {"choices": []}, {"choices": [{}]}, {"choices": [{"message": {"content": None}}]}],
)
async def test_an_answer_that_is_none_is_told(model: ChatModel, server: type[ModelServer], body: Any) -> None:
    server.body = body
    with pytest.raises(LanguageModelError, match="could not be read"):
        await model.rephrase(PARAGRAPH)


async def test_a_refusal_is_told_with_its_status(model: ChatModel, server: type[ModelServer]) -> None:
    server.status = 401
    with pytest.raises(LanguageModelError, match="HTTP 401"):
        await model.rephrase(PARAGRAPH)


async def test_a_model_that_is_away_is_told() -> None:
    with pytest.raises(LanguageModelError, match="did not answer"):
        await ChatModel(f"http://127.0.0.1:{free_port()}", "m").rephrase(PARAGRAPH)
