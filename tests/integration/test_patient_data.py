"""A patient's data in every field, and everything failing: it reaches no log, event or dead-letter reason."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from faststream.kafka.message import KafkaMessage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.broker import consuming
from overturn.broker.consuming import EventConsumer
from overturn.db import tables
from overturn.db.session import Sessions
from overturn.events import ClaimAdjudicated
from tests.integration.records import adjudications, classify, count, post, rows
from tests.logs import what_is_logged
from tests.x12_files import acknowledgement, denied_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

CANARY = "CANARY"
"""Part of every name, number, member id and address in the files below."""


def marked(content: bytes) -> bytes:
    for plain in (b"TESTER", b"PAT*", b"M0001", b"P1", b"ICN1", b"2 TEST WAY", b"TRACE1"):
        content = content.replace(plain, CANARY.encode() + plain)
    return content


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Every log line, libraries' included, with everything set back afterwards."""
    monkeypatch.setattr(consuming, "BACK_OFF_SECONDS", (0.0,))
    with what_is_logged(monkeypatch, logging.DEBUG) as output:
        yield output


def message(*values: bytes | None, key: bytes | None = None, first: int = 0) -> KafkaMessage:
    records = tuple(
        ConsumerRecord(
            topic=ClaimAdjudicated.topic,
            partition=0,
            offset=offset,
            timestamp=0,
            timestamp_type=0,
            key=key,
            value=value,
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=0,
            headers=(),
        )
        for offset, value in enumerate(values, start=first)
    )
    return KafkaMessage(body=b"", raw_message=records, consumer=None)  # type: ignore[arg-type]


async def violating(session: AsyncSession, _: Sequence[ClaimAdjudicated]) -> None:
    """What PostgreSQL says of this quotes the row."""
    insert = text("INSERT INTO user_account (id, user_name) VALUES (gen_random_uuid(), :name)")
    await session.execute(insert, {"name": CANARY})


async def too_strange(_session: AsyncSession, _events: Sequence[ClaimAdjudicated]) -> None:
    raise ValueError(f"cannot handle {CANARY}")


async def deliver(consumer: EventConsumer[Any], delivered: KafkaMessage) -> None:
    """Hand over again and again, as Kafka does, until the message is passed."""
    for _ in range(consuming.MAX_TRIES):
        with suppress(Exception):
            await consumer(delivered)
            return


async def test_no_log_event_or_reason_carries_it(sessions: Sessions, written: io.StringIO) -> None:
    files = [submission("P1"), acknowledgement(("P1", "A3")), remittance(denied_claim("P1"))]
    for content in [*map(marked, files), marked(files[2])[:-60], marked(files[2]).replace(b"100.00", b"1OO")]:
        await post(sessions, content, f"{CANARY}.835")
    events = await adjudications(sessions)
    await classify(sessions, events)
    good = message(*(e.model_dump_json().encode() for e in events))
    poison = [CANARY, f'{{"event_id": "{CANARY}"}}', f'{{"{CANARY}": 1}}']
    bad = message(*(p.encode() for p in poison), None, first=100)
    for handle in (violating, too_strange):
        consumer = EventConsumer(
            group=handle.__name__, event=ClaimAdjudicated, sessions=sessions, handle=handle
        )
        await deliver(consumer, good)
        await deliver(consumer, bad)
    letters = await rows(sessions, tables.DeadLetter)
    assert len(letters) == 2 * (1 + 4)
    failed = {row.reason for row in letters if row.kafka_offset < 100}
    assert failed == {"IntegrityError: NotNullViolation", "ValueError"}
    assert CANARY not in "".join(row.reason for row in letters)
    assert CANARY not in json.dumps([row.payload for row in await rows(sessions, tables.Outbox)])
    lines = written.getvalue()
    assert lines.count("message.died") == len(letters)
    assert lines.count("file.received") == 5
    assert CANARY not in lines


async def test_the_driver_really_quotes_it(sessions: Sessions) -> None:
    """Otherwise the test above would prove nothing."""
    with pytest.raises(Exception, match=CANARY):
        async with sessions.begin() as session:
            await violating(session, ())


async def test_a_message_as_large_as_kafka_takes_is_told_in_a_small_one(sessions: Sessions) -> None:
    consumer = EventConsumer(group="large", event=ClaimAdjudicated, sessions=sessions, handle=too_strange)
    await deliver(consumer, message(b"x" * 1_000_000, key=b"k" * 500_000))
    [told] = await rows(sessions, tables.Outbox, col(tables.Outbox.topic).endswith(".dead-letter"))
    assert len(json.dumps(told.payload)) + len(told.key) < 2000
    [kept] = await rows(sessions, tables.DeadLetter)
    assert len(kept.value) == 1_000_000
    assert told.payload["dead_letter_id"] == str(kept.id)


async def test_two_consumers_of_one_message_bury_it_once_each(sessions: Sessions) -> None:
    consumers = [
        EventConsumer(group=g, event=ClaimAdjudicated, sessions=sessions, handle=too_strange)
        for g in ("one", "two")
    ]
    for consumer in consumers * 2:
        await asyncio.gather(deliver(consumer, message(b"{")), deliver(consumer, message(b"{")))
    assert await count(sessions, tables.DeadLetter) == 2
