"""Messages that could not be handled: kept whole here, and told on `<topic>.dead-letter`."""

import hashlib
import json
from typing import Any, Final
from uuid import UUID

from aiokafka import ConsumerRecord
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import DeadLetter, DeadLetterEvent, Outbox, utc_now
from overturn.domain.identifiers import deterministic_id
from overturn.events.topics import dead_letter_topic

KEY_CHARACTERS: Final = 200
"""Our keys are ids; this much of a foreign one is kept, so that a dead letter is never too large to send."""

WAITING, RETRIED, DISCARDED, DIED = "waiting", "retried", "discarded", "died"


async def bury(
    session: AsyncSession,
    *,
    consumer: str,
    record: ConsumerRecord[Any, Any],
    reason: str,
    tries: int,
    event_id: UUID | None,
) -> None:
    """Keep the message with its reason and tell of it; the same message is buried once.

    One that was sent again and died again is the dead letter it was. What is published names the message and
    not its content: that may be a patient's, or fill a whole message.
    """
    value = record.value or b""
    place = deterministic_id(
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
    if await session.scalar(select(exists().where(col(DeadLetterEvent.place) == place))):
        return
    letter = await _died_before(session, consumer, record.topic, value)
    if letter is None:
        letter = DeadLetter(id=place, value=value, event_id=event_id, tries=tries, **died)
        session.add(letter)
        await session.flush()
    else:
        letter.sqlmodel_update(
            {**died, "state": WAITING, "event_id": event_id, "died_at": utc_now(), "resent_digest": None}
        )
        letter.tries += tries
    session.add(DeadLetterEvent(dead_letter_id=letter.id, what=DIED, place=place, reason=reason))
    await session.execute(
        insert(Outbox)
        .values(
            event_id=place,
            topic=dead_letter_topic(record.topic),
            key=key or str(place),
            payload={**died, "dead_letter_id": str(letter.id)},
        )
        .on_conflict_do_nothing()
    )


def digest(payload: object) -> str:
    """What a JSON message says, whatever the order and spaces in which it says so."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


async def _died_before(session: AsyncSession, consumer: str, topic: str, value: bytes) -> DeadLetter | None:
    try:
        said = digest(json.loads(value))
    except (ValueError, RecursionError):
        return None  # what is not JSON is never sent again
    found = await session.scalars(
        select(DeadLetter)
        .where(
            col(DeadLetter.resent_digest) == said,
            col(DeadLetter.consumer) == consumer,
            col(DeadLetter.topic) == topic,
        )
        .limit(1)
        .with_for_update()
    )
    return found.first()
