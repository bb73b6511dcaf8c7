"""Topics and offsets, through kafka-python: a client that shares no defect with the one the services use."""

from collections.abc import Iterator
from contextlib import contextmanager

import yaml
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from overturn.events.topics import dead_letter_topic
from overturn.paths import TOPICS

TIMEOUT_MS = 30_000


def planned_topics() -> dict[str, int]:
    """Every topic with its partitions, dead-letter topics included, from `deploy/topics.yaml`."""
    planned: dict[str, int] = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))
    return planned | {dead_letter_topic(topic): 1 for topic in planned}


def ensure_topics(bootstrap: str, *, answer_ms: int = TIMEOUT_MS) -> list[str]:
    """Create the planned topics that are missing and wait until each has a leader; returns those created."""
    with connected(bootstrap, answer_ms=answer_ms) as admin:
        there = set(admin.list_topics())
        missing = {
            topic: {"num_partitions": partitions, "replication_factor": -1}
            for topic, partitions in planned_topics().items()
            if topic not in there
        }
        if missing:
            admin.create_topics(missing, timeout_ms=answer_ms)
            admin.wait_for_topics(list(missing))
    return sorted(missing)


def end_offsets(bootstrap: str, topics: list[str]) -> dict[tuple[str, int], int]:
    """The next offset of each partition of these topics; a topic that is not there has no entry."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    try:
        partitions = [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in consumer.partitions_for_topic(topic) or ()
        ]
        ends = consumer.end_offsets(partitions) if partitions else {}
        return {(tp.topic, tp.partition): offset for tp, offset in ends.items()}
    finally:
        consumer.close()


@contextmanager
def connected(bootstrap: str, *, answer_ms: int = TIMEOUT_MS) -> Iterator[KafkaAdminClient]:
    """An administrator's connection, closed with the block; KafkaError when nothing answers in time."""
    admin = KafkaAdminClient(
        bootstrap_servers=bootstrap, bootstrap_timeout_ms=answer_ms, request_timeout_ms=answer_ms
    )
    try:
        yield admin
    finally:
        admin.close()
