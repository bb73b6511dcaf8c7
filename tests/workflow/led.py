"""One case and who leads it: each act of a path as people, payers, channels and the clock do it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlmodel import col

from overturn.channels import ChannelRefusedError
from overturn.db.tables import Denial
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, PayerDecision, StepRefusedError
from overturn.domain.records_request import Notice, Requester, RequestStep
from overturn.domain.resubmission import Corrections
from overturn.records.opening import NewRequest
from tests.waiting import PATIENCE_SECONDS
from tests.workflow.claims import KX, answer_claim
from tests.workflow.office import Office
from tests.workflow.paths import TO_ANSWER_DAYS, Act
from tests.workflow.post import nothing_happens
from tests.workflow.test_records_requests import Desk
from workflows.denial_case.resubmitting import written_corrections
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    BillPatientInput,
    DecideInput,
    NotADenialInput,
    PendInput,
    ProveReceiptInput,
    ReopenInput,
    ResubmitInput,
    SendInput,
    SetDeadlineInput,
    StepInput,
    SubmitInput,
    UndoInput,
    WriteOffInput,
)

RECALL_SECONDS: Final = 600
"""Long enough to call back what waits to go out; a test that leads a case sets it at its office."""

RELOAD: Final = ("has changed since", "still being drafted", "Reload the page")


@dataclass
class Led:
    """One case, and who leads it."""

    office: Office
    case_id: UUID

    async def take(self, kind: type[StepInput], words: str = "", **fields: object) -> None:
        """Whoever reads a page that is out of date reloads it and tries again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                version = (await self.office.record.case(self.case_id)).version
                try:
                    await self.office.step(self.case_id, kind, version, words, **fields)
                except StepRefusedError as refused:
                    if not any(words in str(refused) for words in RELOAD):
                        raise
                    await asyncio.sleep(0.05)
                else:
                    return

    async def one_more(self, kind: str, do: Callable[[], Awaitable[None]]) -> None:
        """Do it, and see it in the timeline."""
        so_far = (await self.office.record.kinds(self.case_id)).count(kind)
        await do()
        await self.office.kinds_until(self.case_id, kind, so_far + 1)

    async def approve(self) -> None:
        if (await self.office.record.case(self.case_id)).action in {"appeal", "reopening", "send_records"}:
            await self.office.until(self._drafted)
            await self.office.record.fill_letter(self.case_id)
        await self.take(ApproveInput)

    async def _drafted(self) -> bool:
        return any(letter.state == "draft" for letter in await self.office.record.letters(self.case_id))

    async def submit(self) -> None:
        sent_on = await self.office.today()
        await self.take(SubmitInput, "FAX 7", channel=ChannelName.FAX, submitted_on=sent_on)

    async def recall_passes(self) -> None:
        await self.office.pass_time(timedelta(seconds=RECALL_SECONDS + 1))

    async def goes_out(self) -> None:
        await self.one_more("sent", self.recall_passes)

    async def is_refused(self) -> None:
        def refuse() -> None:
            raise ChannelRefusedError("no such tray")

        self.office.post.before = refuse
        await self.one_more("not_sent", self.recall_passes)
        self.office.post.before = nothing_happens

    async def resubmit(self) -> None:
        """What was rejected has its modifier by now, and lacks something else."""
        again = "rejected" in await self.office.record.kinds(self.case_id)
        words = written_corrections(Corrections(prior_authorization="AUTH1") if again else KX)
        await self.one_more("sent", lambda: self.take(ResubmitInput, words))

    async def answer(self, category: str, kind: str) -> None:
        await self.one_more(kind, lambda: answer_claim(self.office, self.case_id, category))

    async def send_records(self) -> None:
        desk, today = Desk(self.office, case_id=self.case_id), await self.office.today()
        desk.request_id = await desk.open(
            NewRequest(
                step_id=uuid4(),
                actor_id=self.office.record.person_id,
                requester=Requester.MAC,
                notice=Notice.LETTER,
                requested_on=today - timedelta(days=5),
                reference=f"ADR-{uuid4().hex[:8]}",
                documents=("treatment_notes",),
                case_id=self.case_id,
            )
        )
        await desk.follow()
        await desk.gathered()
        by_hand: dict[str, Any] = {"on": today, "channel": ChannelName.FAX, "words": "F1"}
        await desk.take(RequestStep.MARK_SENT, **by_hand)
        await self.one_more("sent", lambda: _ignore(desk.follow()))

    async def decide(self, decision: PayerDecision, *, final: bool = False) -> None:
        await self.office.pass_days(TO_ANSWER_DAYS)
        decided_on = await self.office.today()
        await self.take(DecideInput, decision=decision, decided_on=decided_on, final=final)

    async def remit(self, *, paid: str, still_denied: str) -> None:
        closed = (await self.office.record.case(self.case_id)).status == CaseStatus.RESOLVED
        if closed:
            await self.office.tell(self.case_id)  # too late: nobody is there to hear it
            return
        await self.office.record.adjudicate(self.case_id, more_paid=paid, still_denied=still_denied)
        await self.one_more("remittance", lambda: self.office.tell(self.case_id))

    async def bill(self) -> None:
        async with self.office.record.sessions.begin() as session:
            rows = update(Denial).where(col(Denial.case_id) == self.case_id)
            await session.execute(rows.values(group_code="PR"))
        await self.take(BillPatientInput, "Coverage began a week later.")

    async def set_day(self) -> None:
        await self.take(SetDeadlineInput, "The letter.", due_on=await self.in_days(60))

    async def prove(self) -> None:
        """Each time another day, as nothing is proven twice."""
        days = 3 + (await self.office.record.kinds(self.case_id)).count("prove_receipt")
        await self.take(ProveReceiptInput, "Postmark.", received_on=await self.in_days(-days))

    async def in_days(self, days: int) -> date:
        return await self.office.today() + timedelta(days=days)

    async def expires(self) -> None:
        due_on = (await self.office.record.case(self.case_id)).due_on
        assert due_on is not None
        days = (due_on - await self.office.today()).days + 2
        await self.one_more("expire", lambda: self.office.pass_days(days))

    def doing(self) -> dict[Act, Callable[[], Awaitable[None]]]:
        """How each act is done."""
        return {
            Act.ASSIGN: lambda: self.take(AssignInput, assignee_id=None),
            Act.APPROVE: self.approve,
            Act.SEND: lambda: self.take(SendInput, channel=ChannelName.MAIL),
            Act.GOES_OUT: self.goes_out,
            Act.IS_REFUSED: self.is_refused,
            Act.SUBMIT: self.submit,
            Act.RESUBMIT: self.resubmit,
            Act.IS_OUT: _nothing,
            Act.TAKEN_IN: lambda: self.answer("A2", "accepted"),
            Act.REJECTED: lambda: self.answer("A7", "rejected"),
            Act.RECORDS: self.send_records,
            Act.OVERTURNED: lambda: self.decide(PayerDecision.OVERTURNED),
            Act.UPHELD: lambda: self.decide(PayerDecision.UPHELD),
            Act.UPHELD_FOR_GOOD: lambda: self.decide(PayerDecision.UPHELD, final=True),
            Act.PAID: lambda: self.remit(paid="120.00", still_denied="0"),
            Act.PAID_IN_PART: lambda: self.remit(paid="50.00", still_denied="70.00"),
            Act.RENAMED: lambda: self.remit(paid="0", still_denied="0"),
            Act.WRITE_OFF: lambda: self.take(WriteOffInput, "Too small."),
            Act.BILL: self.bill,
            Act.NO_DENIAL: lambda: self.take(NotADenialInput, "The contract allows no more."),
            Act.PEND: lambda: self.take(PendInput, "Waiting for the chart.", business_days=2),
            Act.SET_DAY: self.set_day,
            Act.PROVE: self.prove,
            Act.UNDO: lambda: self.take(UndoInput),
            Act.REOPEN: lambda: self.take(ReopenInput, "The payer called back."),
            Act.WAIT: self.expires,
        }


async def _nothing() -> None:
    """It followed by itself."""


async def _ignore(looked: Awaitable[object]) -> None:
    await looked
