"""The upload: who may send, what is refused, and what the receipt says."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from overturn.db import outbox, tables
from overturn.db.session import Sessions
from overturn.settings import Settings
from services.ingest import app as ingest
from services.ingest import intake, posting
from tests.archives import zipped
from tests.integration.records import content_of, count, only
from tests.waiting import until
from tests.x12_files import denied_claim, remittance

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

TOKEN = "t" * 40
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
PATH = "/api/v1/remittances"
CONTENT = remittance(denied_claim("P1"))


def settings_for(database_url: str, folder: Path) -> Settings:
    return Settings.model_construct(
        database_url=database_url, drop_folder=folder / "drop", ingest_token=SecretStr(TOKEN)
    )


@pytest_asyncio.fixture
async def client(database_url: str, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(settings_for(database_url, tmp_path)) as started:
        yield started


class running:  # noqa: N801 - read as a phrase: async with running(...)
    """The service without a network: the application with its drop folder watched."""

    def __init__(self, settings: Settings) -> None:
        self._app = ingest.create_app(settings)
        self._lifespan = self._app.router.lifespan_context(self._app)

    async def __aenter__(self) -> httpx2.AsyncClient:
        await self._lifespan.__aenter__()
        transport = httpx2.ASGITransport(app=self._app, raise_app_exceptions=False)
        self._client = httpx2.AsyncClient(transport=transport, base_url="http://ingest")
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
        await self._lifespan.__aexit__(None, None, None)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
async def test_without_the_token_nothing_is_taken(
    client: httpx2.AsyncClient, sessions: Sessions, header: dict[str, str]
) -> None:
    answer = await client.post(PATH, content=CONTENT, headers=header)
    assert answer.status_code == 401
    assert "token" in answer.json()["detail"]
    assert await count(sessions, tables.ReceivedFile) == 0


async def test_a_body_over_the_limit_is_refused_before_it_is_whole(
    database_url: str, tmp_path: Path, sessions: Sessions
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 10_000_000:
            taken += 600_000
            yield b"x" * 600_000

    settings = settings_for(database_url, tmp_path).model_copy(update={"max_file_megabytes": 1})
    async with running(settings) as client:
        answer = await client.post(PATH, content=endless(), headers=AUTHORIZED)
    assert answer.status_code == 413
    assert "1 MB at most (OVERTURN_MAX_FILE_MEGABYTES); split it" in answer.json()["detail"]
    assert await count(sessions, tables.ReceivedFile) == 0


async def test_receipts_say_posted_known_and_quarantined(client: httpx2.AsyncClient) -> None:
    headers = {**AUTHORIZED, "X-File-Name": "remit.835", "X-File-Source": "command"}
    first = (await client.post(PATH, content=CONTENT, headers=headers)).json()
    assert (first["state"], first["claims"], first["file_name"]) == ("posted", 1, "remit.835")
    again = (await client.post(PATH, content=CONTENT, headers=headers)).json()
    assert (again["state"], again["sha256"]) == ("known", first["sha256"])
    broken = (await client.post(PATH, content=CONTENT[:-60], headers=headers)).json()
    assert broken["state"] == "quarantined"
    assert broken["message"].startswith("Quarantined, nothing was posted.")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(CONTENT)[:-9], "This gzip file is damaged"),
        (zipped(), "This archive holds no file"),
        (b"%PDF-1.7", "not X12"),
        (b"", "empty"),
        (b"\x00\xff" * 500, "not X12"),
    ],
    ids=["gzip", "zip", "pdf", "empty", "noise"],
)
async def test_what_is_no_x12_file_is_quarantined_in_a_clear_sentence(
    client: httpx2.AsyncClient, sessions: Sessions, content: bytes, says: str
) -> None:
    receipt = (await client.post(PATH, content=content, headers=AUTHORIZED)).json()
    assert receipt["state"] == "quarantined"
    assert says in receipt["message"]
    assert await content_of(sessions, await only(sessions, tables.ReceivedFile)) == content
    assert await count(sessions, tables.Claim) == 0


async def test_an_archive_is_answered_file_by_file(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    packed = zipped(("../../remit.835", CONTENT), ("good.835", CONTENT))
    headers = {**AUTHORIZED, "X-File-Name": "files.zip"}
    receipt = (await client.post(PATH, content=packed, headers=headers)).json()
    assert (receipt["state"], receipt["claims"]) == ("partly_posted", 1)
    assert [(m["file_name"], m["state"]) for m in receipt["members"]] == [
        ("files.zip/../../remit.835", "quarantined"),
        ("files.zip/good.835", "posted"),
    ]
    assert "leads out of the archive" in receipt["members"][0]["message"]
    assert await count(sessions, tables.ClaimPayment) == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C:\\temp\\remit.835", "remit.835"),
        ("a%00b%0Ac%1b[31m.835", "abc[31m.835"),
        (quote("evil\u202e538.exe"), "evil538.exe"),
        (quote("zero\u200bwidth.835"), "zerowidth.835"),
        ("%ff%fe", "\ufffd\ufffd"),
        ("/", "upload.835"),
        ("n" * 5000, "n" * 200),
        (quote("août é.835"), "août é.835"),
    ],
)
async def test_a_name_is_shown_and_never_a_path(
    client: httpx2.AsyncClient, sessions: Sessions, tmp_path: Path, sent: str, kept: str
) -> None:
    answer = await client.post(PATH, content=CONTENT, headers={**AUTHORIZED, "X-File-Name": sent})
    assert answer.json()["file_name"] == kept
    assert (await only(sessions, tables.ReceivedFile)).file_name == kept
    assert files_under(tmp_path) == []


def files_under(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


async def test_an_unknown_source_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, content=CONTENT, headers={**AUTHORIZED, "X-File-Source": "drop"})
    assert answer.status_code == 422


async def test_two_uploads_at_once_post_once(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    answers = await asyncio.gather(
        *(client.post(PATH, content=CONTENT, headers=AUTHORIZED) for _ in range(5))
    )
    assert sorted(a.json()["state"] for a in answers) == ["known"] * 4 + ["posted"]
    assert await count(sessions, tables.ClaimPayment) == 1


async def test_health_says_ready_while_the_database_answers(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_with_the_database_away_the_sender_is_told_to_come_again(tmp_path: Path) -> None:
    nowhere = "postgresql+psycopg://nobody:nothing@127.0.0.1:9/none"
    async with running(settings_for(nowhere, tmp_path)) as client:
        answer = await client.post(PATH, content=CONTENT, headers=AUTHORIZED)
        assert answer.status_code == 503
        assert "Send the file again later" in answer.json()["detail"]
        assert (await client.get("/health")).status_code == 503


async def test_the_service_watches_its_drop_folder(
    client: httpx2.AsyncClient, sessions: Sessions, tmp_path: Path
) -> None:
    await until(lambda: asyncio.to_thread((tmp_path / "drop" / "posted").is_dir))
    (tmp_path / "drop" / "remit.835").write_bytes(CONTENT)
    await until(lambda: count(sessions, tables.ReceivedFile))
    assert (await only(sessions, tables.ReceivedFile)).source == "drop"


async def test_a_file_that_takes_long_is_answered_with_how_far_it_is(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, go = outbox.publish_after_commit, asyncio.Event()

    async def held(*arguments: Any) -> None:
        await go.wait()
        await publish(*arguments)

    monkeypatch.setattr(posting, "publish_after_commit", held)
    monkeypatch.setattr(intake.Intake.take, "__kwdefaults__", {"patience": 0.01})
    answer = await client.post(PATH, content=CONTENT, headers=AUTHORIZED)
    assert (answer.status_code, answer.json()["state"]) == (202, "posting")
    address = f"{PATH}/{answer.json()['sha256']}"
    now = (await client.get(address, headers=AUTHORIZED)).json()
    assert (now["state"], now["percent"], now["message"]) == ("posting", 0, "reading 0 %")
    go.set()

    async def posted() -> bool:
        done: dict[str, Any] = (await client.get(address, headers=AUTHORIZED)).json()
        return (done["state"], done["claims"], done["percent"]) == ("posted", 1, 100)

    await until(posted)


async def test_how_far_a_file_is_takes_the_token_and_a_file_that_is_there(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"{PATH}/{'0' * 64}")).status_code == 401
    answer = await client.get(f"{PATH}/{'0' * 64}", headers=AUTHORIZED)
    assert answer.status_code == 404
    assert "send it again" in answer.json()["detail"]
