"""Whole lives of cases, to each outcome, lived by people and payers who try again until they are heard."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar, cast
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col
from temporalio.client import Client
from temporalio.service import RPCError

from overturn.db import tables
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from overturn.domain.practice_day import practice_date
from tests.workflow.claims import KX, keep_original
from tests.workflow.record import Record
from workflows.denial_case.reopening import reopen_case
from workflows.denial_case.resubmitting import written_corrections
from workflows.denial_case.starting import open_case, tell_remittance
from workflows.denial_case.step_client import StepNotTakenError, take_step
from workflows.denial_case.types import (
    ApproveInput,
    BillPatientInput,
    DecideInput,
    NotADenialInput,
    PersonsStep,
    RemittanceReceived,
    ReopenInput,
    ResubmitInput,
    SendInput,
    StepInput,
    SubmitInput,
    UndoInput,
    WriteOffInput,
)

T = TypeVar("T")
PATIENCE_SECONDS: Final = 240.0
PAUSE_SECONDS: Final = 0.25
OUTAGES: Final = (SQLAlchemyError, RPCError, StepNotTakenError, OSError)


class Fate(NamedTuple):
    """All that the record says in the end of one case, but for ids and times."""

    status: str
    outcome: str | None
    recovered: Decimal
    written_off: Decimal
    version: int
    kinds: tuple[str, ...]
    sendings: tuple[tuple[int, str], ...]
    letters: tuple[tuple[int, str], ...]
    open_items: int
    resolved_events: int


@dataclass(frozen=True)
class Person:
    """Whoever works a case, and the payer who answers: what is not answered is done again."""

    client: Client
    record: Record

    async def until(self, done: Callable[[], Awaitable[T | None]]) -> T:
        """The first answer that is neither None nor an outage."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    if (answer := await done()) is not None:
                        return answer
                except OUTAGES:
                    pass
                await asyncio.sleep(PAUSE_SECONDS)

    async def take(self, case_id: UUID, kind: type[StepInput], words: str = "", **fields: object) -> None:
        """Send the form until it is taken: the same form after an outage, another after a refusal."""
        forms = [uuid4()]

        async def sent() -> bool | None:
            if await self._is_taken(forms[-1]):
                return True
            version = (await self.record.case(case_id)).version
            actor = self.record.person_id
            form = {"step_id": forms[-1], "actor_id": actor, "case_version": version, **fields}
            try:
                await self._send(case_id, kind.model_validate(form), words)
            except StepRefusedError:
                if not await self._is_taken(forms[-1]):
                    forms.append(uuid4())
            return None

        await self.until(sent)

    async def _send(self, case_id: UUID, step: StepInput, words: str) -> None:
        if isinstance(step, ReopenInput):
            async with self.record.sessions.begin() as session:
                await session.merge(tables.StepWords(step_id=step.step_id, case_id=case_id, words=words))
            await reopen_case(self.client, self.record.sessions, case_id, step, at=datetime.now(UTC))
        else:
            await take_step(self.client, self.record.sessions, case_id, cast("PersonsStep", step), words)

    async def _is_taken(self, step_id: UUID) -> bool:
        async with self.record.sessions() as session:
            return await session.get(tables.CaseEvent, step_id) is not None

    async def approve(self, case_id: UUID) -> None:
        async def filled() -> bool:
            await self.record.fill_letter(case_id)
            return True

        await self.until(filled)
        await self.take(case_id, ApproveInput)

    async def has_letter(self, case_id: UUID) -> None:
        async def drafted() -> bool | None:
            return bool(await self.record.letters(case_id)) or None

        await self.until(drafted)

    async def has_status(self, case_id: UUID, status: CaseStatus) -> None:
        async def reached() -> bool | None:
            return (await self.record.case(case_id)).status == status or None

        await self.until(reached)

    async def pay(self, case_id: UUID, *, paid: str, still_denied: str) -> None:
        """Once, however often the database was away in between; told with one event id."""
        told = RemittanceReceived(event_id=uuid4(), claim_payment_id=uuid4())

        async def paid_once() -> bool:
            if not await self._is_settled(case_id, Decimal(still_denied)):
                await self.record.adjudicate(case_id, more_paid=paid, still_denied=still_denied)
            return True

        async def heard() -> bool | None:
            await tell_remittance(self.client, case_id, told)
            return "remittance" in await self.record.kinds(case_id) or None

        await self.until(paid_once)
        await self.until(heard)

    async def _is_settled(self, case_id: UUID, still_denied: Decimal) -> bool:
        async with self.record.sessions() as session:
            case = await session.get_one(tables.DenialCase, case_id)
            claim = await session.get_one(tables.Claim, case.claim_id)
            return claim.denied_amount == still_denied


async def paid_on_appeal(person: Person, case_id: UUID) -> None:
    await person.approve(case_id)
    await person.take(case_id, SendInput, channel=ChannelName.MAIL)
    await person.has_status(case_id, CaseStatus.SUBMITTED)
    await decided(person, case_id, PayerDecision.OVERTURNED)
    await person.pay(case_id, paid="120.00", still_denied="0")


async def upheld_after_an_undo(person: Person, case_id: UUID) -> None:
    await person.approve(case_id)
    await person.take(case_id, UndoInput)
    await person.approve(case_id)
    today = practice_date(datetime.now(UTC))
    await person.take(case_id, SubmitInput, "FAX 7", channel=ChannelName.FAX, submitted_on=today)
    await decided(person, case_id, PayerDecision.UPHELD, final=True)


async def decided(person: Person, case_id: UUID, decision: PayerDecision, *, final: bool = False) -> None:
    today = practice_date(datetime.now(UTC))
    await person.take(case_id, DecideInput, decision=decision, decided_on=today, final=final)


async def paid_in_part(person: Person, case_id: UUID) -> None:
    await person.pay(case_id, paid="50.00", still_denied="70.00")
    await person.take(case_id, WriteOffInput, "Too small.")


async def written_off_twice(person: Person, case_id: UUID) -> None:
    await person.take(case_id, WriteOffInput, "Too small.")
    await person.take(case_id, ReopenInput, "The payer called back.")
    await person.take(case_id, WriteOffInput, "Too small after all.")


async def nothing_done(person: Person, case_id: UUID) -> None:
    """Its last day was over when it came."""


async def billed(person: Person, case_id: UUID) -> None:
    await person.take(case_id, BillPatientInput, "Coverage began a week later.")


async def no_denial(person: Person, case_id: UUID) -> None:
    await person.take(case_id, NotADenialInput, "The contract allows no more.")


async def paid_on_a_corrected_claim(person: Person, case_id: UUID) -> None:
    await person.take(case_id, ApproveInput)
    await person.take(case_id, ResubmitInput, written_corrections(KX))
    await person.has_status(case_id, CaseStatus.SUBMITTED)
    await person.pay(case_id, paid="120.00", still_denied="0")


class Life(NamedTuple):
    """How a case begins, what is done with it, and how it has to end."""

    live: Callable[[Person, UUID], Awaitable[None]]
    outcome: Outcome
    action: str = "call_payer"
    category: str = "medical_necessity"
    days_ago: int = 10
    group: str = "CO"


LIVES: Final = (
    Life(paid_on_appeal, Outcome.RECOVERED, action="appeal"),
    Life(paid_in_part, Outcome.PARTLY_RECOVERED),
    Life(upheld_after_an_undo, Outcome.UPHELD, action="appeal"),
    Life(written_off_twice, Outcome.WRITTEN_OFF),
    Life(nothing_done, Outcome.EXPIRED, action="appeal", days_ago=400),
    Life(billed, Outcome.BILLED_TO_PATIENT, group="PR"),
    Life(no_denial, Outcome.NOT_A_DENIAL),
    Life(paid_on_a_corrected_claim, Outcome.RECOVERED, action="corrected_claim", category="coding"),
)


async def begin(record: Record, life: Life) -> UUID:
    """The case as the classifier leaves it, and what was sent first."""
    today = practice_date(datetime.now(UTC))
    case_id = await record.add_denied_claim(
        denied_on=today - timedelta(days=life.days_ago), action=life.action, category=life.category
    )
    async with record.sessions.begin() as session:
        rows = update(tables.Denial).where(col(tables.Denial.case_id) == case_id)
        await session.execute(rows.values(group_code=life.group))
    if life.live is paid_on_a_corrected_claim:
        await keep_original(record, case_id)
    return case_id


async def open_and_prepare(person: Person, case_id: UUID, life: Life) -> None:
    """Opened, and with its letter if it is to have one."""

    async def opened() -> bool | None:
        await open_case(person.client, case_id)
        return (await person.record.case(case_id)).status != CaseStatus.OPENED or None

    await person.until(opened)
    if life.action == "appeal" and life.outcome is not Outcome.EXPIRED:
        await person.has_letter(case_id)


async def live(person: Person, case_id: UUID, life: Life) -> None:
    await life.live(person, case_id)
    await person.has_status(case_id, CaseStatus.RESOLVED)


async def fate(person: Person, case_id: UUID) -> Fate:
    return await person.until(lambda: _fate(person.record, case_id))


async def _fate(record: Record, case_id: UUID) -> Fate:
    case = await record.case(case_id)
    return Fate(
        status=case.status,
        outcome=case.outcome,
        recovered=case.recovered_amount,
        written_off=case.written_off_amount,
        version=case.version,
        kinds=tuple(await record.kinds(case_id)),
        sendings=tuple((sending.level, sending.state) for sending in await record.sendings(case_id)),
        letters=tuple((letter.level, letter.state) for letter in await record.letters(case_id)),
        open_items=len(await record.open_items(case_id)),
        resolved_events=await record.published(case_id, "case.resolved.v1"),
    )
