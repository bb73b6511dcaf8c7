"""What every request and answer is held to."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from fastapi import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from services.web.routes.sign_in import inner_path
from services.web.security import (
    FAILURES_ALLOWED,
    HEADERS,
    NAMES_WATCHED,
    FailedSignIns,
    Shield,
    from_this_site,
    new_token,
    password_fits,
    token_hash,
)

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw})


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "none"}, False),
        ({"origin": "https://here.test", "host": "here.test"}, True),
        ({"origin": "https://elsewhere.test", "host": "here.test"}, False),
        ({"origin": "null", "host": "here.test"}, False),
        ({"host": "here.test"}, False),
    ],
)
def test_a_changing_request_must_come_from_one_of_our_own_pages(headers: dict[str, str], ours: bool) -> None:
    assert from_this_site(request(**headers)) is ours


def test_tokens_are_long_and_their_hash_does_not_show_them() -> None:
    token, other = new_token(), new_token()
    assert token != other
    assert len(token) >= 43  # 256 bits in base64
    assert token not in token_hash(token)
    assert len(token_hash(token)) == 64


def test_a_password_fits_its_own_hash_only() -> None:
    stored = PasswordHasher(time_cost=1, memory_cost=1024).hash("right")
    assert password_fits("right", stored)
    assert not password_fits("wrong", stored)
    assert not password_fits("anything", None)
    assert not password_fits("anything", "not a hash")


def test_hashes_are_argon2id_as_strong_as_owasp_asks() -> None:
    parameters = extract_parameters(PasswordHasher().hash("x"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 46 * 1024


def test_failures_of_one_name_do_not_stop_another_or_another_address() -> None:
    failed = FailedSignIns()
    for _ in range(FAILURES_ALLOWED):
        failed.record("dana", "a", NOW)
    assert failed.too_many("dana", "a", NOW)
    assert not failed.too_many("dana", "b", NOW)
    assert not failed.too_many("morgan", "a", NOW)


def test_failures_are_forgiven_by_time_and_by_success() -> None:
    failed = FailedSignIns()
    for _ in range(FAILURES_ALLOWED):
        failed.record("dana", "a", NOW)
    assert not failed.too_many("dana", "a", NOW + timedelta(minutes=15))
    failed.forgive("dana", "a")
    assert not failed.too_many("dana", "a", NOW)


def test_many_names_do_not_fill_the_memory() -> None:
    failed = FailedSignIns()
    for number in range(NAMES_WATCHED + 10):
        failed.record(f"name {number}", "a", NOW)
    assert len(failed._failures) == NAMES_WATCHED


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/cases/1", "/cases/1"),
        ("//elsewhere.test", "/queue"),
        ("/\\elsewhere.test", "/queue"),
        ("https://elsewhere.test", "/queue"),
        ("", "/queue"),
    ],
)
def test_signing_in_leads_only_to_paths_of_this_site(wanted: str, led_to: str) -> None:
    assert inner_path(wanted) == led_to


async def _page(_: Scope, error_id: str) -> Response:
    return PlainTextResponse(f"error {error_id}", 500)


async def _answer(scope: dict[str, Any], app: Any) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await Shield(app, _page)(scope, receive, send)
    return sent


SCOPE = {"type": "http", "method": "GET", "path": "/queue", "scheme": "http", "headers": []}


async def _fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("Pat Example's member id")


def test_an_unforeseen_error_shows_an_opaque_id_and_nothing_else() -> None:
    with structlog.testing.capture_logs() as logged:
        start, body = asyncio.run(_answer(dict(SCOPE), _fail))
    assert start["status"] == 500
    assert body["body"].decode() == f"error {logged[0]['error_id']}"
    assert logged[0]["event"] == "web.failed"
    assert "Pat" not in str([logged, body])


def test_every_answer_carries_the_security_headers_also_a_failed_one() -> None:
    for app in (_fail, PlainTextResponse("fine")):
        start = asyncio.run(_answer(dict(SCOPE), app))[0]
        headers = {name.decode().title(): value.decode() for name, value in start["headers"]}
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers


def test_the_content_policy_allows_no_inline_script_or_style() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
