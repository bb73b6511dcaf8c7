"""What Kafka has of each topic, beside what `deploy/topics.yaml` wants, and how far each group has read."""

import socket
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from kafka import KafkaAdminClient, OffsetSpec, TopicPartition
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, KafkaError

from overturn.broker.admin import connected, ensure_topics, planned_topics
from overturn.events.topics import CONSUMERS

ANSWER_MS: Final = 10_000
"""A person waits for the answer: a third of what the services allow Kafka."""

MISSING: Final = "missing: `overturn topics create` makes it"
Committed = Mapping[str, Mapping[TopicPartition, int]]


class KafkaUnreachableError(Exception):
    """Kafka does not answer; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class PartitionState:
    """`begin`: the oldest offset still kept; `end`: the offset the next message gets."""

    partition: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class GroupState:
    """How far a consumer group has read a topic.

    `committed`: by partition, None where it has acknowledged nothing yet. `lag`: messages it has before it.
    """

    group: str
    committed: dict[int, int | None]
    lag: int


@dataclass(frozen=True, slots=True)
class TopicState:
    """One planned topic; `problem` is empty when it is as planned."""

    topic: str
    wanted_partitions: int
    partitions: tuple[PartitionState, ...]
    groups: tuple[GroupState, ...]
    problem: str


def topic_states(bootstrap: str) -> list[TopicState]:
    """Every planned topic, in the order of the plan.

    Raises:
        KafkaUnreachableError: it does not answer within 10 seconds.
    """
    planned = planned_topics()
    with answering(bootstrap), connected(bootstrap, answer_ms=ANSWER_MS) as admin:
        partitions = _partitions(admin, planned)
        committed = _committed(admin)
    return [
        topic_state(topic, wanted, partitions.get(topic, ()), committed) for topic, wanted in planned.items()
    ]


def create_missing(bootstrap: str) -> list[str]:
    """Make the planned topics that are not there; returns them.

    Raises:
        KafkaUnreachableError: it does not answer within 10 seconds.
    """
    with answering(bootstrap):
        return ensure_topics(bootstrap, answer_ms=ANSWER_MS)


@contextmanager
def answering(bootstrap: str) -> Iterator[None]:
    """A block that asks Kafka; what it raises when nothing answers becomes a KafkaUnreachableError."""
    try:
        _knock(bootstrap)
        yield
    except (KafkaError, OSError, ValueError) as error:  # ValueError: the port is no number
        raise KafkaUnreachableError(
            f"Kafka does not answer at {bootstrap} ({type(error).__name__}); "
            "`overturn status` shows what is down."
        ) from None


def _knock(bootstrap: str) -> None:
    """Raise OSError at once unless a server listens: a client that cannot start leaves sockets open."""
    refused = OSError("no server is named")
    for server in bootstrap.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), ANSWER_MS / 1000).close()
        except OSError as error:
            refused = error
        else:
            return
    raise refused


def topic_state(
    topic: str, wanted: int, partitions: Iterable[PartitionState], committed: Committed
) -> TopicState:
    """A topic beside its plan, from what Kafka told of it and what each group has committed anywhere."""
    there = tuple(sorted(partitions, key=lambda one: one.partition))
    groups = {name for name, places in committed.items() if any(place.topic == topic for place in places)}
    if topic in CONSUMERS:
        groups.add(CONSUMERS[topic])
    return TopicState(
        topic=topic,
        wanted_partitions=wanted,
        partitions=there,
        groups=tuple(_group(topic, name, there, committed.get(name, {})) for name in sorted(groups)),
        problem=_problem(len(there), wanted),
    )


def _problem(there: int, wanted: int) -> str:
    if not there:
        return MISSING
    if there != wanted:
        return (
            f"{there} partitions instead of {wanted}: with another number the messages of one claim lose "
            "their order, so stop the services and let this topic run empty before it is made anew"
        )
    return ""


def _group(
    topic: str, name: str, partitions: tuple[PartitionState, ...], committed: Mapping[TopicPartition, int]
) -> GroupState:
    places = {one.partition: committed.get(TopicPartition(topic, one.partition)) for one in partitions}
    return GroupState(name, places, sum(_lag(one, places[one.partition]) for one in partitions))


def _lag(partition: PartitionState, committed: int | None) -> int:
    """A group that acknowledged nothing starts at the oldest message, and so does one left behind by it."""
    start = partition.begin if committed is None else max(committed, partition.begin)
    return max(partition.end - start, 0)


def _partitions(admin: KafkaAdminClient, topics: Iterable[str]) -> dict[str, list[PartitionState]]:
    found = [
        TopicPartition(topic["name"], one["partition_index"])
        for topic in admin.describe_topics(list(topics))
        for one in topic["partitions"]
    ]
    begins = admin.list_partition_offsets(dict.fromkeys(found, OffsetSpec.EARLIEST)) if found else {}
    ends = admin.list_partition_offsets(dict.fromkeys(found, OffsetSpec.LATEST)) if found else {}
    states = defaultdict(list)
    for place in found:
        states[place.topic].append(PartitionState(place.partition, begins[place].offset, ends[place].offset))
    return states


def _committed(admin: KafkaAdminClient) -> dict[str, dict[TopicPartition, int]]:
    groups = sorted({group["group_id"] for group in admin.list_groups()})
    deadline = time.monotonic() + ANSWER_MS / 1000
    while groups:
        try:
            offsets = admin.list_group_offsets(groups)
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError):
            if time.monotonic() > deadline:  # a broker that has just started is still reading them
                raise
            time.sleep(0.5)
        else:
            return {
                group: {place: kept.offset for place, kept in places.items() if kept.offset >= 0}
                for group, places in offsets.items()
            }
    return {}
