"""A case is led along every path to every outcome, over a year and more, and stands where the table says."""

from collections.abc import Iterator
from typing import Final

import pytest

from overturn.domain.denial_case import CaseStatus
from tests.workflow.claims import keep_original
from tests.workflow.led import RECALL_SECONDS, Led
from tests.workflow.office import Office
from tests.workflow.paths import MATRIX, TURNS, Act, Path, after
from tests.workflow.post import nothing_happens

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

CATEGORIES: Final = {
    "call_payer": "medical_necessity",
    "appeal": "medical_necessity",
    "reopening": "modifier_kx",
    "corrected_claim": "coding",
    "send_records": "documentation",
}
BY_ITSELF: Final = frozenset({Act.IS_OUT, Act.TAKEN_IN, Act.REJECTED})
"""What follows a corrected claim without waiting to be looked at."""


@pytest.fixture(autouse=True)
def _time_to_call_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(office.activities, "_recall_seconds", RECALL_SECONDS)
    yield
    office.post.before = nothing_happens


async def begun(office: Office, path: Path) -> Led:
    case_id = await office.open(action=path.action, category=CATEGORIES[path.action])
    if path.action == "corrected_claim":
        await keep_original(office.record, case_id)
    return Led(office, case_id)


@pytest.mark.parametrize("path", [*MATRIX, *TURNS], ids=lambda path: path.name)
async def test_a_case_comes_to_the_outcome_of_its_path(office: Office, path: Path) -> None:
    led, status = await begun(office, path), CaseStatus.NEEDS_WORK
    doing = led.doing()
    for number, act in enumerate(path.acts):
        await doing[act]()
        status = after(act, status)
        if BY_ITSELF.isdisjoint(path.acts[number : number + 2]):
            assert (await office.record.case(led.case_id)).status == status, f"after '{act}', act {number}"
    case = await office.record.case(led.case_id)
    assert (case.status, case.outcome) == (CaseStatus.RESOLVED, path.outcome)
    assert (await office.result(led.case_id)).outcome is path.outcome
    assert not await office.record.open_items(led.case_id)
    assert case.denied_amount >= case.recovered_amount + case.written_off_amount
    resolved = 1 + path.acts.count(Act.REOPEN)
    assert await office.record.published(led.case_id, "case.resolved.v1") == resolved
