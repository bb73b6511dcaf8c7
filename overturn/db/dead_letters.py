"""Messages that could not be handled: kept whole here, and told on `<topic>.dead-letter`."""

from base64 import b64encode
from typing import Any

from aiokafka import ConsumerRecord
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import DeadLetter, Outbox
from overturn.domain.identifiers import deterministic_id
from overturn.events.topics import dead_letter_topic


async def bury(
    session: AsyncSession, *, consumer: str, record: ConsumerRecord[Any, Any], reason: str
) -> None:
    """Keep the message with its reason and publish it as a dead letter; the same message is buried once."""
    letter_id = deterministic_id(
        "dead-letter", consumer, record.topic, record.partition, record.offset, record.timestamp
    )
    value = record.value or b""
    key = record.key.decode(errors="replace").replace("\x00", "") if record.key else None
    died = {
        "consumer": consumer,
        "topic": record.topic,
        "partition": record.partition,
        "kafka_offset": record.offset,
        "key": key,
        "reason": reason,
    }
    await session.execute(
        insert(DeadLetter).values(id=letter_id, value=value, **died).on_conflict_do_nothing()
    )
    await session.execute(
        insert(Outbox)
        .values(
            event_id=letter_id,
            topic=dead_letter_topic(record.topic),
            key=key or str(letter_id),
            payload={**died, "value_base64": b64encode(value).decode()},
        )
        .on_conflict_do_nothing()
    )
