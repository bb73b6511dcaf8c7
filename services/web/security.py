"""What every request and answer is held to, whoever sends it: origin, passwords, headers, no stack traces."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = structlog.get_logger(__name__)

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FAILURES_ALLOWED: Final = 5
FAILURES_FORGOTTEN_AFTER: Final = timedelta(minutes=15)
NAMES_WATCHED: Final = 10_000

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

# A password nobody has: checking it makes an unknown name take as long as a wrong password.
_NOBODYS_HASH: Final = PasswordHasher().hash(secrets.token_urlsafe())


def new_token() -> str:
    """256 random bits, for a cookie or a form."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What of a token may be stored: it is random, so a plain SHA-256 cannot be searched back."""
    return hashlib.sha256(token.encode()).hexdigest()


def password_fits(password: str, stored: str | None) -> bool:
    """Whether the password is the one behind the argon2id hash; None stands for an unknown person."""
    try:
        PasswordHasher().verify(stored or _NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def from_this_site(request: Request) -> bool:
    """Whether a changing request was sent by one of our own pages, as the browser itself says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


class FailedSignIns:
    """Failed attempts by name and address; after FAILURES_ALLOWED the next ones wait."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], list[datetime]] = {}

    def too_many(self, name: str, address: str, now: datetime) -> bool:
        recent = [at for at in self._failures.get((name, address), []) if now - at < FAILURES_FORGOTTEN_AFTER]
        return len(recent) >= FAILURES_ALLOWED

    def record(self, name: str, address: str, now: datetime) -> None:
        """Remember a failure; the oldest name is forgotten so that memory stays bounded."""
        failures = self._failures.pop((name, address), [])
        self._failures[name, address] = [*failures[-FAILURES_ALLOWED:], now]
        if len(self._failures) > NAMES_WATCHED:
            del self._failures[next(iter(self._failures))]

    def forgive(self, name: str, address: str) -> None:
        self._failures.pop((name, address), None)


class Shield:
    """Puts the security headers on every answer, and an opaque id in place of an unforeseen error.

    The error's text stays out of the log too: a database message can quote a patient.
    """

    def __init__(self, app: ASGIApp, error_page: Callable[[Scope, str], Awaitable[Response]]) -> None:
        self._app = app
        self._error_page = error_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:  # the last resort: nothing of it may reach the browser
            error_id = secrets.token_hex(6)
            logger.exception("web.failed", error_id=error_id)
            if not started:
                page = await self._error_page(scope, error_id)
                await page(scope, receive, send_with_headers)


def _add_headers(scope: Scope, headers: MutableHeaders) -> None:
    headers.update(HEADERS)
    static = scope["path"].startswith("/static/")
    headers["Cache-Control"] = "no-cache" if static else "no-store"
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
