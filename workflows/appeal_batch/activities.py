"""The rounds of a batch: its next cases are asked, a few at a time, each for a step of its own.

A step's id is made of batch, case and order, so that asking again, after whatever broke, is the same step.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity
from temporalio.client import Client

from overturn.db.appeal_batches import AT_WORK, IDLE, STOPPED, owed
from overturn.db.letter_choice import letter_level
from overturn.db.session import Sessions
from overturn.db.tables import (
    AppealBatch,
    AppealBatchMember,
    DenialCase,
    Letter,
    UserAccount,
)
from overturn.domain import identifiers
from overturn.domain.appeal_batch import OWED, TAKEN, MemberState, Order, moved
from overturn.domain.denial_case import CaseStatus, Outcome, StepRefusedError
from workflows.appeal_batch.types import AskCasesInput, AskedCases, BatchStoppedInput
from workflows.denial_case.record import is_recorded
from workflows.denial_case.step_client import StepNotTakenError, take_step
from workflows.denial_case.types import ApproveInput, PersonsStep, SendInput, UndoInput

ROUND: Final = 25
"""Cases of one round: a batch that is told to stop finishes these."""

AT_ONCE: Final = 8
"""Cases that are asked at the same time."""

TRIES: Final = 5
"""After so many without one case in reach, the cases are at fault: Temporal itself brought us here."""

OUT_OF_REACH: Final = (
    "The workflow of this case does not answer. Tell whoever runs Overturn, then look again."
)
LETTER_CHANGED: Final = "Its letter was changed after it was reviewed. Look at it, then take it in again."


class BatchAppealActivities:
    """Runs on the task queue `appeal-batches`."""

    def __init__(self, client: Client, sessions: Sessions) -> None:
        self._client = client
        self._sessions = sessions

    def all(self) -> list[Callable[..., Any]]:
        return [self.ask_cases, self.record_stopped]

    @activity.defn
    async def ask_cases(self, request: AskCasesInput) -> AskedCases:
        """Ask the next cases for the step that was ordered; those that were asked are not asked again.

        Raises:
            StepNotTakenError: not one case could be asked; the next try may find them in reach.
        """
        async with self._sessions.begin() as session:
            batch = await session.get_one(AppealBatch, request.batch_id, with_for_update=True)
            if batch.state != AT_WORK:
                return AskedCases(taken=0, left_out=0, owed=0)
            case_ids = await owed(session, batch.id, Order(batch.ordered or ""), version=batch.version)
            if not case_ids:
                batch.state = IDLE
        asking = _Asking(self._client, self._sessions, batch, is_last_try=activity.info().attempt >= TRIES)
        return await asking.round(case_ids)

    @activity.defn
    async def record_stopped(self, request: BatchStoppedInput) -> None:
        """A fault of ours: the page of the batch says so, and a person has it go on."""
        async with self._sessions.begin() as session:
            batch = await session.get_one(AppealBatch, request.batch_id, with_for_update=True)
            batch.state = STOPPED
            batch.problem = f"The system could not go on ({request.problem}). Tell whoever runs Overturn."


class _Asking:
    """One round of one order."""

    def __init__(self, client: Client, sessions: Sessions, batch: AppealBatch, *, is_last_try: bool) -> None:
        self._client = client
        self._sessions = sessions
        self._batch = batch
        self._order = Order(batch.ordered or "")
        self._is_last_try = is_last_try
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def round(self, case_ids: Sequence[UUID]) -> AskedCases:
        """Ask the first of these; a case out of reach does not keep the others waiting."""
        answers = await asyncio.gather(
            *(self._ask_one(case_id) for case_id in case_ids[:ROUND]), return_exceptions=True
        )
        faults = [answer for answer in answers if isinstance(answer, BaseException)]
        out_of_reach = sum(isinstance(fault, StepNotTakenError) for fault in faults)
        if len(faults) > out_of_reach or (faults and len(faults) == len(answers)):
            raise min(faults, key=lambda fault: isinstance(fault, StepNotTakenError))
        taken, left_out = (sum(answer is asked for answer in answers) for asked in (True, False))
        return AskedCases(taken=taken, left_out=left_out, owed=len(case_ids))

    async def _ask_one(self, case_id: UUID) -> bool:
        """True where the step was taken, now or before; False where the case is left out, with the reason."""
        async with self._gate:
            step_id = self._step_id(case_id)
            try:
                version = await self._ask(case_id, step_id)
            except StepRefusedError as error:
                if not await self._was_taken(step_id):
                    await self._leave_out(case_id, str(error))
                    return False
                version = await self._version(case_id)
            except StepNotTakenError:
                if not self._is_last_try:
                    raise
                await self._leave_out(case_id, OUT_OF_REACH)
                return False
            await self._mark(case_id, step_id, version)
            activity.heartbeat()
            return True

    def _step_id(self, case_id: UUID) -> UUID:
        return identifiers.deterministic_id(
            f"batch-{self._order.value}", self._batch.id, case_id, self._batch.version
        )

    async def _ask(self, case_id: UUID, step_id: UUID) -> int:
        """The case's version after the step.

        Raises:
            StepRefusedError: the case moved since it was reviewed, or it refuses the step itself.
        """
        if await self._was_taken(step_id):
            return await self._version(case_id)
        step = await self._step(case_id, step_id)
        return (await take_step(self._client, self._sessions, case_id, step)).case_version

    async def _step(self, case_id: UUID, step_id: UUID) -> PersonsStep:
        """What a person would ask of this case, of the versions that were reviewed."""
        async with self._sessions() as session:
            case = await session.get_one(DenialCase, case_id)
            given = {"step_id": step_id, "actor_id": self._batch.ordered_by, "case_version": case.version}
            match self._order:
                case Order.CALL_BACK:
                    return UndoInput.model_validate(given)
                case Order.SEND:
                    await self._refuse_moved(session, case)
                    return SendInput.model_validate({**given, "channel": self._batch.channel})
                case Order.APPROVE:
                    await self._refuse_moved(session, case)
                    return ApproveInput.model_validate(given)

    async def _refuse_moved(self, session: AsyncSession, case: DenialCase) -> None:
        member = await session.get_one(AppealBatchMember, (self._batch.id, case.id))
        if case.version != member.case_version:
            owner = await session.get(UserAccount, case.assigned_to) if case.assigned_to else None
            outcome = Outcome(case.outcome) if case.outcome else None
            name = owner.display_name if owner else None
            raise StepRefusedError(moved(CaseStatus(case.status), outcome, name))
        letter_version = await session.scalar(
            select(col(Letter.version)).where(
                col(Letter.case_id) == case.id, col(Letter.level) == letter_level(case)
            )
        )
        if self._order is Order.APPROVE and letter_version != member.letter_version:
            raise StepRefusedError(LETTER_CHANGED)

    async def _was_taken(self, step_id: UUID) -> bool:
        async with self._sessions() as session:
            return await is_recorded(session, step_id)

    async def _version(self, case_id: UUID) -> int:
        async with self._sessions() as session:
            return (await session.get_one(DenialCase, case_id)).version

    async def _mark(self, case_id: UUID, step_id: UUID, version: int) -> None:
        changes: dict[str, Any] = {"state": TAKEN[self._order], "words": "", "case_version": version}
        if self._order is not Order.APPROVE:
            changes["send_id"] = step_id if self._order is Order.SEND else None
        await self._change(case_id, changes)

    async def _leave_out(self, case_id: UUID, why: str) -> None:
        """What could not be called back is out, and its sending says so."""
        if self._order is Order.CALL_BACK:
            await self._change(case_id, {})
        else:
            await self._change(case_id, {"state": MemberState.APART, "words": why})

    async def _change(self, case_id: UUID, changes: dict[str, Any]) -> None:
        async with self._sessions.begin() as session:
            await session.execute(
                update(AppealBatchMember)
                .where(
                    col(AppealBatchMember.batch_id) == self._batch.id,
                    col(AppealBatchMember.case_id) == case_id,
                    col(AppealBatchMember.state) == OWED[self._order],
                )
                .values(asked_in=self._batch.version, **changes)
            )
