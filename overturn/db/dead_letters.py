"""Messages that could not be handled: kept whole here, and told on `<topic>.dead-letter`."""

from typing import Any, Final

from aiokafka import ConsumerRecord
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import DeadLetter, Outbox
from overturn.domain.identifiers import deterministic_id
from overturn.events.topics import dead_letter_topic

KEY_CHARACTERS: Final = 200
"""Our keys are ids; this much of a foreign one is kept, so that a dead letter is never too large to send."""


async def bury(
    session: AsyncSession, *, consumer: str, record: ConsumerRecord[Any, Any], reason: str
) -> None:
    """Keep the message with its reason and tell of it; the same message is buried once.

    What is published names the message and not its content: that may be a patient's, or fill a whole message.
    """
    letter_id = deterministic_id(
        "dead-letter", consumer, record.topic, record.partition, record.offset, record.timestamp
    )
    key = record.key.decode(errors="replace").replace("\x00", "")[:KEY_CHARACTERS] if record.key else None
    died = {
        "consumer": consumer,
        "topic": record.topic,
        "partition": record.partition,
        "kafka_offset": record.offset,
        "key": key,
        "reason": reason,
    }
    await session.execute(
        insert(DeadLetter).values(id=letter_id, value=record.value or b"", **died).on_conflict_do_nothing()
    )
    await session.execute(
        insert(Outbox)
        .values(
            event_id=letter_id,
            topic=dead_letter_topic(record.topic),
            key=key or str(letter_id),
            payload={**died, "dead_letter_id": str(letter_id)},
        )
        .on_conflict_do_nothing()
    )
