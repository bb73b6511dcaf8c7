"""`overturn topics` against real Kafka."""

import json
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from typer.testing import CliRunner

from overturn.broker.admin import planned_topics
from overturn.broker.topic_state import KafkaUnreachableError, topic_states
from overturn.cli import app
from overturn.events import CaseOpened
from overturn.events.topics import CONTRACT
from overturn.stack.part import free_port
from tests.integration.test_reconciling import SETTINGS

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, kafka_bootstrap: str) -> None:
    parts = {
        "database_url": "postgresql+psycopg://x@127.0.0.1:1/x",
        "kafka_bootstrap_servers": kafka_bootstrap,
    }
    for name, value in (SETTINGS | parts).items():
        monkeypatch.setenv(f"OVERTURN_{name.upper()}", value)


def asked(*arguments: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["topics", *arguments])
    return answer.exit_code, answer.output


def told(topic: str) -> dict[str, Any]:
    code, output = asked("--json")
    assert code == 0
    return next(state for state in json.loads(output) if state["topic"] == topic)


def test_every_planned_topic_is_listed_and_as_planned(kafka_bootstrap: str) -> None:
    code, output = asked()
    assert code == 0
    assert "All topics are as planned." in output
    assert all(f"{topic}: " in output for topic in planned_topics())
    assert [state.problem for state in topic_states(kafka_bootstrap)] == [""] * len(planned_topics())


def test_the_lag_of_a_reader_shrinks_with_what_it_commits(kafka_bootstrap: str) -> None:
    topic, group = CaseOpened.topic, f"outside-{uuid4().hex}"
    before = told(topic)["partitions"][0]["end"]
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    for _ in range(3):
        producer.send(topic, b"{}", partition=0)
    producer.close()
    place = TopicPartition(topic, 0)
    reader = KafkaConsumer(bootstrap_servers=kafka_bootstrap, group_id=group, enable_auto_commit=False)
    reader.assign([place])
    for read, lag in ((before + 1, 2), (before + 3, 0)):
        reader.commit({place: OffsetAndMetadata(read, "", -1)})
        state = told(topic)
        found = next(one for one in state["groups"] if one["group"] == group)
        rest = sum(one["end"] - one["begin"] for one in state["partitions"][1:])
        assert found["lag"] - rest == lag
        assert found["committed"]["0"] == read
    reader.close()
    assert state["partitions"][0]["end"] == before + 3


def test_a_topic_that_is_gone_is_found_and_made_again(kafka_bootstrap: str) -> None:
    gone = "case.resolved.v1.dead-letter"
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_topics([gone])
    admin.close()
    code, output = asked()
    assert code == 1
    assert f"1 of {2 * len(CONTRACT)} topics are not as planned." in output
    assert asked("create") == (0, f"{gone} is made.\n")
    assert asked("create") == (0, "Every topic is there.\n")
    assert asked()[0] == 0


@pytest.mark.parametrize("address", ["127.0.0.1:{free}", "no-host-and-port", "127.0.0.1:port"])
def test_kafka_that_does_not_answer_is_said_with_its_address(address: str) -> None:
    asked = address.format(free=free_port())
    with pytest.raises(KafkaUnreachableError, match="does not answer") as told:
        topic_states(asked)
    assert asked in str(told.value)
