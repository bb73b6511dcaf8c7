"""What a stretch of a Kafka topic told, under other rules: its messages name what is decided again.

A message carries ids; what the payer said is read from the record. The topic is only read: no consumer group
is joined and no offset committed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from overturn.broker.offset_range import OffsetRange, OffsetRangeError, OffsetReader, Wanted
from overturn.db.history import CHUNK, read_some
from overturn.events import ClaimAdjudicated, DenialClassified
from overturn.replay import Replay, Replaying

TOPICS: Final = (ClaimAdjudicated.topic, DenialClassified.topic)
"""Those whose messages name an adjudication: by itself, or by the case that rests on it."""

_OF_CASES: Final = text("SELECT claim_payment_id FROM denial_case WHERE id = ANY(:ids)")


@dataclass(slots=True)
class TopicReplay:
    """`found` is as of any replay; of the messages read, `unreadable` are no events of the topic, and
    `unknown` name what the record does not have. An adjudication that was told twice counts once."""

    ranges: list[OffsetRange]
    found: Replay
    messages: int = 0
    unreadable: int = 0
    unknown: int = 0


def find_ranges(reader: OffsetReader, wanted: Wanted) -> list[OffsetRange]:
    """What Kafka has of what is asked. Raises OffsetRangeError, also for a topic that names no answer."""
    if wanted.topic not in TOPICS:
        raise OffsetRangeError(f"{wanted.topic} tells of no payer's answer: name {' or '.join(TOPICS)}.")
    return reader.ranges(wanted)


async def replay_ranges(
    session: AsyncSession, reader: OffsetReader, ranges: Sequence[OffsetRange], replaying: Replaying
) -> TopicReplay:
    """Decide again what the messages tell of, in their order. Of what was read only the ids are kept."""
    done, connection = TopicReplay(list(ranges), replaying.found), await session.connection()
    seen: set[int] = set()
    values = chain.from_iterable(reader.values(span) for span in ranges)
    while batch := list(islice(values, CHUNK)):
        done.messages += len(batch)
        events = list(_readable(batch, ranges[0].topic))
        done.unreadable += len(batch) - len(events)
        ids = [event_id for event_id in dict.fromkeys(events) if event_id.int not in seen]
        seen.update(event_id.int for event_id in ids)
        payments = await _payments(connection, ids, ranges[0].topic)
        chunk = await read_some(connection, payments)
        done.unknown += len(ids) - len(chunk.payments)
        await replaying.take(session, chunk)
    return done


def _readable(values: Iterable[bytes], topic: str) -> Iterator[UUID]:
    """The id in each message that is an event of the topic: of the adjudication, or of the case."""
    for value in values:
        try:
            if topic == ClaimAdjudicated.topic:
                yield ClaimAdjudicated.model_validate_json(value).claim_payment_id
            else:
                yield DenialClassified.model_validate_json(value).case_id
        except (ValidationError, ValueError, RecursionError):
            continue


async def _payments(connection: AsyncConnection, ids: Sequence[UUID], topic: str) -> Collection[UUID]:
    if topic == ClaimAdjudicated.topic:
        return ids
    return (await connection.scalars(_OF_CASES, {"ids": list(ids)})).all()
