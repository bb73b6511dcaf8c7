"""Cases that end because the patient owes it, or because nothing was denied; and what stands in the way."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from overturn.db.tables import Denial
from overturn.domain.denial_case import CaseStatus, Outcome, StepRefusedError
from tests.workflow.office import Office
from workflows.denial_case.types import BillPatientInput, NotADenialInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def denied_as(
    office: Office, group: str | None, carc: str, *rarcs: str, payer_key: str | None = "medicare"
) -> UUID:
    case_id = await office.open(action="call_payer", payer_key=payer_key)
    changed = {"group_code": group, "carc": carc, "rarcs": list(rarcs)}
    async with office.record.sessions.begin() as session:
        await session.execute(update(Denial).where(col(Denial.case_id) == case_id).values(changed))
    return case_id


async def test_what_the_patient_owes_is_billed_to_the_patient(office: Office) -> None:
    case_id = await denied_as(office, "PR", "26")
    result = await office.step(case_id, BillPatientInput, 1, "Coverage began a week later.")
    assert result.outcome is Outcome.BILLED_TO_PATIENT
    assert await office.result(case_id) == result
    case = await office.record.case(case_id)
    assert (case.status, case.written_off_amount) == (CaseStatus.RESOLVED, Decimal(0))
    last = (await office.record.timeline(case_id))[-1]
    assert (last.summary, last.amount) == (
        "Billed to the patient: Coverage began a week later.",
        Decimal("120.00"),
    )
    assert not await office.record.open_items(case_id)


@pytest.mark.parametrize(
    ("group", "carc", "rarcs", "words"),
    [
        ("CO", "50", (), "denied under CO: only amounts in group PR"),
        ("OA", "23", (), "denied under OA: only amounts in group PR"),
        (None, "50", (), "denied under no group"),
        ("PR", "204", ("N192",), "Qualified Medicare Beneficiary"),
        ("PR", "119", (), "first send the reopening that adds KX"),
    ],
)
async def test_what_is_not_the_patients_is_refused_and_nothing_moves(
    office: Office, group: str | None, carc: str, rarcs: tuple[str, ...], words: str
) -> None:
    case_id = await denied_as(office, group, carc, *rarcs)
    with pytest.raises(StepRefusedError, match=words):
        await office.step(case_id, BillPatientInput, 1, "They can pay.")
    case = await office.record.case(case_id)
    assert (case.status, case.version) == (CaseStatus.NEEDS_WORK, 1)


async def test_after_the_reopening_was_tried_the_threshold_is_the_patients(office: Office) -> None:
    case_id = await denied_as(office, "PR", "119")
    await office.approve(case_id)
    await office.submit(case_id)
    result = await office.step(case_id, BillPatientInput, 3, "The reopening was refused.")
    assert result.outcome is Outcome.BILLED_TO_PATIENT


async def test_a_plans_own_visit_limit_needs_no_kx(office: Office) -> None:
    case_id = await denied_as(office, "PR", "119", payer_key=None)
    result = await office.step(case_id, BillPatientInput, 1, "Twenty visits are used up.")
    assert result.outcome is Outcome.BILLED_TO_PATIENT


async def test_what_was_no_denial_ends_with_what_it_is(office: Office) -> None:
    case_id = await denied_as(office, "CO", "45")
    result = await office.step(case_id, NotADenialInput, 1, "The contract allows no more.")
    assert result.outcome is Outcome.NOT_A_DENIAL
    last = (await office.record.timeline(case_id))[-1]
    assert last.summary == "Not a denial: The contract allows no more."


async def test_what_is_with_the_payer_was_a_denial(office: Office) -> None:
    case_id = await office.open(action="call_payer")
    await office.approve(case_id)
    await office.submit(case_id)
    with pytest.raises(StepRefusedError, match="not a denial"):
        await office.step(case_id, NotADenialInput, 3, "No.")
