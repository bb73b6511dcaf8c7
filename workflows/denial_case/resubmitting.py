"""A corrected claim is asked for: under which number, with which corrections, and as which bytes it goes."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Sequence, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.received_files import stored_content
from overturn.db.submissions import CONTENT
from overturn.db.tables import Claim, ClaimPayment, DenialCase, Sending, StepWords, SubmittedClaim
from overturn.domain.channel_names import ChannelName
from overturn.domain.codes import Action
from overturn.domain.denial_case import StepRefusedError
from overturn.domain.resubmission import RESUBMITTED, Corrections, Resubmission
from overturn.x12.writing import ClaimFileError, envelope_like, write_resubmissions
from workflows.denial_case.types import Correction, PersonsStep, ResubmitInput

CLAIMS: Final = ChannelName.CLEARINGHOUSE
"""`Sending.channel` of a claim laid into the claims folder."""

NO_ORIGINAL: Final = (
    "The claim as you sent it (837P) is not on record. Load its file, or correct the claim in your billing "
    "software and mark it as submitted."
)
NUMBERS: Final = Sequence("interchange_control_number")
_CORRECTIONS: Final = TypeAdapter(Corrections)


def written_corrections(corrections: Corrections) -> str:
    """As a step keeps them among its words."""
    return _CORRECTIONS.dump_json(corrections).decode()


async def ask_for_claim(
    session: AsyncSession, case: DenialCase, step: ResubmitInput, corrections: str, *, at: datetime
) -> None:
    """Draw a number and write down that the claim is to go; raises StepRefusedError where it could not be
    written so."""
    if case.action not in RESUBMITTED:
        raise StepRefusedError("This denial is not answered by a claim. Send what the next step names.")
    earlier = select(func.count()).where(col(Sending.case_id) == case.id, col(Sending.channel) == CLAIMS)
    sending = Sending(
        id=step.step_id,
        case_id=case.id,
        level=(await session.scalar(earlier) or 0) + 1,
        channel=CLAIMS,
        state="asked",
        control_number=await session.scalar(NUMBERS.next_value().select()),
        asked_at=at,
    )
    try:
        await _claim_file(session, case, sending, corrections)
    except ClaimFileError as refused:
        raise StepRefusedError(str(refused)) from None
    session.add(sending)


async def correction_set_off(session: AsyncSession, case: DenialCase, step: PersonsStep) -> Correction | None:
    """The corrected claim that this step, which was taken, put on its way."""
    if not isinstance(step, ResubmitInput):
        return None
    sending = await session.get_one(Sending, step.step_id)
    return Correction(case_id=case.id, level=sending.level, channel=CLAIMS, step_id=sending.id)


async def claim_file(session: AsyncSession, case: DenialCase, sending: Sending) -> bytes:
    """The 837P of a corrected claim that was asked for: the same bytes however often it is called."""
    kept = await session.get_one(StepWords, sending.id)
    return await _claim_file(session, case, sending, kept.words)


async def _claim_file(session: AsyncSession, case: DenialCase, sending: Sending, corrections: str) -> bytes:
    original = await _last_submission(session, case)
    number = sending.control_number or 0
    envelope = envelope_like(
        b"".join([piece async for piece in stored_content(session, original.file_sha256)]),
        control_number=number,
        batch_reference=f"OVERTURN{number}",
        written_at=sending.asked_at,
    )
    resubmission = Resubmission(
        CONTENT.validate_python(original.content),
        RESUBMITTED[Action(case.action)],
        await _payers_number(session, case),
        _CORRECTIONS.validate_json(corrections),
    )
    try:
        return write_resubmissions([resubmission], envelope)
    except ClaimFileError as refused:
        # This goes through Temporal: the number may name the patient, and the page says which claim it is.
        name = f"Claim {resubmission.original.patient_control_number}"
        raise ClaimFileError([fault.replace(name, "The claim") for fault in refused.faults]) from None


async def _last_submission(session: AsyncSession, case: DenialCase) -> SubmittedClaim:
    found = await session.scalars(
        select(SubmittedClaim)
        .where(col(SubmittedClaim.claim_id) == case.claim_id)
        .order_by(col(SubmittedClaim.submitted_on).desc().nulls_last(), col(SubmittedClaim.created_at).desc())
        .limit(1)
    )
    original = found.one_or_none()
    if original is None:
        raise ClaimFileError([NO_ORIGINAL])
    return original


async def _payers_number(session: AsyncSession, case: DenialCase) -> str:
    """The payer's claim control number of the answer in force, else of the one the case is about."""
    claim = await session.get_one(Claim, case.claim_id)
    ids = [claim.current_payment_id, case.claim_payment_id]
    for payment_id in ids:
        payment = await session.get(ClaimPayment, payment_id) if payment_id else None
        if payment is not None and payment.payer_claim_control_number:
            return payment.payer_claim_control_number
    return ""
