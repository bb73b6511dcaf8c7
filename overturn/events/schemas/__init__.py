"""Event classes in, committed JSON Schemas out: what others may rely on, and what would break them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from overturn.events.envelope import Event

FOLDER: Final = Path(__file__).parent
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REFERENCE: Final = "#/$defs/"
WORDS: Final = frozenset({"title", "description", "default"})
"""Keywords that say something to people and nothing about which messages are valid."""

Schema = Mapping[str, Any]


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of one event as it is now."""
    return {"$schema": DIALECT, **event.model_json_schema()}


def schema_path(topic: str) -> Path:
    return FOLDER / f"{topic}.json"


def committed_schema(topic: str) -> dict[str, Any]:
    """The schema that others were promised; empty where none was committed."""
    path = schema_path(topic)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def breaking_changes(before: Schema, after: Schema) -> list[str]:
    """Why messages of one schema could not be read under the other, in sentences; empty when all can.

    A version may gain optional fields and nothing else. A value added to an enumeration counts as another
    type: a reader of the older version would refuse it.
    """
    old, new = _fields(before), _fields(after)
    was_required, is_required = set(before.get("required", ())), set(after.get("required", ()))
    return [
        *(f"field '{name}' was removed" for name in old if name not in new),
        *(f"field '{name}' has another type" for name in old if name in new and old[name] != new[name]),
        *(f"field '{name}' is now required" for name in sorted(is_required - was_required)),
        *(f"field '{name}' may now be left out" for name in sorted((was_required - is_required) & new.keys())),
    ]


def explain_breakage(topic: str, changes: list[str]) -> str:
    """What is wrong with a change of a topic's event, and the way out."""
    stem, _, version = topic.rpartition(".v")
    return (
        f"{topic}: {'; '.join(changes)}. Messages of this version are in the wild: leave its class as it was, "
        f"make a new class with topic {stem}.v{int(version) + 1}, and read both for a while."
    )


def _fields(schema: Schema) -> dict[str, Any]:
    definitions = schema.get("$defs", {})
    return {name: _plain(field, definitions) for name, field in schema.get("properties", {}).items()}


def _plain(node: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema without words and references, so that equal means equal for a reader."""
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].removeprefix(REFERENCE)], definitions)
    return {key: _plain(value, definitions) for key, value in node.items() if key not in WORDS}
