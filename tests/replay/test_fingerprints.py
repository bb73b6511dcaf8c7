"""A changed order of commands is seen in review, before a running case meets it."""

import json
from pathlib import Path

from workflows.fingerprints import COMMITTED, take_fingerprints

WAY_OUT = (
    "The workflow asks other things of Temporal than before. If cases are running, put the change behind "
    "`workflow.patched(...)` and add a history (docs/how-to/change-a-workflow.md); then run "
    "`python -m workflows.fingerprints` and commit all of it together."
)

WORKFLOW = """
class ReminderWorkflow:
    async def run(self):
        await workflow.sleep(DAY)
        if workflow.patched("remind-twice"):
            await workflow.execute_activity(remind, 1)
        await workflow.wait_condition(self.done, timeout=DAY)
        await workflow.wait_condition(self.done)
"""

HANDLERS_AND_CHILDREN = """
class Handlers:
    async def remind(self):
        await workflow.sleep(DAY)

async def start_child():
    await workflow.start_child_workflow(Child.run)
"""


def test_the_committed_fingerprints_are_those_of_the_source() -> None:
    assert take_fingerprints() == json.loads(COMMITTED.read_text(encoding="utf-8")), WAY_OUT


def test_commands_are_listed_in_order_with_what_they_name(tmp_path: Path) -> None:
    (tmp_path / "workflow.py").write_text(WORKFLOW)
    assert take_fingerprints(tmp_path) == {
        "ReminderWorkflow": [
            "run: sleep()",
            "run: patched('remind-twice')",
            "run: execute_activity(remind)",
            "run: wait_condition(timeout)",
        ]
    }


def test_what_a_workflow_inherits_and_the_functions_it_calls_are_listed_too(tmp_path: Path) -> None:
    (tmp_path / "reminders").mkdir()
    (tmp_path / "reminders" / "parts.py").write_text(HANDLERS_AND_CHILDREN)
    assert take_fingerprints(tmp_path) == {
        "Handlers": ["remind: sleep()"],
        "reminders.parts": ["start_child: start_child_workflow(Child.run)"],
    }
