"""Files told of by Kafka: taken from one folder only, once, and what cannot be taken is a dead letter."""

import asyncio
import os
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from pydantic import ValidationError
from sqlmodel import col

from overturn.broker import consuming
from overturn.broker.admin import ensure_topics
from overturn.db import tables
from overturn.db.session import Sessions
from overturn.events import RemittanceReceived
from overturn.settings import MOST_BYTES, Settings
from services.ingest import handed_over
from services.ingest.handed_over import (
    FileTooLargeError,
    FileUnreadableError,
    HandedOver,
    HandoverRefusedError,
    NeverStoredError,
    OtherContentError,
    OutsideFolderError,
    listen,
    read_below,
)
from services.ingest.intake import Intake
from tests.archives import zipped
from tests.integration.records import count, only, post, rows
from tests.waiting import until
from tests.x12_files import denied_claim, paid_claim, remittance

pytestmark = pytest.mark.postgres

CONTENT = remittance(denied_claim("P1"))
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The handoff folder with a file in it, and a file beside it that is not ours to read."""
    found = tmp_path / "handoff"
    (found / "sub").mkdir(parents=True)
    (found / "sub" / "remit.835").write_bytes(CONTENT)
    (tmp_path / "secret.835").write_bytes(CONTENT)
    (tmp_path / "handoff-other").mkdir()
    (tmp_path / "handoff-other" / "remit.835").write_bytes(CONTENT)
    (found / "link.835").symlink_to(tmp_path / "secret.835")
    (found / "inner.835").symlink_to(found / "sub" / "remit.835")
    (found / "loop.835").symlink_to(found / "loop.835")
    os.mkfifo(found / "pipe.835")
    return found


@pytest.mark.parametrize("path", ["sub/remit.835", "./sub/../sub/remit.835", "inner.835"])
def test_a_file_below_the_folder_is_read(folder: Path, path: str) -> None:
    with read_below(folder, path, MOST_BYTES).file as file:
        assert file.read() == CONTENT


@pytest.mark.parametrize(
    "path",
    [
        "../secret.835",
        "sub/../../secret.835",
        "../handoff-other/remit.835",
        "link.835",
        "/etc/passwd",
        ".",
        "..",
    ],
)
def test_whatever_leads_out_of_the_folder_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(OutsideFolderError):
        read_below(folder, path, MOST_BYTES)


def test_an_absolute_path_is_refused_even_into_the_folder(folder: Path) -> None:
    with pytest.raises(OutsideFolderError):
        read_below(folder, str(folder / "sub" / "remit.835"), MOST_BYTES)


@pytest.mark.parametrize("path", ["gone.835", "sub", "pipe.835", "loop.835", "nul\x00.835", "n" * 900])
def test_what_is_no_readable_file_is_refused(folder: Path, path: str) -> None:
    with pytest.raises(FileUnreadableError):
        read_below(folder, path, MOST_BYTES)


def test_a_file_that_is_too_large_is_refused(folder: Path) -> None:
    with pytest.raises(FileTooLargeError):
        read_below(folder, "sub/remit.835", limit=10)


def test_a_folder_that_is_away_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_below(tmp_path / "share", "remit.835", MOST_BYTES)


@pytest.mark.parametrize(
    "fields", [{}, {"path": ""}, {"path": "x" * 1001}, {"sha256": "../etc"}, {"sha256": DIGEST.upper()}]
)
def test_an_event_that_names_no_file_is_no_event(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RemittanceReceived.model_validate({"event_id": str(uuid4()), **fields})


async def take(sessions: Sessions, folder: Path, path: str | None = None, digest: str | None = None) -> None:
    event = RemittanceReceived(event_id=uuid4(), path=path, sha256=digest)
    async with sessions.begin() as session:
        await HandedOver(folder, Intake(sessions, MOST_BYTES))(session, [event])


@pytest.mark.asyncio
async def test_a_file_is_taken_in_under_its_name_and_twice_is_once(sessions: Sessions, folder: Path) -> None:
    for digest in (None, DIGEST, None):
        await take(sessions, folder, "sub/remit.835", digest)
    received = await only(sessions, tables.ReceivedFile)
    assert (received.file_name, received.source, received.sha256) == ("remit.835", "topic", DIGEST)
    assert await count(sessions, tables.ClaimPayment) == 1


@pytest.mark.asyncio
async def test_an_archive_is_taken_apart_at_this_door_too(sessions: Sessions, folder: Path) -> None:
    (folder / "files.zip").write_bytes(zipped(("a.835", CONTENT)))
    await take(sessions, folder, "files.zip")
    names = {file.file_name for file in await rows(sessions, tables.ReceivedFile)}
    assert names == {"files.zip", "files.zip/a.835"}


@pytest.mark.asyncio
async def test_a_stored_file_may_be_named_by_its_digest_alone(sessions: Sessions, folder: Path) -> None:
    with pytest.raises(NeverStoredError):
        await take(sessions, folder, digest=DIGEST)
    await post(sessions, CONTENT)
    await take(sessions, folder, digest=DIGEST)
    await take(sessions, folder, "gone.835", DIGEST)
    assert await count(sessions, tables.ReceivedFile) == 1


@pytest.mark.asyncio
async def test_other_bytes_than_were_told_are_refused(sessions: Sessions, folder: Path) -> None:
    with pytest.raises(OtherContentError):
        await take(sessions, folder, "sub/remit.835", "0" * 64)
    assert await count(sessions, tables.ReceivedFile) == 0


@pytest_asyncio.fixture
async def producer(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    await asyncio.to_thread(ensure_topics, kafka_bootstrap)
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all") as started:
        yield started


async def tell(producer: AIOKafkaProducer, **fields: str) -> UUID:
    event = RemittanceReceived.model_validate({"event_id": uuid4(), **fields})
    for _ in range(2):
        await producer.send_and_wait(event.topic, event.model_dump_json().encode(), key=event.key.encode())
    return event.event_id


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_message_brings_a_file_and_a_bad_one_is_buried(
    sessions: Sessions,
    folder: Path,
    producer: AIOKafkaProducer,
    kafka_bootstrap: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consuming, "BACK_OFF_SECONDS", (0.01,))
    settings = Settings.model_construct(
        kafka_bootstrap_servers=kafka_bootstrap, kafka_idempotent=True, handoff_folder=folder
    )
    (folder / "second.835").write_bytes(remittance(paid_claim("P2"), trace="T2"))
    listening = asyncio.create_task(listen(settings, sessions, Intake(sessions, MOST_BYTES)))
    try:
        done = {await tell(producer, path="sub/remit.835", sha256=DIGEST)}
        done.add(await tell(producer, path="../secret.835"))  # buried is done with, too
        done.add(await tell(producer, path="second.835"))
        await until(lambda: count(sessions, tables.DeadLetter))
        await until(lambda: _has(sessions, 3))
    finally:
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
    letters = await rows(sessions, tables.DeadLetter)
    assert {letter.reason for letter in letters} == {OutsideFolderError.__name__}
    assert issubclass(OutsideFolderError, HandoverRefusedError)
    handled = await rows(sessions, tables.Inbox, col(tables.Inbox.consumer) == letters[0].consumer)
    assert {row.event_id for row in handled} == done
    assert await count(sessions, tables.ClaimPayment) == 2


async def _has(sessions: Sessions, files: int) -> bool:
    return await count(sessions, tables.Inbox) >= files


@pytest.mark.asyncio
async def test_while_kafka_is_away_it_is_tried_again(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_over, "PAUSE_SECONDS", 0.01)
    tries: list[str] = []
    knock = handed_over._knock

    async def counted(servers: str) -> None:
        tries.append(servers)
        await knock(servers)

    monkeypatch.setattr(handed_over, "_knock", counted)
    settings = Settings.model_construct(
        kafka_bootstrap_servers="127.0.0.1:9,127.0.0.1:10",
        kafka_idempotent=True,
        handoff_folder=tmp_path / "handoff",
    )
    listening = asyncio.create_task(listen(settings, sessions, Intake(sessions, MOST_BYTES)))

    async def twice() -> bool:
        return len(tries) > 1 or listening.done()

    await until(twice)
    assert not listening.done()
    assert (tmp_path / "handoff").is_dir()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening
