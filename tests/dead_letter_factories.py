"""Messages that died, as the consumer buries them; no broker is needed for that."""

import json
from typing import Any
from uuid import UUID, uuid4

from aiokafka import ConsumerRecord
from sqlalchemy import select

from overturn.db.dead_letters import bury
from overturn.db.inbox import claim_events
from overturn.db.session import Sessions
from overturn.db.tables import DeadLetterEvent
from overturn.events import ClaimAdjudicated

CONSUMER = "services.classifier.claim_classifier"
TOPIC = ClaimAdjudicated.topic


def adjudicated() -> ClaimAdjudicated:
    return ClaimAdjudicated(
        event_id=uuid4(), claim_id=uuid4(), claim_payment_id=uuid4(), remittance_id=uuid4()
    )


def record(
    value: bytes, *, offset: int = 0, key: bytes | None = None, topic: str = TOPIC
) -> ConsumerRecord[Any, Any]:
    return ConsumerRecord(
        topic=topic,
        partition=0,
        offset=offset,
        timestamp=1_790_000_000_000 + offset,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=len(value),
        headers=(),
    )


async def died(sessions: Sessions, value: bytes, *, event_id: UUID | None = None, **place: Any) -> UUID:
    """Bury a message as its consumer does; returns the dead letter's id."""
    async with sessions.begin() as session:
        if event_id:
            await claim_events(session, CONSUMER, [event_id])
        await bury(
            session,
            consumer=CONSUMER,
            record=record(value, **place),
            reason="RuntimeError",
            tries=5,
            event_id=event_id,
        )
    async with sessions() as session:
        events = (await session.scalars(select(DeadLetterEvent))).all()
    return max(events, key=lambda event: event.happened_at).dead_letter_id


async def event_died(sessions: Sessions, event: ClaimAdjudicated, **place: Any) -> UUID:
    value = json.dumps(event.model_dump(mode="json")).encode()
    place.setdefault("key", event.key.encode())
    return await died(sessions, value, event_id=event.event_id, **place)
