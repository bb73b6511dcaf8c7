"""The committed AsyncAPI document is that of the handlers and events as they are."""

import json
from typing import Any

import pytest

from docs import make_asyncapi
from overturn.events import CONTRACT, RemittanceReceived
from overturn.events.topics import CONSUMERS

DOCUMENT: dict[str, Any] = json.loads(make_asyncapi.PAGE.read_text(encoding="utf-8"))


def followed(reference: str) -> Any:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def payload_of(channel: dict[str, Any]) -> str:
    (message,) = channel["messages"].values()
    title: str = followed(followed(message["$ref"])["payload"]["$ref"])["title"]
    return title


def test_the_committed_document_is_current() -> None:
    way_out = "run `python -m docs.make_asyncapi` and commit what it writes"
    assert make_asyncapi.PAGE.read_text(encoding="utf-8") == make_asyncapi.text(), way_out


def test_every_topic_is_described_and_sent_by_us_unless_others_do() -> None:
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == set(CONTRACT)
    sent = {name for name, operation in DOCUMENT["operations"].items() if operation["action"] == "send"}
    assert sent == set(CONTRACT) - {RemittanceReceived.topic}


def test_every_handler_of_ours_is_described() -> None:
    read = {name for name, operation in DOCUMENT["operations"].items() if operation["action"] == "receive"}
    assert read == {f"{group}:{topic}" for topic, group in CONSUMERS.items()}


@pytest.mark.parametrize("name", DOCUMENT["channels"])
def test_a_channel_carries_the_event_of_its_topic(name: str) -> None:
    channel = DOCUMENT["channels"][name]
    assert payload_of(channel) == CONTRACT[channel["address"]].__name__
