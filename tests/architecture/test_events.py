"""The Kafka contract is committed as JSON Schema; a version may gain optional fields and no more."""

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from overturn.domain.denial_case import CaseStatus
from overturn.events import CONTRACT, ClaimEvent, Event, schemas
from overturn.events.schemas import (
    FOLDER,
    breaking_changes,
    committed_schema,
    explain_breakage,
    schema_of,
    schema_path,
)
from overturn.events.schemas.__main__ import main
from overturn.events.topics import CONSUMERS


class Paid(BaseModel):
    """The event that the changes below start from."""

    claim_id: str
    status: CaseStatus
    amount: int = 0


class Gained(Paid):
    note: str | None = None


class Reworded(BaseModel):
    """The same in other words and another order."""

    amount: int = 5
    status: CaseStatus
    claim_id: str


class Lost(BaseModel):
    claim_id: str
    status: CaseStatus


class Retyped(Paid):
    amount: str = "0"  # type: ignore[assignment]  # what a change would do


class Renamed(BaseModel):
    claim: str
    status: CaseStatus
    amount: int = 0


class Tightened(BaseModel):
    claim_id: str
    status: CaseStatus
    amount: int


class Loosened(BaseModel):
    claim_id: str | None = None
    status: CaseStatus
    amount: int = 0


def changes(after: type[BaseModel]) -> list[str]:
    return breaking_changes(Paid.model_json_schema(), after.model_json_schema())


def test_every_topic_has_a_committed_schema_and_no_schema_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CONTRACT)


@pytest.mark.parametrize("topic", CONTRACT)
def test_no_topic_breaks_its_readers(topic: str) -> None:
    broken = breaking_changes(committed_schema(topic), schema_of(CONTRACT[topic]))
    assert not broken, explain_breakage(topic, broken)


@pytest.mark.parametrize("topic", CONTRACT)
def test_the_committed_schema_is_that_of_the_class(topic: str) -> None:
    way_out = "run `python -m overturn.events.schemas` and commit what it writes"
    assert committed_schema(topic) == schema_of(CONTRACT[topic]), way_out


@pytest.mark.parametrize("topic", CONTRACT)
def test_every_message_has_an_event_id_and_those_of_a_claim_the_claim_they_are_keyed_by(topic: str) -> None:
    about_a_claim = issubclass(CONTRACT[topic], ClaimEvent)
    wanted = {"event_id", "claim_id"} if about_a_claim else {"event_id"}
    assert wanted <= set(committed_schema(topic)["required"])
    assert about_a_claim == (not topic.startswith(("remittance.", "credential.", "evidence.", "rules.")))


def test_we_consume_only_what_is_published() -> None:
    assert set(CONSUMERS) <= set(CONTRACT)


def test_an_optional_field_more_breaks_nobody() -> None:
    assert changes(Gained) == []


def test_other_words_defaults_and_order_break_nobody() -> None:
    assert changes(Reworded) == []


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (Lost, ["field 'amount' was removed"]),
        (Retyped, ["field 'amount' has another type"]),
        (Renamed, ["field 'claim_id' was removed", "field 'claim' is now required"]),
        (Tightened, ["field 'amount' is now required"]),
        (Loosened, ["field 'claim_id' has another type", "field 'claim_id' may now be left out"]),
    ],
)
def test_every_other_change_is_told(after: type[BaseModel], expected: list[str]) -> None:
    assert changes(after) == expected


def test_a_value_more_in_an_enumeration_is_another_type() -> None:
    before: dict[str, Any] = Paid.model_json_schema()
    after = json.loads(json.dumps(before))
    after["$defs"]["CaseStatus"]["enum"].append("lost")
    assert breaking_changes(before, after) == ["field 'status' has another type"]


def test_the_message_says_to_make_the_next_version() -> None:
    message = explain_breakage("case.opened.v1", ["field 'queue' was removed"])
    assert "field 'queue' was removed" in message
    assert "case.opened.v2" in message


def test_the_command_writes_every_schema_and_refuses_to_break_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)
    assert main() == 0
    assert {path.stem for path in tmp_path.glob("*.json")} == set(CONTRACT)
    promised = committed_schema("case.opened.v1")
    promised["properties"]["color"] = {"type": "string"}
    schema_path("case.opened.v1").write_text(json.dumps(promised))
    assert main() == 1
    assert committed_schema("case.opened.v1") == promised
    assert "case.opened.v2" in capsys.readouterr().err


def test_a_schema_that_was_never_committed_is_empty() -> None:
    class Unheard(Event):
        topic: ClassVar[str] = "unheard.of.v1"

    assert not schema_path(Unheard.topic).exists()
    assert committed_schema(Unheard.topic) == {}
