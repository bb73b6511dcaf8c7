"""What crosses the boundary comes out as what it was."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import PERSONS_STEPS, PayerDecision
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    BillPatientInput,
    DecideInput,
    NotADenialInput,
    PendInput,
    PersonsStep,
    ProveReceiptInput,
    RecordStepInput,
    ReopenInput,
    ResubmitInput,
    SendInput,
    SetDeadlineInput,
    SubmitInput,
    UndoInput,
    WriteOffInput,
)

NAMED = {"step_id": uuid4(), "actor_id": uuid4(), "case_version": 3}
STEPS: list[PersonsStep] = [
    AssignInput(**NAMED, assignee_id=None),
    ApproveInput(**NAMED),
    SendInput(**NAMED, channel=ChannelName.MAIL),
    ResubmitInput(**NAMED),
    SubmitInput(**NAMED, channel=ChannelName.PORTAL, submitted_on=date(2026, 1, 2)),
    DecideInput(**NAMED, decision=PayerDecision.UPHELD, decided_on=date(2026, 1, 2)),
    WriteOffInput(**NAMED),
    BillPatientInput(**NAMED),
    NotADenialInput(**NAMED),
    PendInput(**NAMED, business_days=3),
    SetDeadlineInput(**NAMED, due_on=date(2026, 1, 2)),
    ProveReceiptInput(**NAMED, received_on=date(2026, 1, 2)),
    UndoInput(**NAMED),
    ReopenInput(**NAMED),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.step)
def test_a_step_keeps_its_kind(step: PersonsStep) -> None:
    sent = RecordStepInput(case_id=uuid4(), at=datetime(2026, 1, 2, tzinfo=UTC), step=step)
    received = RecordStepInput.model_validate_json(sent.model_dump_json())
    assert received == sent
    assert type(received.step) is type(step)


def test_every_step_of_a_person_has_its_input() -> None:
    assert {step.step for step in STEPS} == set(PERSONS_STEPS)
