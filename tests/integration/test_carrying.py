"""Outbox to Kafka to handler: nothing lost, nothing done twice, poison put aside."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from faststream.kafka import KafkaBroker
from kafka import KafkaAdminClient
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.broker import consuming
from overturn.broker.broker import create_broker, subscribe
from overturn.broker.consuming import EventConsumer
from overturn.db import tables
from overturn.db.outbox import publish_after_commit
from overturn.db.session import Sessions
from overturn.events import ClaimAdjudicated, ClaimEvent, Event
from overturn.events.topics import CONSUMERS
from overturn.settings import Settings
from services.relay.relay import publish_batch, republish_lost
from tests.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.asyncio]


@pytest.fixture
def settings(kafka_bootstrap: str, database_url: str) -> Settings:
    return Settings.model_construct(
        kafka_bootstrap_servers=kafka_bootstrap, kafka_idempotent=True, database_url=database_url
    )


@pytest.fixture
def probe(kafka_bootstrap: str) -> type[ClaimEvent]:
    """An event class with a topic of its own, so that tests do not read each other's messages."""
    name = f"probe.{uuid4().hex}"

    class Probe(ClaimEvent):
        topic: ClassVar[str] = name

    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.create_topics({name: {"num_partitions": 2}, f"{name}.dead-letter": {"num_partitions": 1}})
    admin.wait_for_topics([name])
    admin.close()
    return Probe


@pytest_asyncio.fixture
async def producer(kafka_bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all") as started:
        yield started


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "BACK_OFF_SECONDS", (0.01,))


@asynccontextmanager
async def consumed(settings: Settings, consumer: EventConsumer[Any]) -> AsyncIterator[KafkaBroker]:
    broker = create_broker(settings, client_id="tests")
    subscribe(broker, consumer.topic, group=f"tests-{uuid4().hex}", handle=consumer)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def event(probe: type[ClaimEvent]) -> ClaimEvent:
    return probe(event_id=uuid4(), claim_id=uuid4())


async def count(sessions: Sessions, table: type[Any], *where: Any) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table).where(*where)) or 0


class Seen:
    """A handler that remembers what it was given and fails on demand."""

    def __init__(self) -> None:
        self.ids: list[UUID] = []
        self.bad: set[UUID] = set()
        self.outages = 0

    async def __call__(self, _: AsyncSession, events: Sequence[Event]) -> None:
        if self.outages:
            self.outages -= 1
            raise OperationalError("select 1", {}, Exception("away"))
        for one in events:
            if one.event_id in self.bad:
                raise RuntimeError("this one cannot be done")
        self.ids += [one.event_id for one in events]


async def test_the_outbox_is_published_once_and_remembers_where(
    settings: Settings, sessions: Sessions, probe: type[ClaimEvent]
) -> None:
    events = [event(probe) for _ in range(20)]
    async with sessions.begin() as session:
        await publish_after_commit(session, [*events, *events])
    broker = create_broker(settings, client_id="tests")
    await broker.connect()
    assert await publish_batch(sessions, broker) == 20
    assert await publish_batch(sessions, broker) == 0
    await broker.stop()
    assert await count(sessions, tables.Outbox, col(tables.Outbox.sent_offset) >= 0) == 20


async def test_what_was_sent_twice_is_handled_once(
    settings: Settings, sessions: Sessions, probe: type[ClaimEvent], producer: AIOKafkaProducer
) -> None:
    seen, sent = Seen(), [event(probe) for _ in range(30)]
    for one in [*sent, *sent[::-1], *sent]:
        await producer.send_and_wait(probe.topic, one.model_dump_json().encode())
    consumer = EventConsumer(group="tests", event=probe, sessions=sessions, handle=seen)
    async with consumed(settings, consumer):
        await until(lambda: _handled(sessions, len(sent)))
        await asyncio.sleep(0.3)
    assert sorted(seen.ids) == sorted(one.event_id for one in sent)


async def _handled(sessions: Sessions, number: int) -> bool:
    return await count(sessions, tables.Inbox) >= number


POISON = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"event_id": "not-a-uuid"}',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b'{"claim_id": "\x00"}',
]


async def test_poison_becomes_dead_letters_and_the_rest_flows(
    settings: Settings, sessions: Sessions, probe: type[ClaimEvent], producer: AIOKafkaProducer
) -> None:
    seen, good = Seen(), [event(probe) for _ in range(len(POISON))]
    for bad, one in zip(POISON, good, strict=True):
        await producer.send_and_wait(probe.topic, bad, partition=0, headers=[("h", b"\xff\xfe")])
        await producer.send_and_wait(probe.topic, one.model_dump_json().encode(), partition=0)
    await producer.send_and_wait(probe.topic, None, key=b"tombstone", partition=0)
    consumer = EventConsumer(group="tests", event=probe, sessions=sessions, handle=seen)
    async with consumed(settings, consumer):
        await until(lambda: _handled(sessions, len(good)))
        await until(lambda: _dead(sessions, len(POISON) + 1))
    assert sorted(seen.ids) == sorted(one.event_id for one in good)
    async with sessions() as session:
        kept = (await session.scalars(select(tables.DeadLetter))).all()
    assert {letter.value for letter in kept} == set(POISON)
    assert all(letter.reason for letter in kept)
    assert await count(sessions, tables.Outbox) == len(POISON) + 1


async def _dead(sessions: Sessions, number: int) -> bool:
    return await count(sessions, tables.DeadLetter) >= number


async def test_one_that_always_fails_is_buried_and_its_neighbours_are_handled_once(
    settings: Settings, sessions: Sessions, probe: type[ClaimEvent], producer: AIOKafkaProducer
) -> None:
    seen, sent = Seen(), [event(probe) for _ in range(10)]
    seen.bad = {sent[4].event_id}
    for one in sent:
        await producer.send_and_wait(probe.topic, one.model_dump_json().encode(), partition=0)
    consumer = EventConsumer(group="tests", event=probe, sessions=sessions, handle=seen)
    async with consumed(settings, consumer):
        await until(lambda: _handled(sessions, len(sent)))
        await until(lambda: _dead(sessions, 1))
    assert sorted(seen.ids) == sorted(one.event_id for one in sent if one is not sent[4])
    async with sessions() as session:
        letter = (await session.scalars(select(tables.DeadLetter))).one()
    assert letter.reason == "RuntimeError"
    assert await count(sessions, tables.Inbox) == len(sent)  # what was buried is not published again
    assert probe.model_validate_json(letter.value) == sent[4]


async def test_an_outage_is_waited_out_and_buries_nothing(
    settings: Settings, sessions: Sessions, probe: type[ClaimEvent], producer: AIOKafkaProducer
) -> None:
    seen, sent = Seen(), [event(probe) for _ in range(5)]
    seen.outages = 3 * consuming.MAX_TRIES
    for one in sent:
        await producer.send_and_wait(probe.topic, one.model_dump_json().encode())
    consumer = EventConsumer(group="tests", event=probe, sessions=sessions, handle=seen)
    async with consumed(settings, consumer):
        await until(lambda: _handled(sessions, 5))
    assert sorted(seen.ids) == sorted(one.event_id for one in sent)
    assert await count(sessions, tables.DeadLetter) == 0


async def test_what_the_broker_forgot_is_published_again_unless_it_was_handled(
    settings: Settings, sessions: Sessions
) -> None:
    handled, lost = (
        ClaimAdjudicated(event_id=uuid4(), claim_id=uuid4(), claim_payment_id=uuid4(), remittance_id=uuid4())
        for _ in range(2)
    )
    far = 10**9  # an offset the broker does not have: it lost its log
    async with sessions.begin() as session:
        await publish_after_commit(session, [handled, lost])
        await session.execute(
            update(tables.Outbox).values(sent_at=tables.utc_now(), sent_partition=0, sent_offset=far)
        )
        session.add(tables.Inbox(consumer=CONSUMERS[handled.topic], event_id=handled.event_id))
    assert await republish_lost(sessions, settings.kafka_bootstrap_servers) == 1
    async with sessions() as session:
        unsent = await session.scalars(
            select(col(tables.Outbox.event_id)).where(col(tables.Outbox.sent_at).is_(None))
        )
        assert unsent.all() == [lost.event_id]
