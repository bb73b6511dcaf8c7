"""Which steps are refused before they enter a history, and in which words."""

from datetime import date
from uuid import uuid4

import pytest

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, PayerDecision, StepRefusedError
from workflows.denial_case.step_checks import refuse_future, refuse_misfit
from workflows.denial_case.types import (
    ApproveInput,
    DecideInput,
    PersonsStep,
    StepResult,
    SubmitInput,
    WriteOffInput,
)

TODAY = date(2026, 3, 16)


def approve(version: int = 4) -> ApproveInput:
    return ApproveInput(step_id=uuid4(), actor_id=uuid4(), case_version=version)


def submit(submitted_on: date) -> SubmitInput:
    return SubmitInput(
        step_id=uuid4(), actor_id=uuid4(), case_version=4, channel=ChannelName.MAIL, submitted_on=submitted_on
    )


def check(step: PersonsStep, status: CaseStatus, *, drafting: bool = False) -> None:
    refuse_misfit(step, StepResult(status=status, case_version=4), drafting=drafting)


def test_a_step_that_fits_passes() -> None:
    check(approve(), CaseStatus.NEEDS_WORK)
    check(submit(TODAY), CaseStatus.APPROVED)
    refuse_future(submit(TODAY), today=TODAY)
    refuse_future(approve(), today=TODAY)


def test_an_older_version_is_refused_and_a_newer_one_left_to_the_record() -> None:
    with pytest.raises(StepRefusedError, match="changed since the page was loaded"):
        check(approve(3), CaseStatus.NEEDS_WORK)
    check(approve(5), CaseStatus.NEEDS_WORK)
    check(approve(5), CaseStatus.SENDING)  # the page saw what the workflow has not heard of yet


def test_the_status_is_what_a_person_hears_of_first() -> None:
    with pytest.raises(StepRefusedError, match="This case is resolved"):
        check(approve(3), CaseStatus.RESOLVED)


def test_nothing_is_approved_while_the_letter_is_drafted() -> None:
    with pytest.raises(StepRefusedError, match="still being drafted"):
        check(approve(), CaseStatus.NEEDS_WORK, drafting=True)
    write_off = WriteOffInput(step_id=uuid4(), actor_id=uuid4(), case_version=4)
    check(write_off, CaseStatus.NEEDS_WORK, drafting=True)


def test_a_date_of_tomorrow_is_refused() -> None:
    tomorrow = date(2026, 3, 17)
    with pytest.raises(StepRefusedError, match="2026-03-17 lies in the future"):
        refuse_future(submit(tomorrow), today=TODAY)
    decide = DecideInput(
        step_id=uuid4(),
        actor_id=uuid4(),
        case_version=4,
        decision=PayerDecision.UPHELD,
        decided_on=tomorrow,
    )
    with pytest.raises(StepRefusedError, match="lies in the future"):
        refuse_future(decide, today=TODAY)
