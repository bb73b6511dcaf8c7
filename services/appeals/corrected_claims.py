"""A corrected claim goes out once: its file is written aside and, when the record has it, let go by renaming.

Killed before the record has it, it is written again; killed after, what still lies aside goes, and what does
not lies there or was fetched already. No moment is left in which nobody could tell.
"""

import asyncio
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity

from overturn.db import tables
from overturn.db.received_files import change, store_file, stored_content
from overturn.db.session import Sessions
from overturn.db.submissions import CONTENT
from overturn.db.tables import BatchAcknowledgement, ClaimAcknowledgement, DenialCase, Rejection, Sending
from overturn.db.timeline import CLOCK, WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.answer_times import Waiting, answer_time, next_question_on
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.denial_case import CaseStatus, Step, next_status
from overturn.domain.practice_day import practice_date
from overturn.domain.submission import REJECTED_CATEGORIES, SubmittedClaim
from overturn.rule_sets import RulesInForce
from overturn.x12 import read_file
from services.appeals.courier import ASKED, BEGUN, SENT
from services.appeals.outgoing import ClaimsFolder
from workflows.corrected_claim.activities import CorrectedClaimActivities
from workflows.corrected_claim.types import (
    AskAboutClaimInput,
    ClaimStanding,
    RecordAnswerInput,
    WriteClaimInput,
)
from workflows.denial_case import planning
from workflows.denial_case.record import (
    is_recorded,
    locked_case,
    move,
    replace_work_item,
    standing_of,
    tell_advanced,
)
from workflows.denial_case.resubmitting import claim_file

REJECTED: Final = "rejected"
ASK: Final = ("ask_status", "Ask the payer where the corrected claim stands, and record the answer")

Answer = ClaimAcknowledgement | BatchAcknowledgement


class ClaimWriting(CorrectedClaimActivities):
    """Writes corrected claims and takes in what is answered."""

    def __init__(self, sessions: Sessions, rules: RulesInForce, folder: Path) -> None:
        self._sessions = sessions
        self._rules = rules
        self._folder = ClaimsFolder(folder)

    @activity.defn
    async def write_claim(self, request: WriteClaimInput) -> ClaimStanding:
        """Begun, gone, recorded: three steps, each of which can run again."""
        key = request.correction.step_id
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.correction.case_id)
            sending = await session.get_one(Sending, key)
            if sending.state == ASKED:
                await self._begin(session, case, sending)
        if sending.state == BEGUN:
            await asyncio.to_thread(self._folder.let_go, _file_name(sending))
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.correction.case_id)
            sending = await session.get_one(Sending, key)
            if sending.state == BEGUN:
                await _sent(session, case, sending, request)
            return await self._standing(session, case, sending, asked=0)

    @activity.defn
    async def record_answer(self, request: RecordAnswerInput) -> ClaimStanding:
        """Once for each answer; one to an earlier sending of the claim is none to this."""
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.correction.case_id)
            sending = await session.get_one(Sending, request.correction.step_id)
            answer = await _answer_to(session, sending, request)
            lost = False
            if answer is not None and not await is_recorded(session, request.answer.event_id):
                if isinstance(answer, ClaimAcknowledgement) and answer.accepted:
                    await _accepted(session, case, sending, request)
                else:
                    lost = await self._rejected(session, case, sending, request, answer)
            standing = await self._standing(session, case, sending, asked=0, today=practice_date(request.at))
            return standing.model_copy(update={"deadline_lost": lost})

    @activity.defn
    async def ask_about_claim(self, request: AskAboutClaimInput) -> ClaimStanding:
        """Once for each count of questions; a case that waits no more is left alone."""
        event_id = identifiers.deterministic_id("ask-about-claim", request.correction.step_id, request.asked)
        async with self._sessions.begin() as session:
            case = await locked_case(session, request.correction.case_id)
            sending = await session.get_one(Sending, request.correction.step_id)
            if _waits(case, sending) and not await is_recorded(session, event_id):
                kind, title = ASK
                case.version += 1
                await replace_work_item(
                    session, case, kind=kind, title=title, priority=case.priority, at=request.at
                )
                days = (practice_date(request.at) - _sent_on(sending)).days
                summary = f"No payment {days} days after the corrected claim went out: ask where it stands."
                enter(session, case, event_id, kind="ask_payer", summary=summary, actor=CLOCK, at=request.at)
            return await self._standing(session, case, sending, asked=request.asked)

    async def _begin(self, session: AsyncSession, case: DenialCase, sending: Sending) -> None:
        """The file lies aside before the record says that it goes, and is part of the record."""
        data = await claim_file(session, case, sending)
        digest, name = sha256(data).hexdigest(), _file_name(sending)
        await asyncio.to_thread(self._folder.lay_aside, name, data)
        row = {"sha256": digest, "file_name": name, "source": "written", "size_bytes": len(data)}
        await store_file(session, row, BytesIO(data))
        await change(session, digest, state="posted", transaction_types=["837"], claims=1)
        sending.state, sending.proof = BEGUN, {"file_name": name, "sha256": digest}

    async def _rejected(
        self,
        session: AsyncSession,
        case: DenialCase,
        sending: Sending,
        request: RecordAnswerInput,
        answer: Answer,
    ) -> bool:
        """Back to a person with the reason; True when the last day is over and so unknown."""
        sending.state = REJECTED
        reason = await _reason(session, case, answer)
        enter(
            session,
            case,
            request.answer.event_id,
            kind=Step.REJECTED,
            summary=f"The corrected claim was rejected: {reason} Correct it and send it again.",
            actor=WORKFLOW,
            at=request.at,
        )
        if case.status != CaseStatus.SUBMITTED:
            return False
        today = practice_date(request.at)
        lost = case.due_on is not None and case.due_on < today
        case.status, case.version = next_status(CaseStatus.SUBMITTED, Step.REJECTED), case.version + 1
        rulebook = await self._rules.current(session)
        if lost:
            planning.forget_deadline(case, rulebook=rulebook, today=today)
        work = await planning.planned_work(session, case, rulebook=rulebook)
        await replace_work_item(
            session, case, kind=work.kind, title=work.title, priority=case.priority, at=request.at
        )
        await tell_advanced(session, case, Step.REJECTED, request.answer.event_id)
        return lost

    async def _standing(
        self,
        session: AsyncSession,
        case: DenialCase,
        sending: Sending,
        *,
        asked: int,
        today: date | None = None,
    ) -> ClaimStanding:
        """`today` where questions were asked before: the next one lies after it."""
        next_on = None
        if _waits(case, sending):
            sent_on = _sent_on(sending)
            claim = Waiting(DeadlineKind.CLAIM, case.payer_key, case.line_of_business, sent_on)
            time = answer_time((await self._rules.current(session)).answer_times, claim)
            next_on = next_question_on(time, sent_on=sent_on, asked=asked)
            while today and next_on <= today:
                asked += 1
                next_on = next_question_on(time, sent_on=sent_on, asked=asked)
        return ClaimStanding(case=standing_of(case), next_on=next_on)


def _file_name(sending: Sending) -> str:
    return f"corrected-{sending.control_number}.837"


def _waits(case: DenialCase, sending: Sending) -> bool:
    return case.status == CaseStatus.SUBMITTED and sending.state == SENT


def _sent_on(sending: Sending) -> date:
    return practice_date(sending.sent_at or sending.asked_at)


async def _sent(session: AsyncSession, case: DenialCase, sending: Sending, request: WriteClaimInput) -> None:
    sending.state, sending.sent_at = SENT, request.at
    sending.confirmation = str(sending.control_number)
    await _keep_submission(session, case, sending)
    event_id = identifiers.deterministic_id("sent", sending.id)
    late = f"; the last day was {case.due_on}" if case.due_on and _sent_on(sending) > case.due_on else ""
    summary = (
        f"The corrected claim lies in the claims folder as {_file_name(sending)}, "
        f"interchange {sending.control_number}{late}."
    )
    enter(session, case, event_id, kind=Step.SENT, summary=summary, actor=WORKFLOW, at=request.at)
    if case.status == CaseStatus.SENDING:  # it may have ended while the claim was under way
        case.version += 1
        await move(session, case, next_status(CaseStatus.SENDING, Step.SENT), at=request.at)
        await tell_advanced(session, case, Step.SENT, event_id)


async def _keep_submission(session: AsyncSession, case: DenialCase, sending: Sending) -> None:
    """What went out stands among the claims we sent: by it a 999 finds the claim, and the next correction
    begins."""
    digest = sending.proof["sha256"]
    data = b"".join([piece async for piece in stored_content(session, digest)])
    (transaction,) = read_file(data).transactions
    content = transaction.content if isinstance(transaction.content, list) else []
    (claim,) = (each for each in content if isinstance(each, SubmittedClaim))
    row = {
        "id": identifiers.deterministic_id("submitted-claim", digest, claim.segment_index),
        "claim_id": case.claim_id,
        "file_sha256": digest,
        "content": CONTENT.dump_python(claim, mode="json"),
        "frequency_code": claim.frequency_code,
        "payer_claim_control_number": claim.payer_claim_control_number,
        "submitted_on": claim.submitted_on,
        "segment_index": claim.segment_index,
        "group_control_number": str(sending.control_number),
        "transaction_control_number": (transaction.control_number or "").lstrip("0"),
    }
    await session.execute(insert(tables.SubmittedClaim).values(row).on_conflict_do_nothing())


async def _answer_to(session: AsyncSession, sending: Sending, request: RecordAnswerInput) -> Answer | None:
    """The answer's row where it accepts or rejects what was sent with `sending`, else None."""
    if sending.state != SENT:
        return None
    claims = await session.get(ClaimAcknowledgement, request.answer.acknowledgement_id)
    if claims is not None:
        rejects = any(status["category"] in REJECTED_CATEGORIES for status in claims.statuses)
        earlier = claims.acknowledged_on is not None and claims.acknowledged_on < _sent_on(sending)
        return claims if (claims.accepted or rejects) and not earlier else None
    batch = await session.get(BatchAcknowledgement, request.answer.acknowledgement_id)
    ours = batch is not None and batch.group_control_number == str(sending.control_number)
    return batch if ours else None


async def _accepted(
    session: AsyncSession, case: DenialCase, sending: Sending, request: RecordAnswerInput
) -> None:
    """The status stays; the answer is the proof that the claim was filed in time."""
    acknowledgement = str(request.answer.acknowledgement_id)
    sending.proof = {**sending.proof, "acknowledgement": acknowledgement}
    summary = "The payer took the corrected claim in; its 277CA is the proof of timely filing."
    event_id = request.answer.event_id
    enter(session, case, event_id, kind=Step.ACCEPTED, summary=summary, actor=WORKFLOW, at=request.at)
    if case.status == CaseStatus.SUBMITTED:
        await tell_advanced(session, case, Step.ACCEPTED, event_id)


async def _reason(session: AsyncSession, case: DenialCase, answer: Answer) -> str:
    """In the words of the list of rejections."""
    found = await session.scalars(
        select(col(Rejection.reason))
        .where(col(Rejection.claim_id) == case.claim_id, col(Rejection.file_sha256) == answer.file_sha256)
        .order_by(col(Rejection.created_at).desc())
        .limit(1)
    )
    reason = found.one_or_none() or "the list of rejections says why."
    return reason if reason.endswith(".") else f"{reason}."
