# ruff: noqa: INP001 - a script, not a package
"""`python -m docs.make_asyncapi` writes `docs/asyncapi.json`: every topic, and which of our handlers read it.

FastStream describes the handlers as they are subscribed. They take raw batches, so that a message that cannot
be read becomes a dead letter; what a message is comes from its event's class.
"""

import json
from pathlib import Path
from typing import Any, Final, cast

from faststream.specification import AsyncAPI

from overturn.broker.broker import create_broker, subscribe
from overturn.events import RemittanceReceived
from overturn.events.topics import CONTRACT
from overturn.rulebook import load_rulebook
from overturn.settings import Settings
from services.classifier.app import subscribe_all
from services.ingest.handed_over import handed_over_consumer

PAGE: Final = Path(__file__).with_name("asyncapi.json")
NOWHERE: Final = Settings.model_construct(
    kafka_bootstrap_servers="kafka:9092", kafka_idempotent=True, handoff_folder=Path("handoff")
)
ABOUT: Final = (
    "What Overturn tells and hears by Kafka. Messages are JSON with ids and codes and no patient's data, "
    "delivered at least once; the key is the claim's id (of a file, the event's). Each topic has a "
    "dead-letter topic beside it."
)


def document() -> dict[str, Any]:
    """The AsyncAPI document of all handlers and topics; nothing is connected to."""
    broker = create_broker(NOWHERE, client_id="docs")
    absent = cast("Any", None)  # what handlers work with is not described
    subscribe_all(broker, absent, absent, load_rulebook())
    taken_in = handed_over_consumer(NOWHERE, absent, absent)
    subscribe(broker, taken_in.topic, group=taken_in.group, handle=taken_in)
    for topic, event in CONTRACT.items():
        broker.publisher(topic, title=topic, description=event.__doc__, schema=event)
    made = AsyncAPI(broker, title="Overturn", version="1", description=ABOUT).to_specification()
    found: dict[str, Any] = json.loads(made.to_json())
    _describe_what_is_read(found)
    return found


def _describe_what_is_read(found: dict[str, Any]) -> None:
    """Give each message that is read the schema of its topic; take away what FastStream supposes of all."""
    messages = found["components"]["messages"]
    del found["operations"][RemittanceReceived.topic]  # others send it
    for name, message in messages.items():
        message.pop("correlationId", None)  # our messages have no headers
        if name.endswith(":SubscribeMessage"):
            topic = name.split(":")[1]
            message["payload"] = messages[f"{topic}:Message"]["payload"]
    found["components"]["schemas"].pop("EmptyPayload")


def text() -> str:
    return json.dumps(document(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
