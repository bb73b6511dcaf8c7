"""`overturn replay --topic`: a stretch of a topic on real Kafka under other rules, and nothing moves."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from typer.testing import CliRunner

from overturn.broker.admin import end_offsets
from overturn.broker.topic_state import topic_states
from overturn.cli import app
from overturn.db import tables
from overturn.db.session import Sessions
from overturn.events import ClaimAdjudicated, DenialClassified
from overturn.stack.part import free_port
from tests.integration.records import adjudications, picture, rows, take_in
from tests.integration.test_reconciling import SETTINGS
from tests.integration.test_replay import as_coding, folder  # noqa: F401 - a fixture
from tests.unit.cli.test_classify import REMITTANCE

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.asyncio]

TOPIC = ClaimAdjudicated.topic
Ask = Callable[..., Any]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, database_url: str, kafka_bootstrap: str, folder: Path) -> Ask:  # noqa: F811
    """The command over a topic, under rules that see the record's one denial otherwise: its exit code and
    words, or with `--json` its document."""
    as_coding(folder)
    parts = {"database_url": database_url, "kafka_bootstrap_servers": kafka_bootstrap}
    for name, value in (SETTINGS | parts).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)

    async def asked(*arguments: str) -> Any:
        words = ["replay", "--rules", str(folder), *arguments]
        answer = await asyncio.to_thread(CliRunner().invoke, app, words)
        if "--json" not in arguments:
            return answer.exit_code, answer.output
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout)

    return asked


def told(bootstrap: str, *values: bytes, topic: str = TOPIC, partition: int = 0) -> int:
    """Write messages; the offset of the first."""
    begin = end_offsets(bootstrap, [topic])[topic, partition]
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for value in values:
        producer.send(topic, value, partition=partition)
    producer.close()
    return begin


async def answers_told(sessions: Sessions) -> list[bytes]:
    return [event.model_dump_json().encode() for event in await adjudications(sessions)]


def between(begin: int, end: int, topic: str = TOPIC) -> list[str]:
    return [
        "--topic",
        topic,
        "--partition",
        "0",
        "--from-offset",
        str(begin),
        "--to-offset",
        str(end),
        "--json",
    ]


async def test_a_stretch_says_what_the_whole_record_says(
    sessions: Sessions, kafka_bootstrap: str, ask: Ask
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    begin = told(kafka_bootstrap, *await answers_told(sessions))
    found, whole = await ask(*between(begin, begin + 1)), await ask("--json")
    told_more = {name: found.pop(name) for name in ("ranges", "messages", "unreadable", "unknown")}
    assert found == whole
    assert found["changed_lines"] == 1
    span = {"topic": TOPIC, "partition": 0, "begin": begin, "end": begin + 1, "older_gone": False}
    assert told_more == {"ranges": [span], "messages": 1, "unreadable": 0, "unknown": 0}


async def test_only_the_stretch_is_read_and_what_is_told_twice_counts_once(
    sessions: Sessions, kafka_bootstrap: str, ask: Ask
) -> None:
    other = REMITTANCE.replace("SPECIMEN1", "S2").replace("CLAIM1", "CLAIM2")
    await take_in(sessions, REMITTANCE.encode(), other.encode())
    first, second = await answers_told(sessions)
    begin = told(kafka_bootstrap, first, second, second)
    assert (await ask(*between(begin, begin + 1)))["adjudications"] == 1
    [change] = (await ask(*between(begin + 1, begin + 3)))["changes"]
    assert change["patient_control_number"] == "CLAIM2"


async def test_rubbish_and_strangers_are_counted_and_passed(
    sessions: Sessions, kafka_bootstrap: str, ask: Ask
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    [event] = await adjudications(sessions)
    stranger = event.model_copy(update={"claim_payment_id": uuid4()}).model_dump_json().encode()
    begin = told(kafka_bootstrap, b"{", b"\xff", stranger, event.model_dump_json().encode())
    found = await ask(*between(begin, begin + 4))
    assert (found["messages"], found["unreadable"], found["unknown"], found["adjudications"]) == (4, 2, 1, 1)


async def test_cases_that_were_opened_are_decided_again_too(
    sessions: Sessions, kafka_bootstrap: str, ask: Ask
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    outbox = await rows(sessions, tables.Outbox, tables.Outbox.topic == DenialClassified.topic)
    begin = told(kafka_bootstrap, json.dumps(outbox[0].payload).encode(), topic=DenialClassified.topic)
    found = await ask(*between(begin, begin + 1, DenialClassified.topic))
    assert found["changed_open_cases"] == 1


async def test_nothing_moves_neither_the_record_nor_any_group(
    sessions: Sessions, kafka_bootstrap: str, ask: Ask
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    begin = told(kafka_bootstrap, *await answers_told(sessions))

    def groups() -> list[Any]:
        return [state.groups for state in topic_states(kafka_bootstrap)]

    before = (await picture(sessions), await asyncio.to_thread(groups))
    await ask(*between(begin, begin + 1))
    await ask("--topic", TOPIC)
    assert (await picture(sessions), await asyncio.to_thread(groups)) == before


async def test_days_are_found_by_when_messages_were_written(
    sessions: Sessions, kafka_bootstrap: str, ask: Ask
) -> None:
    await take_in(sessions, REMITTANCE.encode())
    told(kafka_bootstrap, *await answers_told(sessions))
    assert (await ask("--topic", TOPIC, "--since", "2020-01-01", "--json"))["adjudications"] == 1
    assert (await ask("--topic", TOPIC, "--since", "2099-01-01", "--json"))["messages"] == 0
    assert (await ask("--topic", TOPIC, "--until", "2020-01-01", "--json"))["messages"] == 0


async def test_what_kafka_no_longer_keeps_is_said(sessions: Sessions, kafka_bootstrap: str, ask: Ask) -> None:
    await take_in(sessions, REMITTANCE.encode())
    begin = told(kafka_bootstrap, b"{}", *await answers_told(sessions))
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_records({TopicPartition(TOPIC, 0): begin + 1})
    admin.close()
    code, words = await ask(*between(begin, begin + 2)[:-1])
    assert code == 2
    assert f"has the offsets {begin + 1} to {begin + 2}; {begin} is no longer kept" in words
    assert "everything is read from the record" in words
    code, words = await ask("--topic", TOPIC, "--partition", "0")
    assert code == 0
    assert f"note: partition 0 begins with offset {begin + 1}" in words
    assert "1 of 1 answers change" in words


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from-offset", "1"], "name it with --topic"),
        (["--topic", TOPIC, "--to-offset", "1"], "name it with --partition"),
        (["--topic", TOPIC, "--partition", "0", "--to-offset", "1", "--since", "2026-01-01"], "either"),
        (["--topic", "case.resolved.v1"], f"name {TOPIC} or denial.classified.v1"),
        (["--topic", TOPIC, "--partition", "9"], "has the partitions 0 to 3"),
        (["--topic", TOPIC, "--partition", "3", "--to-offset", "99999999"], "is not there yet"),
    ],
)
async def test_a_range_that_cannot_be_is_refused_in_words(ask: Ask, arguments: list[str], said: str) -> None:
    code, words = await ask(*arguments)
    assert code == 2
    assert said in words


async def test_kafka_that_does_not_answer_is_said(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURN_KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    code, words = await ask("--topic", TOPIC)
    assert code == 2
    assert "Kafka does not answer" in words
