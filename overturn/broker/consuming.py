"""From a batch of raw messages to effects that happen once: inbox, bounded tries, dead letters."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import structlog
from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.dead_letters import bury
from overturn.db.inbox import claim_events
from overturn.db.session import Sessions
from overturn.events import Event

E = TypeVar("E", bound=Event)
Handle = Callable[[AsyncSession, Sequence[E]], Awaitable[None]]

MAX_TRIES: Final = 5
BACK_OFF_SECONDS: Final = (0.5, 1.0, 2.0, 5.0)
OUTAGES: Final[tuple[type[Exception], ...]] = (OperationalError, InterfaceError, OSError)
"""A part is away: wait and try again for as long as it takes. Anything else is the message's own fault."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Readable(Generic[E]):
    """A message that is an event of ours, with the record it came in."""

    event: E
    record: ConsumerRecord[Any, Any]


class EventConsumer(Generic[E]):
    """Handles one topic's events for one consumer group.

    A batch is one transaction: inbox entries and effects commit together, and only then is the offset
    acknowledged. When a batch fails for another reason than an outage its events are handled one by one;
    what fails `MAX_TRIES` times is buried as a dead letter and passed, so that its partition goes on.
    """

    def __init__(
        self,
        *,
        group: str,
        event: type[E],
        sessions: Sessions,
        handle: Handle[E],
        outages: tuple[type[Exception], ...] = (),
    ) -> None:
        self.topic = event.topic
        self.group = group
        self._event = event
        self._sessions = sessions
        self._handle = handle
        self._outages = OUTAGES + outages
        self._tries: Counter[tuple[int, int]] = Counter()
        self._outage_length = 0

    async def __call__(self, message: KafkaMessage) -> None:
        """Handle a batch, or raise after a pause so that Kafka hands it over again."""
        readable = await self._guarded(self._read(message))
        if not readable:
            return
        try:
            await self._apply([r.event for r in readable])
        except self._outages as outage:
            await self._wait_out(outage)
            raise
        except Exception:  # noqa: BLE001 - one of them is bad; find out which
            await self._guarded(self._one_by_one(readable))
        self._outage_length = 0

    async def _guarded(self, work: Awaitable[Any]) -> Any:
        try:
            return await work
        except self._outages as outage:
            await self._wait_out(outage)
            raise

    async def _read(self, message: KafkaMessage) -> list[Readable[E]]:
        readable = []
        for record in message.raw_message:
            try:
                readable.append(Readable(self._event.model_validate_json(record.value or b""), record))
            except (ValidationError, ValueError, RecursionError) as error:
                await self._bury(record, _reason(error))
        return readable

    async def _one_by_one(self, readable: Sequence[Readable[E]]) -> None:
        for item in readable:
            place = (item.record.partition, item.record.offset)
            try:
                await self._apply([item.event])
            except self._outages:
                raise
            except Exception as error:
                self._tries[place] += 1
                if self._tries[place] < MAX_TRIES:
                    await asyncio.sleep(_pause(self._tries[place]))
                    raise
                await self._bury(item.record, _reason(error), item.event, tries=MAX_TRIES)
            self._tries.pop(place, None)

    async def _apply(self, events: Sequence[E]) -> None:
        async with self._sessions.begin() as session:
            new = await claim_events(session, self.group, [e.event_id for e in events])
            once = {e.event_id: e for e in events if e.event_id in new}
            if once:
                await self._handle(session, list(once.values()))

    async def _bury(
        self, record: ConsumerRecord[Any, Any], reason: str, event: E | None = None, *, tries: int = 1
    ) -> None:
        """An event that was read is done with, too: the relay need not publish it again by itself."""
        event_id = None if event is None else event.event_id
        async with self._sessions.begin() as session:
            if event_id:
                await claim_events(session, self.group, [event_id])
            await bury(
                session, consumer=self.group, record=record, reason=reason, tries=tries, event_id=event_id
            )
        log.error(
            "message.died",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=reason,
        )

    async def _wait_out(self, outage: Exception) -> None:
        self._outage_length += 1
        log.warning(
            "consumer.waits", group=self.group, error=type(outage).__name__, tries=self._outage_length
        )
        await asyncio.sleep(_pause(self._outage_length))


def _pause(tries: int) -> float:
    return BACK_OFF_SECONDS[min(tries, len(BACK_OFF_SECONDS)) - 1]


def _reason(error: Exception) -> str:
    """What went wrong without any value of the message: those may be PHI."""
    if isinstance(error, ValidationError):
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, p['loc'])) or 'message'}: {p['type']}" for p in problems)
    if isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {type(error.orig).__name__}"
    return type(error).__name__
