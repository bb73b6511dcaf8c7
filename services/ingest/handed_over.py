"""`remittance.received.v1`: files that other systems leave in the handoff folder and tell us of by Kafka."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
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
from services.ingest.intake import Intake
from services.ingest.spooling import Spooled, TooLargeError, spool

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

    def __init__(self, folder: Path, intake: Intake) -> None:
        self._folder = folder
        self._intake = intake

    async def __call__(self, _: AsyncSession, events: Sequence[RemittanceReceived]) -> None:
        """The events are noted as done when each file is posted, or a large one stored and on its way."""
        for event in events:
            await self._take(event)

    async def _take(self, event: RemittanceReceived) -> None:
        if event.sha256 and await self._intake.receipt(event.sha256):
            return
        if event.path is None:
            raise NeverStoredError
        content = await asyncio.to_thread(read_below, self._folder, event.path, self._intake.limit)
        if event.sha256 and content.sha256 != event.sha256:
            content.file.close()
            raise OtherContentError
        await self._intake.take(file_name=Path(event.path).name, content=content, source="topic")


def read_below(folder: Path, path: str, limit: int) -> Spooled:
    """A copy of a file that lies in `folder`, links followed.

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
            return spool(file, limit)
    except TooLargeError:
        raise FileTooLargeError from None
    except (OSError, ValueError, RuntimeError):  # the latter two: a NUL, a loop of links
        raise FileUnreadableError from None


def handed_over_consumer(
    settings: Settings, sessions: Sessions, intake: Intake
) -> EventConsumer[RemittanceReceived]:
    return EventConsumer(
        group=CONSUMERS[RemittanceReceived.topic],
        event=RemittanceReceived,
        sessions=sessions,
        handle=HandedOver(settings.handoff_folder, intake),
    )


async def listen(settings: Settings, sessions: Sessions, intake: Intake) -> None:
    """Consume until cancelled. The other doors stay open while Kafka is away."""
    settings.handoff_folder.mkdir(parents=True, exist_ok=True)
    consumer = handed_over_consumer(settings, sessions, intake)
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
