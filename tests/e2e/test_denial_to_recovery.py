"""One denial's whole life: claim, remittance, case, deadline, letter, submission, decision, payment."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlmodel import col

from overturn.accounts import Role, add_account
from overturn.db import tables
from overturn.domain import workflow_ids as ids
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from overturn.letters import blanks
from overturn.reporting.ledger import ledger
from services.web.letter_edits import LetterEdit, save_letter
from tests.e2e.system import DENIED_ON, System
from tests.x12_files import paid_claim, remittance, submission
from workflows.denial_case.step_client import take_step
from workflows.denial_case.types import ApproveInput, DecideInput, StepInput, SubmitInput, WriteOffInput

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio]

CANARY = "CANARYNAME"
DENIED, DECIDED_ON = f"{DENIED_ON:%Y%m%d}", DENIED_ON + timedelta(days=18)


def not_necessary(number: str) -> list[str]:
    """CO-50: an appeal with a letter."""
    return [
        f"CLP*{number}*4*180.00*0**MB*ICN{number}*11*1",
        f"NM1*QC*1*{CANARY}*PAT****MI*M0001",
        "SVC*HC:97110:GP*180.00*0**3",
        f"DTM*472*{DENIED_ON - timedelta(days=60):%Y%m%d}",
        "CAS*CO*50*180.00",
        "LQ*HE*N115",
    ]


async def someone(system: System) -> UUID:
    name = f"tester-{uuid4().hex[:8]}"
    async with system.sessions.begin() as session:
        await add_account(
            session, user_name=name, display_name="Tess Tester", role=Role.SPECIALIST, password=uuid4().hex
        )
    async with system.sessions() as session:
        return (
            await session.scalars(
                select(col(tables.UserAccount.id)).where(col(tables.UserAccount.user_name) == name)
            )
        ).one()


async def fill_blanks(system: System, letter: tables.Letter, actor: UUID) -> None:
    """As a specialist does in the editor."""
    text = letter.markdown
    for blank in blanks(text):
        text = text.replace(f"[{blank}]", f"{DENIED_ON - timedelta(days=75)}")
    edit = LetterEdit(letter.case_id, letter.id, letter.version, text)
    async with system.sessions.begin() as session:
        await save_letter(session, edit, actor_id=actor, now=tables.utc_now())


async def test_a_denied_claim_is_worked_to_its_payment(system: System, tmp_path: Path) -> None:
    number = "E2E1"
    sent, denied, paid = (tmp_path / name for name in ("claim.837", "denied.835", "paid.835"))
    sent.write_bytes(submission(number, charge="180.00").replace(b"TESTER", CANARY.encode()))
    denied.write_bytes(remittance(not_necessary(number), trace="DENIED1", paid_on=DENIED))
    assert system.send(sent)["state"] == "posted"
    assert system.send(denied)["state"] == "posted"

    case = await system.case_of(number, status=CaseStatus.NEEDS_WORK)
    assert (case.category, case.action, case.denied_amount) == (
        "medical_necessity",
        "appeal",
        Decimal("180.00"),
    )
    assert case.due_on == DENIED_ON + timedelta(days=120 + 5)  # 5 are presumed for receipt
    assert [step["because"] for step in case.deadline["derivation"]]
    letter = await system.letter_of(case)
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(letter.pdf)).pages)
    assert CANARY in text
    assert "180.00" in text
    assert number in text

    client, actor = await system.temporal(), await someone(system)
    version = case.version
    early = ApproveInput(step_id=uuid4(), actor_id=actor, case_version=version)
    with pytest.raises(StepRefusedError, match=r"still has \d+ blanks"):
        await take_step(client, system.sessions, case.id, early)
    await fill_blanks(system, letter, actor)
    for step in (
        ApproveInput(step_id=uuid4(), actor_id=actor, case_version=version),
        SubmitInput(
            step_id=uuid4(),
            actor_id=actor,
            case_version=version + 1,
            channel=ChannelName.FAX,
            submitted_on=DENIED_ON + timedelta(days=8),
        ),
        DecideInput(
            step_id=uuid4(),
            actor_id=actor,
            case_version=version + 2,
            decision=PayerDecision.OVERTURNED,
            decided_on=DECIDED_ON,
        ),
    ):
        result = await take_step(client, system.sessions, case.id, step)
        assert await take_step(client, system.sessions, case.id, step) == result  # a double click is one step
    assert result.status is CaseStatus.AWAITING_PAYMENT

    paid.write_bytes(
        remittance(
            paid_claim(number, charge="180.00", paid="120.00"),
            trace="PAID1",
            paid_on=f"{DECIDED_ON:%Y%m%d}",
        )
    )
    assert system.send(paid)["state"] == "posted"
    closed = await system.case_of(number, status=CaseStatus.RESOLVED)
    assert (closed.outcome, closed.recovered_amount) == (Outcome.RECOVERED, Decimal("120.00"))
    async with system.sessions() as session:
        money = await ledger(session)
        kinds = (
            await session.scalars(
                select(col(tables.CaseEvent.kind))
                .where(col(tables.CaseEvent.case_id) == case.id)
                .order_by(col(tables.CaseEvent.sequence))
            )
        ).all()
    assert money.difference == 0
    assert kinds[0] == "classified"
    assert await _history_bytes_are_free_of(system, case.id, CANARY)


async def _history_bytes_are_free_of(system: System, case_id: UUID, canary: str) -> bool:
    client = await system.temporal()
    history = await client.get_workflow_handle(ids.denial_case(case_id)).fetch_history()
    return canary not in history.to_json()


async def test_a_step_that_does_not_fit_is_refused_in_words(system: System, tmp_path: Path) -> None:
    path = tmp_path / "denied.835"
    path.write_bytes(remittance(not_necessary("E2E2"), trace="DENIED2", paid_on=DENIED))
    system.send(path)
    case = await system.case_of("E2E2", status=CaseStatus.NEEDS_WORK)
    client, actor = await system.temporal(), await someone(system)
    ours = {"step_id": uuid4(), "actor_id": actor}
    early = DecideInput(
        **ours,
        case_version=case.version,
        decision=PayerDecision.UPHELD,
        decided_on=DECIDED_ON,
    )
    with pytest.raises(StepRefusedError, match="needs work"):
        await take_step(client, system.sessions, case.id, early)
    stale: StepInput = WriteOffInput(step_id=uuid4(), actor_id=actor, case_version=case.version + 7)
    with pytest.raises(StepRefusedError, match=r"[Rr]eload"):
        await take_step(client, system.sessions, case.id, stale)  # type: ignore[arg-type]


async def test_a_file_sent_again_changes_nothing(system: System, tmp_path: Path) -> None:
    path = tmp_path / "again.835"
    path.write_bytes(remittance(not_necessary("E2E3"), trace="DENIED3", paid_on=DENIED))
    system.send(path)
    await system.case_of("E2E3", status=CaseStatus.NEEDS_WORK)
    assert system.send(path)["state"] == "known"
    path.write_bytes(remittance(not_necessary("E2E3"), trace="DENIED3", paid_on=DENIED, control="9"))
    receipt = system.send(path)
    assert (receipt["state"], receipt["claims"]) == ("posted", 0)
    async with system.sessions() as session:
        cases = (await session.scalars(select(tables.DenialCase))).all()
    numbers = [case.claim_id for case in cases]
    assert len(numbers) == len(set(numbers))
