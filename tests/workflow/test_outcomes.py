"""A case on each of its ways to an outcome, and the record it leaves."""

from decimal import Decimal
from uuid import uuid4

import pytest

from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from tests.workflow.office import Office
from workflows.denial_case.types import ApproveInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def test_an_overturned_appeal_ends_when_the_money_is_here(office: Office) -> None:
    case_id = await office.open()
    assert (await office.approve(case_id)).status is CaseStatus.APPROVED
    assert (await office.submit(case_id)).status is CaseStatus.SUBMITTED
    decided = await office.decide(case_id, PayerDecision.OVERTURNED)
    assert decided.status is CaseStatus.AWAITING_PAYMENT

    await office.record.adjudicate(case_id, more_paid="88.28", still_denied="0")
    await office.tell(case_id)

    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    case = await office.record.case(case_id)
    assert (case.status, case.outcome, case.recovered_amount) == ("resolved", "recovered", Decimal("88.28"))
    assert case.resolved_at is not None
    assert not await office.record.open_items(case_id)
    assert await office.record.kinds(case_id) == [
        "opened",
        "letter_drafted",
        "approve",
        "submit",
        "decide",
        "remittance",
    ]
    assert await office.record.published(case_id, "case.opened.v1") == 1
    assert await office.record.published(case_id, "case.advanced.v1") == 3
    assert await office.record.published(case_id, "case.resolved.v1") == 1


async def test_an_upheld_appeal_that_nobody_takes_further_ends_the_case(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.submit(case_id)
    result = await office.decide(case_id, PayerDecision.UPHELD, final=True)
    assert (result.status, result.outcome) == (CaseStatus.RESOLVED, Outcome.UPHELD)
    assert await office.result(case_id) == result


async def test_a_write_off_keeps_reason_and_dollars(office: Office) -> None:
    case_id = await office.open(action="call_payer")
    result = await office.write_off(case_id, reason="The record does not support it.")
    assert result.outcome is Outcome.WRITTEN_OFF
    case = await office.record.case(case_id)
    assert case.written_off_amount == Decimal("120.00")
    last = (await office.record.timeline(case_id))[-1]
    assert last.summary == "Written off: The record does not support it."
    assert (last.actor, last.amount) == (str(office.record.person_id), Decimal("120.00"))


async def test_money_that_comes_before_anybody_acted_ends_the_case(office: Office) -> None:
    case_id = await office.open()
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED


async def test_a_denial_under_another_name_is_not_recovered(office: Office) -> None:
    case_id = await office.open()
    await office.record.adjudicate(case_id, more_paid="0", still_denied="0")
    await office.tell(case_id)
    assert (await office.result(case_id)).outcome is Outcome.UPHELD


async def test_a_part_of_the_money_leaves_the_case_open(office: Office) -> None:
    case_id = await office.open()
    await office.record.adjudicate(case_id, more_paid="50.00", still_denied="70.00")
    await office.tell(case_id)
    await office.kinds_until(case_id, "remittance")
    case = await office.record.case(case_id)
    assert (case.status, case.recovered_amount) == ("needs_work", Decimal("50.00"))

    result = await office.write_off(case_id, case.version)
    assert result.outcome is Outcome.PARTLY_RECOVERED
    closed = await office.record.case(case_id)
    assert (closed.recovered_amount, closed.written_off_amount) == (Decimal("50.00"), Decimal("70.00"))


async def test_a_reversal_alone_settles_nothing(office: Office) -> None:
    case_id = await office.open()
    await office.record.adjudicate(case_id, more_paid="-30.00", still_denied="0", in_force=False)
    await office.tell(case_id)
    await office.kinds_until(case_id, "remittance")
    case = await office.record.case(case_id)
    assert (case.status, case.recovered_amount) == ("needs_work", Decimal(0))


async def test_a_corrected_claim_is_approved_without_a_letter(office: Office) -> None:
    case_id = await office.open(action="corrected_claim", category="coding")
    await office.approve(case_id)
    await office.submit(case_id)
    assert not await office.record.letters(case_id)
    summaries = [event.summary for event in await office.record.timeline(case_id)]
    assert summaries[1] == "Correction approved."
    assert summaries[2].startswith("Sent by fax on ")
    assert summaries[2].endswith(", confirmation FAX 7.")


async def test_each_status_has_one_open_work_item(office: Office) -> None:
    case_id = await office.open()

    async def kind() -> str:
        (item,) = await office.record.open_items(case_id)
        return item.kind

    assert await kind() == "write_appeal"
    await office.approve(case_id)
    assert await kind() == "send"
    await office.submit(case_id)
    assert await kind() == "record_answer"
    await office.decide(case_id, PayerDecision.OVERTURNED)
    assert await kind() == "watch_payment"


async def test_a_letter_goes_from_draft_to_submitted(office: Office) -> None:
    case_id = await office.open()
    (draft,) = await office.record.letters(case_id)
    assert (draft.state, draft.level, draft.template) == ("draft", 1, "medical_necessity")
    assert draft.pdf.startswith(b"%PDF")
    assert "redetermination" in draft.markdown
    await office.approve(case_id)
    (approved,) = await office.record.letters(case_id)
    assert (approved.state, approved.approved_by) == ("approved", office.record.person_id)
    await office.submit(case_id)
    assert [letter.state for letter in await office.record.letters(case_id)] == ["submitted"]


async def test_a_letter_that_people_edited_is_never_drafted_over(office: Office) -> None:
    case_id = await office.open()
    await office.record.edit_letter(case_id, "As I would say it.")
    await office.draft_again(case_id)
    (letter,) = await office.record.letters(case_id)
    assert letter.markdown == "As I would say it."
    assert (await office.record.kinds(case_id)).count("letter_drafted") == 1


async def test_a_letter_with_blanks_is_not_approved(office: Office) -> None:
    case_id = await office.open()
    step = ApproveInput(step_id=uuid4(), actor_id=office.record.person_id, case_version=1)
    with pytest.raises(StepRefusedError, match=r"still has \d+ blanks, named above its text"):
        await office.take(case_id, step)
    assert (await office.record.case(case_id)).status == CaseStatus.NEEDS_WORK


async def test_what_had_no_price_is_worth_what_came_of_it(office: Office) -> None:
    case_id = await office.open(action="call_payer", has_price=False)
    case = await office.record.case(case_id)
    assert "at most $120.00" in case.priority_reason
    assert case.expected_recovery_amount == Decimal(0)

    await office.record.adjudicate(case_id, more_paid="0", still_denied="0", still_unpriced="120.00")
    await office.tell(case_id)
    await office.kinds_until(case_id, "remittance")
    assert (await office.record.case(case_id)).status == CaseStatus.NEEDS_WORK
    told = (await office.record.timeline(case_id))[-1]
    assert told.summary == "A later remittance: $0.00 recovered so far, at most $120.00 still denied."

    await office.record.adjudicate(case_id, more_paid="45.00", still_denied="0")
    await office.tell(case_id)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    closed = await office.record.case(case_id)
    assert (closed.denied_amount, closed.recovered_amount) == (Decimal("45.00"), Decimal("45.00"))
    assert closed.unpriced_amount == Decimal(0)
