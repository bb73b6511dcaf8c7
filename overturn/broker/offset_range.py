"""Messages of a topic between two offsets, read as they stand: no consumer group, nothing committed."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any, Final, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from overturn.broker.topic_state import answering

SILENCE_SECONDS: Final = 30.0


class OffsetRangeError(Exception):
    """The range cannot be read; the message says what Kafka has and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a topic: offsets of one partition, `until_offset` not included, or messages written
    from the day `since` up to and with the day `until`, in UTC. Nothing given is everything kept."""

    topic: str
    partition: int | None = None
    from_offset: int | None = None
    until_offset: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """Messages of one partition from `begin` up to, not including, `end`; `older_gone` where Kafka has
    deleted messages before `begin` that may have been asked for."""

    topic: str
    partition: int
    begin: int
    end: int
    older_gone: bool


class Kept(NamedTuple):
    """What Kafka has of a partition: from `begin` up to, not including, `end`."""

    place: TopicPartition
    begin: int
    end: int


class OffsetReader:
    """A connection that only reads. Raises KafkaUnreachableError where nothing answers."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    def ranges(self, wanted: Wanted) -> list[OffsetRange]:
        """What is asked for as Kafka has it, by partition. Raises OffsetRangeError where it has it not."""
        with answering(self._bootstrap), closing(self._consumer()) as consumer:
            partitions = _partitions(consumer, wanted)
            begins = consumer.beginning_offsets(partitions)
            ends = consumer.end_offsets(partitions)
            starts = _at(consumer, partitions, wanted.since)
            stops = _at(consumer, partitions, wanted.until + timedelta(days=1) if wanted.until else None)
        return [
            _range(wanted, Kept(place, begins[place], ends[place]), starts.get(place), stops.get(place))
            for place in partitions
        ]

    def values(self, span: OffsetRange) -> Iterator[bytes]:
        """The messages of a range in their order."""
        place = TopicPartition(span.topic, span.partition)
        with answering(self._bootstrap), closing(self._consumer()) as consumer:
            consumer.assign([place])
            consumer.seek(place, span.begin)
            heard = monotonic()
            while consumer.position(place) < span.end:
                records = consumer.poll(timeout_ms=1_000).get(place, [])
                if records:
                    heard = monotonic()
                elif monotonic() - heard > SILENCE_SECONDS:
                    raise OSError(f"no message in {SILENCE_SECONDS:.0f} seconds")
                yield from (record.value or b"" for record in records if record.offset < span.end)

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",  # an offset that is gone is an error and not another place
        )


def _partitions(consumer: KafkaConsumer, wanted: Wanted) -> list[TopicPartition]:
    known = sorted(consumer.partitions_for_topic(wanted.topic) or ())
    if not known:
        raise OffsetRangeError(f"Kafka has no topic {wanted.topic}; `overturn topics` shows what it has.")
    if wanted.partition is None:
        return [TopicPartition(wanted.topic, partition) for partition in known]
    if wanted.partition not in known:
        raise OffsetRangeError(f"{wanted.topic} has the partitions {known[0]} to {known[-1]}.")
    return [TopicPartition(wanted.topic, wanted.partition)]


def _at(
    consumer: KafkaConsumer, partitions: list[TopicPartition], day: date | None
) -> Mapping[TopicPartition, Any]:
    """The first offset of each partition that was written on that day or later; None: there is none."""
    if day is None:
        return {}
    moment = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    found: Mapping[TopicPartition, Any] = consumer.offsets_for_times(dict.fromkeys(partitions, moment))
    return found


def _range(wanted: Wanted, kept: Kept, start: Any, stop: Any) -> OffsetRange:
    """`start` and `stop` are what the days asked for were found at; None: nothing was written so late."""
    begin = kept.begin if wanted.from_offset is None else wanted.from_offset
    end = kept.end if wanted.until_offset is None else wanted.until_offset
    if wanted.since:
        begin = start.offset if start else kept.end
    if wanted.until:
        end = stop.offset if stop else kept.end
    _refuse(wanted, kept, begin, end)
    from_the_start = wanted.from_offset is None and begin == kept.begin
    place = kept.place
    return OffsetRange(place.topic, place.partition, begin, max(begin, end), from_the_start and begin > 0)


def _refuse(wanted: Wanted, kept: Kept, begin: int, end: int) -> None:
    has = f"Partition {kept.place.partition} of {kept.place.topic} has the offsets {kept.begin} to {kept.end}"
    if begin < kept.begin:
        raise OffsetRangeError(
            f"{has}; {begin} is no longer kept. Without --topic everything is read from the record."
        )
    if max(begin, end) > kept.end:
        raise OffsetRangeError(f"{has}, the last not included; {max(begin, end)} is not there yet.")
    if end < begin and not (wanted.since or wanted.until):
        raise OffsetRangeError(f"{begin} to {end} is no range: the first offset is after the last.")
