"""`remittance.received.v1`: files that other systems leave in the handoff folder and tell us of by Kafka."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog
from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.broker.broker import create_broker, subscribe
from overturn.broker.consuming import EventConsumer
from overturn.db.session import Sessions
from overturn.events import RemittanceReceived
from overturn.events.topics import CONSUMERS
from overturn.settings import Settings
from overturn.x12.file import MAX_BYTES
from services.ingest.posting import find_known
from services.ingest.receiving import receive_file

PAUSE_SECONDS: Final = 5.0

log = structlog.get_logger()


class HandoverRefusedError(Exception):
    """The file that was named is not taken. Dead letters hold the class's name: a path may name a patient."""


class OutsideFolderError(HandoverRefusedError):
    """The path is absolute, or leads out of the handoff folder by `..` or a link."""


class FileUnreadableError(HandoverRefusedError):
    """There is no such file in the folder, or we may not read it."""


class FileTooLargeError(HandoverRefusedError):
    """The file is larger than we take."""


class OtherContentError(HandoverRefusedError):
    """The file does not have the SHA-256 that was told."""


class NeverStoredError(HandoverRefusedError):
    """A file is named by its SHA-256 alone, and no file with it came here."""


class HandedOver:
    """Takes in the files that events name. Doing it twice is harmless: a file is known by its bytes."""

    def __init__(self, folder: Path, sessions: Sessions) -> None:
        self._folder = folder
        self._sessions = sessions

    async def __call__(self, _: AsyncSession, events: Sequence[RemittanceReceived]) -> None:
        """Each file has a transaction of its own; the events are noted as done after the last."""
        for event in events:
            await self._take(event)

    async def _take(self, event: RemittanceReceived) -> None:
        if event.sha256 and await find_known(self._sessions, event.sha256, event.sha256):
            return
        if event.path is None:
            raise NeverStoredError
        content = await asyncio.to_thread(read_below, self._folder, event.path)
        if event.sha256 and sha256(content).hexdigest() != event.sha256:
            raise OtherContentError
        name = Path(event.path).name
        await receive_file(self._sessions, file_name=name, content=content, source="topic")


def read_below(folder: Path, path: str) -> bytes:
    """The bytes of a file that lies in `folder`, links followed.

    Raises:
        HandoverRefusedError: it lies elsewhere, cannot be read or is too large.
        OSError: the folder itself is away, which is worth waiting for.
    """
    root = folder.resolve(strict=True)
    try:
        target = (root / path).resolve()
        if target == root or not target.is_relative_to(root) or Path(path).is_absolute():
            raise OutsideFolderError
        if not target.is_file():  # a pipe would never end
            raise FileUnreadableError
        with target.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError, RuntimeError):  # the latter two: a NUL, a loop of links
        raise FileUnreadableError from None
    if len(content) > MAX_BYTES:
        raise FileTooLargeError
    return content


def handed_over_consumer(settings: Settings, sessions: Sessions) -> EventConsumer[RemittanceReceived]:
    return EventConsumer(
        group=CONSUMERS[RemittanceReceived.topic],
        event=RemittanceReceived,
        sessions=sessions,
        handle=HandedOver(settings.handoff_folder, sessions),
    )


async def listen(settings: Settings, sessions: Sessions) -> None:
    """Consume until cancelled. The other doors stay open while Kafka is away."""
    settings.handoff_folder.mkdir(parents=True, exist_ok=True)
    consumer = handed_over_consumer(settings, sessions)
    while True:
        try:
            await _knock(settings.kafka_bootstrap_servers)
            await _consume(settings, consumer)
        except (KafkaError, OSError) as error:
            log.warning("handover.waits", error=type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)


async def _consume(settings: Settings, consumer: EventConsumer[RemittanceReceived]) -> None:
    broker = create_broker(settings, client_id="services.ingest")
    subscribe(broker, consumer.topic, group=consumer.group, handle=consumer)
    try:
        await broker.start()
        await asyncio.Event().wait()
    finally:
        await broker.stop()


async def _knock(servers: str) -> None:
    """Raise OSError unless one of them answers: a broker whose start fails leaves its producer open."""
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.close()
            await writer.wait_closed()
            return
    raise ConnectionRefusedError
