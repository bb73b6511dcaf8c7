"""Cases beside bare workflows of one activity, on one Temporal server: `python -m workflows.bench ADDRESS`.

Both have the same worker, codec and search attributes; activities answer at once on both sides, so what is
measured is what a case costs on Temporal. Started by `overturn bench workflow`, which brings the server.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from overturn.domain import workflow_ids as ids
from overturn.domain.denial_case import CaseStatus
from overturn.temporal.client import encrypted_converter
from workflows.appeal.types import DraftLetterInput, DraftLetterResult
from workflows.bench.bare import BareWorkflow
from workflows.denial_case.starting import open_case
from workflows.denial_case.types import PrepareCaseInput, PreparedCase
from workflows.registry import WORKFLOWS
from workflows.task_queues import APPEALS, DENIAL_CASES
from workflows.worker import WORKFLOW_TASKS_PER_CORE

AT_ONCE: Final = 16
"""Starts under way at any time."""

BARE: Final = "bare"
Start = Callable[[Client], Awaitable[UUID]]


class Answering:
    """Activities that answer at once, and count the last one of each case."""

    def __init__(self) -> None:
        self.done = 0

    @activity.defn
    async def answer(self, number: UUID) -> None:  # noqa: ARG002
        self.done += 1

    @activity.defn
    async def prepare_case(self, request: PrepareCaseInput) -> PreparedCase:
        return PreparedCase(
            status=CaseStatus.NEEDS_WORK,
            due_on=request.at.date() + timedelta(days=120),
            needs_letter=True,
            reminder_days=(14, 7, 1, 0),
            case_version=1,
            payer_key="medicare",
            category="medical_necessity",
            queue="clinical_appeals",
        )

    @activity.defn
    async def draft_letter(self, request: DraftLetterInput) -> DraftLetterResult:
        self.done += 1
        return DraftLetterResult(letter_id=request.case_id)


async def measure(address: str, *, cases: int, runs: int) -> dict[str, object]:
    """Rates per second by kind, run by run, and the history events of one of each."""
    client = await Client.connect(
        address, data_converter=encrypted_converter({"bench": os.urandom(32)}, key_id="bench")
    )
    answering = Answering()
    found: dict[str, list[float]] = {name: [] for name in ("bare", "case", "bare_done", "case_done")}
    last: dict[str, UUID] = {}
    cases_worker, letters_worker = _workers(client, answering)
    async with cases_worker, letters_worker:
        for start in (_start_bare, _start_case):
            await _timed(client, start, answering, max(cases // 10, 1))  # warm
        for _ in range(runs):
            for name, start in (("bare", _start_bare), ("case", _start_case)):
                started, done, last[name] = await _timed(client, start, answering, cases)
                found[name].append(started)
                found[f"{name}_done"].append(done)
        await asyncio.sleep(1)  # the last workflow task after the last activity
        events = {
            "case_events": await _events(client, ids.denial_case(last["case"])),
            "bare_events": await _events(client, f"{BARE}/{last['bare']}"),
        }
    return {**found, **events}


def _workers(client: Client, answering: Answering) -> tuple[Worker, Worker]:
    tasks = WORKFLOW_TASKS_PER_CORE * (os.cpu_count() or 1)
    cases = Worker(
        client,
        task_queue=DENIAL_CASES,
        workflows=[*WORKFLOWS[DENIAL_CASES], BareWorkflow],
        activities=[answering.prepare_case, answering.answer],
        max_concurrent_workflow_tasks=tasks,
    )
    return cases, Worker(client, task_queue=APPEALS, activities=[answering.draft_letter])


async def _start_bare(client: Client) -> UUID:
    number = uuid4()
    await client.start_workflow(BareWorkflow.run, number, id=f"{BARE}/{number}", task_queue=DENIAL_CASES)
    return number


async def _start_case(client: Client) -> UUID:
    case_id = uuid4()
    await open_case(client, case_id)
    return case_id


async def _timed(client: Client, start: Start, answering: Answering, count: int) -> tuple[float, float, UUID]:
    """Starts a second until the server had taken all, and until the last activity of each was done."""
    gate, answering.done = asyncio.Semaphore(AT_ONCE), 0

    async def one() -> UUID:
        async with gate:
            return await start(client)

    began = time.perf_counter()
    numbers = await asyncio.gather(*(one() for _ in range(count)))
    taken = time.perf_counter() - began
    while answering.done < count:  # noqa: ASYNC110 - the workers count
        await asyncio.sleep(0.01)
    return count / taken, count / (time.perf_counter() - began), numbers[-1]


async def _events(client: Client, workflow_id: str) -> int:
    return len((await client.get_workflow_handle(workflow_id).fetch_history()).events)


if __name__ == "__main__":
    figures = asyncio.run(measure(sys.argv[1], cases=int(sys.argv[2]), runs=int(sys.argv[3])))
    sys.stdout.write(json.dumps(figures))
