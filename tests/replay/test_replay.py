"""Cases that run for years meet newer code: every committed history must replay on it, offline."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from overturn.temporal.client import encrypted_converter
from tests.replay.recorded import KEYS, committed, history_converter, load, patient_data_in
from workflows.denial_case.deadline_timer import DeadlineTimer
from workflows.registry import WORKFLOWS
from workflows.task_queues import DENIAL_CASES

WAY_OUT = (
    "This change would break cases that are running. Put it behind `workflow.patched(...)`, as "
    "docs/how-to/change-a-workflow.md shows; a history is recorded anew only for a situation that is new."
)


async def replay_failure(history: WorkflowHistory) -> Exception | None:
    replayer = Replayer(workflows=WORKFLOWS[DENIAL_CASES], data_converter=history_converter())
    return (await replayer.replay_workflow(history, raise_on_replay_failure=False)).replay_failure


@pytest.mark.asyncio
@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
async def test_a_committed_history_replays(path: Path) -> None:
    failure = await replay_failure(load(path))
    assert failure is None, f"{path.name}: {failure}\n{WAY_OUT}"


@pytest.mark.asyncio
async def test_a_timer_more_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ring_late(self: DeadlineTimer, at: object) -> None:
        await workflow.sleep(timedelta(seconds=1))
        await workflow.sleep(timedelta(days=1))

    monkeypatch.setattr(DeadlineTimer, "_ring", ring_late)
    expired = next(path for path in committed() if path.stem.endswith("_expired"))
    assert await replay_failure(load(expired)) is not None


@pytest.mark.asyncio
async def test_a_history_replays_after_its_key_was_retired() -> None:
    rotated = encrypted_converter({**KEYS, "2": bytes(range(1, 33))}, key_id="2")
    replayer = Replayer(workflows=WORKFLOWS[DENIAL_CASES], data_converter=rotated)
    for path in committed():
        await replayer.replay_workflow(load(path))


@pytest.mark.asyncio
@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
async def test_a_committed_history_says_nothing_of_a_patient(path: Path) -> None:
    assert await patient_data_in(load(path)) == set()


def test_there_is_a_history_of_every_workflow() -> None:
    """What the tests above say, they say of all of them."""
    recorded = set()
    for path in committed():
        started = load(path).events[0].workflow_execution_started_event_attributes
        recorded.add(started.workflow_type.name)
    assert recorded == {workflow.__name__ for workflow in WORKFLOWS[DENIAL_CASES]}


def test_there_is_a_history_for_every_situation_that_matters() -> None:
    situations = {path.stem.removeprefix("denial_case_") for path in committed()}
    assert situations >= {
        "recovered",
        "upheld",
        "written_off",
        "expired",
        "opened_too_late",
        "needs_person",
        "continued",
    }


@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
def test_a_committed_history_is_encrypted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "GENERATED PATIENT" not in text
    payloads = [
        payload
        for event in json.loads(text)["events"]
        for attributes in event.values()
        if isinstance(attributes, dict)
        for payload in attributes.get("input", {}).get("payloads", [])
    ]
    assert payloads
    assert all("encryption-key-id" in payload["metadata"] for payload in payloads)
