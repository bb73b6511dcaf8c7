"""A case outlives the history of one run."""

from uuid import UUID, uuid4

import pytest
from temporalio.workflow import Info

from overturn.domain.denial_case import Outcome
from tests.workflow.office import Office
from workflows.denial_case.types import AssignInput, StepResult

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def test_a_long_history_continues_in_a_new_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    long = 45
    monkeypatch.setattr(
        Info, "is_continue_as_new_suggested", lambda info: info.get_current_history_length() > long
    )
    case_id, event_id = await office.open(), uuid4()
    first_run = (await office.handle(case_id).describe()).run_id
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    await office.tell(case_id, event_id)
    await office.kinds_until(case_id, "remittance")
    step = AssignInput(step_id=uuid4(), actor_id=office.record.person_id, case_version=2, assignee_id=None)
    answer = await office.take(case_id, step)
    version = await assign_until_continued(office, case_id, first_run, answer)

    assert await office.take_under_another_update_id(case_id, step) == answer
    await office.tell(case_id, event_id)
    assert (await office.assign(case_id, version)).case_version == version + 1
    assert (await office.record.kinds(case_id)).count("remittance") == 1
    await office.pass_days(130)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    assert (await office.record.kinds(case_id)).count("reminder") == 4


async def assign_until_continued(
    office: Office, case_id: UUID, first_run: str | None, answer: StepResult
) -> int:
    """Take steps until another run has the case; returns the case's version then."""
    for _ in range(20):
        if (await office.handle(case_id).describe()).run_id != first_run:
            return answer.case_version
        answer = await office.assign(case_id, answer.case_version)
    raise AssertionError("the workflow never continued as new")
