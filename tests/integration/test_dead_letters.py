"""A person decides about a dead letter, once; what is sent again is handled once or comes back."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import select
from sqlmodel import col

from overturn.broker.broker import create_broker
from overturn.broker.consuming import MAX_TRIES, EventConsumer
from overturn.db import tables
from overturn.db.dead_letter_decisions import MOST_BYTES, DeadLetterRefusedError, discard, retry
from overturn.db.outbox import publish_after_commit
from overturn.db.session import Sessions
from overturn.events import CONTRACT, ClaimEvent
from overturn.events.topics import CONSUMERS
from overturn.reporting.dead_letters import FOREIGN_KEY, dead_letter, dead_letters, letter_steps
from overturn.settings import Settings
from services.relay.relay import publish_batch
from tests.dead_letter_factories import CONSUMER, TOPIC, adjudicated, died, event_died
from tests.integration import test_carrying as carrying
from tests.integration.test_carrying import Seen, consumed, count, event
from tests.waiting import until
from tests.web_factories import person

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.asyncio]

settings, probe, producer, _short_pauses = (
    carrying.settings,
    carrying.probe,
    carrying.producer,
    carrying._short_pauses,
)


async def sent_again(sessions: Sessions, letter_id: UUID) -> None:
    async with sessions.begin() as session:
        await retry(session, letter_id, reason="mended")


async def refusal(sessions: Sessions, letter_id: UUID) -> str:
    with pytest.raises(DeadLetterRefusedError) as refused:
        await sent_again(sessions, letter_id)
    return str(refused.value)


async def outbox(sessions: Sessions, topic: str = TOPIC) -> list[tables.Outbox]:
    async with sessions() as session:
        rows = await session.scalars(select(tables.Outbox).where(col(tables.Outbox.topic) == topic))
        return list(rows)


async def steps(sessions: Sessions, letter_id: UUID) -> list[str]:
    async with sessions() as session:
        return [step.what for step in await letter_steps(session, letter_id)]


async def state(sessions: Sessions, letter_id: UUID) -> tuple[str, int]:
    async with sessions() as session:
        letter = await dead_letter(session, letter_id)
    assert letter is not None
    return letter.state, letter.tries


async def test_a_mended_message_is_handled_once_and_a_bad_one_comes_back_with_its_history(
    settings: Settings,
    sessions: Sessions,
    probe: type[ClaimEvent],
    producer: AIOKafkaProducer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CONTRACT, probe.topic, probe)
    seen, sent = Seen(), event(probe)
    seen.bad = {sent.event_id}
    await producer.send_and_wait(probe.topic, sent.model_dump_json().encode(), key=sent.key.encode())
    consumer = EventConsumer(group="tests", event=probe, sessions=sessions, handle=seen)
    relay = create_broker(settings, client_id="tests.relay")
    await relay.connect()

    async def waiting(tries: int) -> bool:
        async with sessions() as session:
            return [letter.tries for letter in await dead_letters(session)] == [tries]

    async with consumed(settings, consumer):
        await until(lambda: waiting(MAX_TRIES))
        async with sessions() as session:
            (letter,) = await dead_letters(session)
        await sent_again(sessions, letter.id)
        assert await publish_batch(sessions, relay) == 2  # with what tells of the death
        await until(lambda: waiting(2 * MAX_TRIES))
        assert await steps(sessions, letter.id) == ["died", "retried", "died"]
        seen.bad = set()
        await sent_again(sessions, letter.id)
        await publish_batch(sessions, relay)

        async def handled() -> bool:
            return sent.event_id in seen.ids

        await until(handled)
        await producer.send_and_wait(probe.topic, sent.model_dump_json().encode())  # and once more, twice
    await relay.stop()
    assert seen.ids.count(sent.event_id) == 1
    assert await state(sessions, letter.id) == ("retried", 2 * MAX_TRIES)
    assert await count(sessions, tables.DeadLetter) == 1
    assert await count(sessions, tables.Inbox) == 1


async def test_a_message_of_our_outbox_is_sent_from_its_own_row(sessions: Sessions) -> None:
    one = adjudicated()
    async with sessions.begin() as session:
        await publish_after_commit(session, [one])
        row = (await session.scalars(select(tables.Outbox))).one()
        row.sent_at, row.sent_partition, row.sent_offset = tables.utc_now(), 0, 0
    letter_id = await event_died(sessions, one)
    await sent_again(sessions, letter_id)
    (row,) = await outbox(sessions)
    assert (row.event_id, row.sent_at, row.sent_offset) == (one.event_id, None, None)
    assert await count(sessions, tables.Inbox) == 0  # its consumer will take it as new


async def test_a_message_of_others_gets_a_row_of_its_own(sessions: Sessions) -> None:
    one = adjudicated()
    await sent_again(sessions, await event_died(sessions, one))
    (row,) = await outbox(sessions)
    assert (row.event_id, row.key, row.sent_at) == (one.event_id, one.key, None)
    assert row.payload == one.model_dump(mode="json")


async def test_a_message_that_bears_the_id_of_another_does_not_replace_it(sessions: Sessions) -> None:
    ours = adjudicated()
    async with sessions.begin() as session:
        await publish_after_commit(session, [ours])
    forged = ours.model_copy(update={"claim_id": uuid4()})
    await sent_again(sessions, await event_died(sessions, forged))
    assert sorted(row.payload["claim_id"] for row in await outbox(sessions)) == sorted(
        [str(ours.claim_id), str(forged.claim_id)]
    )


async def test_a_message_that_was_never_read_leaves_the_inbox_alone(sessions: Sessions) -> None:
    one = adjudicated()
    await event_died(sessions, one)  # the inbox has it
    letter_id = await died(sessions, json.dumps({"event_id": str(one.event_id)}).encode(), offset=9)
    await sent_again(sessions, letter_id)
    assert await count(sessions, tables.Inbox) == 1


async def test_two_people_send_it_again_once(sessions: Sessions) -> None:
    letter_id = await event_died(sessions, adjudicated())
    done = await asyncio.gather(*(sent_again(sessions, letter_id) for _ in range(4)), return_exceptions=True)
    refused = [one for one in done if one is not None]
    assert len(refused) == 3
    assert all("is retried already" in str(one) for one in refused)
    assert len(await outbox(sessions)) == 1


async def test_a_batch_that_is_handed_over_twice_buries_once(sessions: Sessions) -> None:
    one = adjudicated()
    for _ in range(2):
        letter_id = await event_died(sessions, one)
    assert await steps(sessions, letter_id) == ["died"]
    await sent_again(sessions, letter_id)
    for _ in range(2):  # it fails at its new place, and that batch comes twice, too
        assert await event_died(sessions, one, offset=5) == letter_id
    assert await steps(sessions, letter_id) == ["died", "retried", "died"]
    assert await state(sessions, letter_id) == ("waiting", 10)
    assert len(await outbox(sessions, f"{TOPIC}.dead-letter")) == 2


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        json.dumps({"a": "x" * MOST_BYTES}).encode(),
    ],
    ids=range(12),
)
async def test_what_can_never_be_handled_is_not_sent_again(sessions: Sessions, value: bytes) -> None:
    letter_id = await died(sessions, value)
    assert "Discard it" in await refusal(sessions, letter_id)
    assert await outbox(sessions) == []
    assert (await state(sessions, letter_id))[0] == "waiting"


async def test_a_topic_of_another_version_is_not_sent_to(sessions: Sessions) -> None:
    letter_id = await died(sessions, b"{}", topic="claim.adjudicated.v0")
    assert "no topic of this version" in await refusal(sessions, letter_id)


async def test_a_discarded_one_stays_with_reason_and_person_and_cannot_be_sent(sessions: Sessions) -> None:
    letter_id = await died(sessions, b"{}")
    async with sessions.begin() as session:
        session.add(morgan := person("morgan", "manager"))
        await session.flush()
        await discard(session, letter_id, actor_id=morgan.id, reason="a test of the clearinghouse")
    assert "is discarded already" in await refusal(sessions, letter_id)
    async with sessions() as session:
        assert await dead_letters(session) == []
        assert [letter.id for letter in await dead_letters(session, every=True)] == [letter_id]
        last = (await letter_steps(session, letter_id))[-1]
        kept = await session.get(tables.DeadLetter, letter_id)
    assert (last.what, last.by, last.reason) == ("discarded", "Morgan", "a test of the clearinghouse")
    assert kept is not None
    assert kept.value == b"{}"


async def test_a_reason_is_asked_for(sessions: Sessions) -> None:
    letter_id = await died(sessions, b"{}")
    with pytest.raises(DeadLetterRefusedError, match="why"):
        async with sessions.begin() as session:
            await discard(session, letter_id, actor_id=uuid4(), reason="  ")


async def test_an_unknown_one_is_named(sessions: Sessions) -> None:
    assert "There is no dead letter" in await refusal(sessions, uuid4())


@pytest.mark.parametrize(
    ("key", "shown"), [(b"M123456789", FOREIGN_KEY), (b"\xff", FOREIGN_KEY), (None, None)]
)
async def test_a_key_that_is_no_id_is_not_listed(
    sessions: Sessions, key: bytes | None, shown: str | None
) -> None:
    await died(sessions, b"{}", key=key)
    async with sessions() as session:
        (letter,) = await dead_letters(session)
    assert letter.key == shown


async def test_consumer_of_the_factories_is_ours() -> None:
    assert CONSUMERS[TOPIC] == CONSUMER
