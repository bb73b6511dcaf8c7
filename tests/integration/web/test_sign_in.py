"""Signing in and out, and who may see what."""

import re
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import select, update
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import UserAccount, UserSession
from services.web.app import create_app
from services.web.guard import PUBLIC
from services.web.security import HEADERS
from tests.integration.web.conftest import Browser
from tests.web_factories import Clock, make_web

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SOME_ID = "7b0a1e60-4a5e-4a53-93d7-4f7b5a3f6e11"


async def test_every_route_but_the_public_ones_leads_to_sign_in(browser: Browser, sessions: Sessions) -> None:
    app = create_app(make_web(sessions))
    walked = set()
    for route in iter_route_contexts(app.routes):
        path = re.sub(r"\{[^}]+\}", SOME_ID, str(route.path).replace("{kind}", "pdf"))
        walked.add(route.path)
        for method in () if path in PUBLIC else route.methods or ():
            answer = await browser.client.request(method, path)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/sign-in?next="), (method, path)
    assert {"/queue", "/manager", "/cases/{case_id}", "/cases/{case_id}/steps/approve"} <= walked


async def test_a_right_password_opens_the_queue_with_a_strict_cookie(browser: Browser) -> None:
    answer = await browser.sign_in("dana")
    assert answer.headers["location"] == "/queue"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await browser.get("/queue")).status_code == 200


async def test_over_https_the_cookie_is_bound_to_the_host(browser: Browser) -> None:
    browser.client.base_url = "https://practice.test"
    browser.client.headers["Origin"] = "https://practice.test"
    answer = await browser.sign_in("dana")
    assert answer.headers["set-cookie"].startswith("__Host-overturn=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_only_the_hash_of_the_cookie_is_stored(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    async with sessions() as session:
        stored = (await session.scalars(select(col(UserSession.token_hash)))).one()
    assert stored not in browser.client.cookies["overturn"]
    assert browser.client.cookies["overturn"] not in stored


@pytest.mark.parametrize(("name", "password"), [("dana", "wrong"), ("nobody", "wrong"), ("robin", None)])
async def test_a_wrong_name_a_wrong_password_and_a_disabled_person_are_refused_alike(
    browser: Browser, name: str, password: str | None
) -> None:
    answer = await (browser.sign_in(name, password) if password else browser.sign_in(name))
    assert answer.status_code == 401
    assert "The name or the password is wrong." in answer.text
    assert (await browser.get("/queue")).status_code == 303


async def test_failed_attempts_are_limited_and_forgotten_after_a_while(
    browser: Browser, clock: Clock
) -> None:
    for _ in range(5):
        assert (await browser.sign_in("dana", "wrong")).status_code == 401
    assert (await browser.sign_in("dana")).status_code == 429
    clock.now += timedelta(minutes=16)
    assert (await browser.sign_in("dana")).status_code == 303


@pytest.mark.parametrize("pause", [timedelta(minutes=61), timedelta(hours=9)])
async def test_an_idle_session_ends(browser: Browser, clock: Clock, pause: timedelta) -> None:
    await browser.sign_in("dana")
    clock.now += pause
    assert (await browser.get("/queue")).status_code == 303


async def test_a_busy_session_ends_after_eight_hours(browser: Browser, clock: Clock) -> None:
    await browser.sign_in("dana")
    for _ in range(9):
        assert (await browser.get("/queue")).status_code == 200
        clock.now += timedelta(minutes=53)
    clock.now += timedelta(minutes=5)
    assert (await browser.get("/queue")).status_code == 303


async def test_disabling_a_person_ends_their_session_at_once(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    async with sessions.begin() as session:
        await session.execute(
            update(UserAccount).where(col(UserAccount.user_name) == "dana").values(disabled=True)
        )
    assert (await browser.get("/queue")).status_code == 303


async def test_signing_out_ends_the_session_in_the_database_too(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    cookie = browser.client.cookies["overturn"]
    await browser.post("/sign-out", {})
    browser.client.cookies.set("overturn", cookie)
    assert (await browser.get("/queue")).status_code == 303


async def test_signing_in_never_leads_to_another_site(browser: Browser) -> None:
    form = {"user_name": "dana", "password": "a-long-generated-password", "next": "//elsewhere.test"}
    assert (await browser.post("/sign-in", form)).status_code == 422  # a field the page does not send
    browser.token = ""
    answer = await browser.client.post("/sign-in", data=form)
    assert answer.headers["location"] == "/queue"


async def test_a_form_from_another_site_is_refused(browser: Browser) -> None:
    await browser.sign_in("dana")
    foreign = {"Origin": "http://elsewhere.test"}
    assert (await browser.post("/sign-out", {}, headers=foreign)).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (await browser.post("/sign-out", {}, headers=cross)).status_code == 403
    assert (await browser.get("/queue")).status_code == 200


@pytest.mark.parametrize("token", ["", "forged"])
async def test_a_form_without_the_sessions_token_is_refused(browser: Browser, token: str) -> None:
    await browser.sign_in("dana")
    answer = await browser.post("/sign-out", {"form_token": token})
    assert answer.status_code == 403
    assert "Reload the page" in answer.text


async def test_the_managers_page_is_for_managers(browser: Browser) -> None:
    await browser.sign_in("dana")
    refused = await browser.get("/manager")
    assert refused.status_code == 403
    assert "for managers" in refused.text
    assert "/manager" not in (await browser.get("/queue")).text
    await browser.sign_in("morgan")
    assert (await browser.get("/manager")).status_code == 200


async def test_pages_are_not_kept_and_may_not_be_framed(browser: Browser) -> None:
    await browser.sign_in("dana")
    for path in ("/queue", "/sign-in", "/cases/no-id", "/nowhere"):
        answer = await browser.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert (await browser.get("/static/app.css")).headers["cache-control"] == "no-cache"


async def test_health_answers_without_a_session(browser: Browser) -> None:
    assert (await browser.get("/health")).json() == {"status": "ready"}
