"""The committed histories, and the key their payloads are encrypted under."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from overturn.domain.denial_case import StepRefusedError
from overturn.temporal.client import encrypted_converter

FOLDER: Final = Path(__file__).parent / "histories"
KEYS: Final = {"test": bytes(range(32))}
"""Fixed, for generated cases only."""

CODE: Final = re.compile(r"[\w.:+-]*")
"""Ids, codes, dates and amounts have no blank; what a person typed or an error says has."""

SAID: Final = frozenset({"see the worker's log", "Encoded failure"})
"""What stands for the message of a failure."""

OF_A_PATIENT: Final = re.compile(
    "GENERATED(?! PAYER)|MEMBER1|PCN|PAYER1|TRACE1|97110|97140|M25561|AUTH1|Dana"
)
"""What the tests' record and claims say of a patient, a claim or a person, as a code too."""


def history_converter() -> DataConverter:
    return encrypted_converter(KEYS, key_id="test")


def committed() -> list[Path]:
    """`<workflow>_<situation>.json`, one run each."""
    return sorted(FOLDER.glob("*.json"))


def load(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"replayed/{path.stem}", path.read_text(encoding="utf-8"))


def save(name: str, history: WorkflowHistory) -> None:
    (FOLDER / f"{name}.json").write_text(history.to_json() + "\n", encoding="utf-8")


async def texts_in(history: WorkflowHistory) -> set[str]:
    """Every text that a history's payloads hold once they are decrypted: values and names, not numbers."""
    return {text for value in await _values(_payloads_of(history)) for text in _texts(value)}


async def patient_data_in(history: WorkflowHistory) -> set[str]:
    """Texts of a history, decrypted or in clear, that may say who a patient is, or that somebody typed.

    A refusal is our own sentence about a step; it is looked through for a patient like all else.
    """
    values = await _values(_payloads_of(history))
    refused = await _values(
        failure.encoded_attributes
        for event in history.events
        for failure in _failures(event)
        if failure.application_failure_info.type == StepRefusedError.__name__
    )
    decrypted = {text for value in values for text in _texts(value)}
    clear = {text for event in history.events for text in _strings(event)}
    ours = SAID.union(*map(_refusals, values), *map(_texts, refused))
    typed = {text for text in decrypted - ours if not CODE.fullmatch(text)}
    return typed | {text for text in decrypted | clear if OF_A_PATIENT.search(text)}


def _payloads_of(history: WorkflowHistory) -> list[Payload]:
    return [payload for event in history.events for payload in _payloads(event)]


async def _values(payloads: Iterable[Payload]) -> list[object]:
    """What the payloads hold, decrypted."""
    codec = history_converter().payload_codec
    assert codec is not None
    return [json.loads(payload.data) for payload in await codec.decode(list(payloads)) if payload.data]


def _failures(message: Message) -> Iterator[Failure]:
    if isinstance(message, Failure):
        yield message
    for field, value in message.ListFields():
        values = value.values() if isinstance(value, Mapping) else value if field.is_repeated else [value]
        for each in values:
            if isinstance(each, Message):
                yield from _failures(each)


def _refusals(value: object) -> Iterator[str]:
    """The sentences that refused steps, of `StepAnswer.refusal`."""
    if isinstance(value, dict):
        if isinstance(said := value.get("refusal"), str):
            yield said
        for inner in value.values():
            yield from _refusals(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refusals(inner)


def _strings(message: Message) -> Iterator[str]:
    """Every text outside payloads."""
    for field, value in message.ListFields():
        values = value.values() if isinstance(value, Mapping) else value if field.is_repeated else [value]
        for each in values:
            if isinstance(each, str):
                yield each
            elif isinstance(each, Message) and not isinstance(each, Payload):
                yield from _strings(each)


def _payloads(message: Message) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        values = value.values() if isinstance(value, Mapping) else value if field.is_repeated else [value]
        for each in values:
            if isinstance(each, Message):
                yield from _payloads(each)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
