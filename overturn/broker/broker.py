"""The one way services connect to Kafka: at least once, from the earliest message, acknowledged last."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from aiokafka import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage as Batch
from faststream.kafka.message import KafkaMessage

from overturn.settings import Settings

ACK_POLICY: Final = AckPolicy.NACK_ON_ERROR
"""The only policy under which Kafka hands a failed message over again. FastStream's default acknowledges
before the handler runs; the others acknowledge a failure with the next success."""

BATCH_RECORDS: Final = 200
MAX_POLL_INTERVAL_MS: Final = 300_000

Handler = Callable[[KafkaMessage], Awaitable[None]]


def create_broker(settings: Settings, *, client_id: str) -> KafkaBroker:
    """A broker that hands raw batches to its subscribers: reading a message is the handler's work, so that
    one that cannot be read becomes a dead letter and not a stuck partition."""
    return KafkaBroker(
        settings.kafka_bootstrap_servers,
        client_id=client_id,
        ack_policy=ACK_POLICY,
        acks="all",
        enable_idempotence=settings.kafka_idempotent,
        allow_auto_create_topics=False,
        parser=without_headers,
        decoder=undecoded,
        logger=None,  # it prints exceptions with their values, which may be PHI
    )


def subscribe(broker: KafkaBroker, topic: str, *, group: str, handle: Handler) -> None:
    """Hand a topic's messages to `handle` in batches; what is set here, the library's defaults get wrong."""

    @broker.subscriber(
        topic,
        group_id=group,
        batch=True,
        max_records=BATCH_RECORDS,
        auto_offset_reset="earliest",
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        title=f"{group}:{topic}",
    )
    async def handled(message: Batch) -> None:
        await handle(message)


async def without_headers(message: Any, original: Any) -> Any:
    """Parse without headers: we use none, and one that is not UTF-8 would fail before the handler."""
    if isinstance(message, tuple):
        return await original(tuple(_bare(record) for record in message))
    return await original(_bare(message))


async def undecoded(message: KafkaMessage) -> Any:
    return message.body


def _bare(record: ConsumerRecord[Any, Any]) -> ConsumerRecord[Any, Any]:
    return replace(record, headers=())
