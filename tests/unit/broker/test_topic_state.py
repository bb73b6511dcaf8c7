"""How a topic stands beside its plan, from what Kafka told."""

import pytest
from kafka import TopicPartition

from overturn.broker.topic_state import PartitionState, topic_state
from overturn.events import CaseOpened, ClaimAdjudicated
from overturn.events.topics import CONSUMERS

TOPIC = ClaimAdjudicated.topic
OURS = CONSUMERS[TOPIC]


def partitions(*spans: tuple[int, int]) -> list[PartitionState]:
    return [PartitionState(number, begin, end) for number, (begin, end) in enumerate(spans)]


def test_a_topic_as_planned_has_no_problem() -> None:
    assert topic_state(TOPIC, 2, partitions((0, 0), (0, 5)), {}).problem == ""


def test_a_topic_that_is_not_there_names_the_command_that_makes_it() -> None:
    assert "overturn topics create" in topic_state(TOPIC, 4, [], {}).problem


@pytest.mark.parametrize("there", [1, 3])
def test_another_number_of_partitions_is_told_with_what_it_breaks(there: int) -> None:
    problem = topic_state(TOPIC, 2, partitions(*[(0, 0)] * there), {}).problem
    assert f"{there} partitions instead of 2" in problem
    assert "order" in problem


def test_our_group_that_never_read_has_every_message_that_is_left_before_it() -> None:
    (group,) = topic_state(TOPIC, 2, partitions((3, 10), (0, 1)), {}).groups
    assert (group.group, group.lag, group.committed) == (OURS, 8, {0: None, 1: None})


def test_lag_is_counted_from_what_each_group_committed() -> None:
    committed = {
        OURS: {TopicPartition(TOPIC, 0): 7},
        "warehouse": {TopicPartition(TOPIC, 0): 10, TopicPartition(TOPIC, 1): 4},
        "elsewhere": {TopicPartition("another.topic", 0): 1},
    }
    groups = topic_state(TOPIC, 2, partitions((0, 10), (0, 4)), committed).groups
    assert {group.group: group.lag for group in groups} == {OURS: 3 + 4, "warehouse": 0}


def test_what_retention_took_away_is_no_lag() -> None:
    committed = {OURS: {TopicPartition(TOPIC, 0): 2}}
    (group,) = topic_state(TOPIC, 1, partitions((8, 10)), committed).groups
    assert group.lag == 2


def test_a_broker_that_forgot_all_gives_no_negative_lag() -> None:
    committed = {OURS: {TopicPartition(TOPIC, 0): 900}}
    (group,) = topic_state(TOPIC, 1, partitions((0, 0)), committed).groups
    assert group.lag == 0


def test_a_topic_that_only_others_read_has_no_group_of_ours() -> None:
    assert topic_state(CaseOpened.topic, 1, partitions((0, 3)), {}).groups == ()
