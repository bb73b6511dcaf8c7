"""The application over a real database, spoken to as a browser would."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from overturn.db.session import Sessions, create_engine, create_sessions
from services.web.app import create_app
from tests.web_factories import PASSWORD, Clock, StandInWorkflow, make_web, person

ORIGIN = "http://practice.test"


@pytest_asyncio.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    engine = create_engine(database_url)
    yield create_sessions(engine)
    await engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass
class Browser:
    """A client that keeps cookies and fills in the form token, as the pages do."""

    client: httpx2.AsyncClient
    steps: StandInWorkflow
    token: str = ""

    async def get(self, path: str) -> httpx2.Response:
        answer = await self.client.get(path)
        self.token = (re.findall(r'name="form_token" value="([^"]+)"', answer.text) or [self.token])[0]
        return answer

    async def post(self, path: str, form: dict[str, Any], **options: Any) -> httpx2.Response:
        return await self.client.post(path, data={"form_token": self.token, **form}, **options)

    async def sign_in(self, user_name: str, password: str = PASSWORD) -> httpx2.Response:
        answer = await self.client.post("/sign-in", data={"user_name": user_name, "password": password})
        await self.get("/queue")
        return answer


@pytest_asyncio.fixture
async def browser(sessions: Sessions, clock: Clock) -> AsyncIterator[Browser]:
    """Nobody is signed in yet; dana is a specialist, morgan a manager."""
    async with sessions.begin() as session:
        session.add_all([person("dana"), person("morgan", "manager"), person("robin", disabled=True)])
    web = make_web(sessions, clock=clock)
    assert isinstance(web.take_step, StandInWorkflow)
    transport = httpx2.ASGITransport(app=create_app(web))
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        yield Browser(client, web.take_step)
