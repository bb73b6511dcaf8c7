"""A corrected claim goes out once, comes back where it is rejected, and ends with the payer's money."""

import pytest
from sqlalchemy import select
from sqlmodel import col
from temporalio.testing import ActivityEnvironment

from overturn.db import tables
from overturn.domain.denial_case import CaseStatus, Outcome, StepRefusedError
from overturn.domain.resubmission import Corrections, LineCorrection
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.appeals.corrected_claims import ClaimWriting
from services.appeals.outgoing import ClaimsFolder
from tests.replay.recorded import patient_data_in
from tests.workflow.claims import (
    KX,
    answer_claim,
    approved,
    claims_in,
    file_of,
    last_summary,
    refuse_batch,
    resubmit,
    sendings,
    workflow_ends,
)
from tests.workflow.office import Office
from workflows.corrected_claim.types import WriteClaimInput
from workflows.denial_case.types import Correction, UndoInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


async def test_a_replacement_goes_out_is_taken_in_and_brings_the_money(office: Office) -> None:
    case_id = await approved(office)
    assert (await resubmit(office, case_id)).status is CaseStatus.SENDING
    await office.kinds_until(case_id, "sent")

    (claim,) = claims_in((await file_of(office, case_id)).read_bytes())
    assert (claim.frequency_code, claim.payer_claim_control_number) == ("7", "PAYER1")
    assert claim.lines[0].modifiers == ("GP", "KX")
    assert claim.lines[1].modifiers == ("GP",)
    (item,) = await office.record.open_items(case_id)
    assert item.kind == "record_answer"

    await answer_claim(office, case_id, "A2", times=3)
    await office.kinds_until(case_id, "accepted")
    (sending,) = await sendings(office, case_id)
    assert sending.state == "sent"
    assert "acknowledgement" in sending.proof

    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    await workflow_ends(office, case_id)
    assert (await office.record.kinds(case_id)).count("accepted") == 1


async def test_a_rejected_claim_comes_back_with_the_reason_and_goes_again(office: Office) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    await answer_claim(office, case_id, "A7", times=2)
    await office.kinds_until(case_id, "rejected")
    await workflow_ends(office, case_id)

    assert "rejected: The subscriber is not known. Correct it" in await last_summary(office, case_id)
    case = await office.record.case(case_id)
    assert case.status == CaseStatus.NEEDS_WORK
    (item,) = await office.record.open_items(case_id)
    assert item.kind not in {"record_answer", "being_sent"}

    await office.approve(case_id, case.version)
    await resubmit(office, case_id, case.version + 1, Corrections(prior_authorization="AUTH1"))
    await office.kinds_until(case_id, "sent", 2)
    first, second = await sendings(office, case_id)
    assert (first.state, second.state) == ("rejected", "sent")
    assert first.control_number != second.control_number
    (claim,) = claims_in((await file_of(office, case_id)).read_bytes())
    assert claim.prior_authorization == "AUTH1"
    assert claim.lines[0].modifiers == ("GP", "KX"), "the first correction is kept"
    await office.write_off(case_id, case.version + 3)
    await office.result(case_id)


async def test_a_refused_batch_brings_its_claim_back_and_another_batch_does_not(office: Office) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    await refuse_batch(office, case_id, "4711")
    (sending,) = await sendings(office, case_id)
    await refuse_batch(office, case_id, str(sending.control_number))
    kinds = await office.kinds_until(case_id, "rejected")
    assert kinds.count("rejected") == 1
    async with office.record.sessions() as session:
        written = await session.scalar(
            select(tables.SubmittedClaim).where(
                col(tables.SubmittedClaim.group_control_number) == str(sending.control_number)
            )
        )
    assert written is not None, "a 999 finds the claim by its group"


async def test_answers_that_are_not_about_this_claim_change_nothing(office: Office) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    await answer_claim(office, case_id, "A7", days_ago=2)  # to what was sent before
    await answer_claim(office, case_id, "A1")  # received, and nothing more
    await answer_claim(office, case_id, "A2")
    kinds = await office.kinds_until(case_id, "accepted")
    assert "rejected" not in kinds


async def test_what_was_unprocessable_goes_as_a_new_claim(office: Office) -> None:
    case_id = await approved(office, action="new_claim")
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    (claim,) = claims_in((await file_of(office, case_id)).read_bytes())
    assert (claim.frequency_code, claim.payer_claim_control_number) == ("1", None)


@pytest.mark.parametrize(
    ("action", "on_record", "corrections", "words"),
    [
        ("corrected_claim", False, KX, "837P. is not on record"),
        ("corrected_claim", True, Corrections((LineCorrection(9, ("KX",)),)), "has no line 9"),
        ("corrected_claim", True, Corrections((LineCorrection(1, ("GP",)),)), "GP twice on line 1"),
        ("corrected_claim", True, Corrections(prior_authorization="AUTH1*"), "authorization number holds a"),
        ("call_payer", True, KX, "not answered by a claim"),
    ],
)
async def test_a_claim_that_cannot_be_written_is_refused_before_anything_moves(
    office: Office, action: str, on_record: bool, corrections: Corrections, words: str
) -> None:
    case_id = await approved(office, action=action, on_record=on_record)
    with pytest.raises(StepRefusedError, match=words):
        await resubmit(office, case_id, corrections=corrections)
    assert (await office.record.case(case_id)).status == CaseStatus.APPROVED
    assert not await sendings(office, case_id)
    assert await patient_data_in(await office.history(case_id)) == set()


async def test_what_is_out_cannot_be_called_back(office: Office) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    with pytest.raises(StepRefusedError, match="cannot be called back"):
        await office.step(case_id, UndoInput, 4)


@pytest.mark.parametrize("fetched", [False, True])
async def test_killed_after_it_went_it_does_not_go_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, fetched: bool
) -> None:
    went: list[str] = []
    real = ClaimsFolder.let_go

    def let_go(folder: ClaimsFolder, name: str) -> None:
        real(folder, name)
        went.append(name)
        if len(went) == 1:
            if fetched:
                (office.claims / name).unlink()
            raise OSError("killed")

    monkeypatch.setattr(ClaimsFolder, "let_go", let_go)
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    assert len(went) == 2, "it was tried again"
    assert (await file_of(office, case_id)).exists() is not fetched
    assert not list(office.claims.glob(f".{went[0]}"))


async def test_killed_before_the_record_has_it_the_claim_goes_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tries = ClaimsFolder.lay_aside, list[str]()

    def lay_aside(folder: ClaimsFolder, name: str, content: bytes) -> None:
        real(folder, name, content)
        tries.append(name)
        if len(tries) == 1:
            raise OSError("killed")

    monkeypatch.setattr(ClaimsFolder, "lay_aside", lay_aside)
    case_id = await approved(office)
    await resubmit(office, case_id)
    kinds = await office.kinds_until(case_id, "sent")
    assert (kinds.count("sent"), len(set(tries))) == (1, 1)
    assert (await file_of(office, case_id)).exists()


async def test_writing_again_after_it_is_recorded_changes_nothing(office: Office) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    (sending,) = await sendings(office, case_id)
    (await file_of(office, case_id)).unlink()
    writing = ClaimWriting(office.record.sessions, RulesInForce(load_rulebook()), office.claims)
    correction = Correction(case_id=case_id, level=1, channel="claims", step_id=sending.id)
    request = WriteClaimInput(correction=correction, at=await office.environment.get_current_time())
    await ActivityEnvironment().run(writing.write_claim, request)
    assert not (await file_of(office, case_id)).exists()
    assert (await office.record.kinds(case_id)).count("sent") == 1


async def test_a_silent_payer_is_asked_after_and_a_late_rejection_leaves_the_last_day_to_a_person(
    office: Office,
) -> None:
    case_id = await approved(office)
    await resubmit(office, case_id)
    await office.kinds_until(case_id, "sent")
    await office.pass_days(31)
    await office.kinds_until(case_id, "ask_payer")
    assert (await office.record.open_items(case_id))[0].kind == "ask_status"
    await office.pass_days(400)
    assert (await office.record.case(case_id)).status == CaseStatus.SUBMITTED, "what is out does not expire"
    await answer_claim(office, case_id, "A7")
    await office.kinds_until(case_id, "rejected")
    await workflow_ends(office, case_id)
    case = await office.record.case(case_id)
    assert (case.status, case.due_on) == (CaseStatus.NEEDS_WORK, None)
    assert "is over" in case.deadline["unknown"]
    await office.write_off(case_id, case.version)
    assert (await office.result(case_id)).outcome is Outcome.WRITTEN_OFF
