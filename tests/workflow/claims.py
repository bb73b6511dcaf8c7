"""Corrected claims at the desk: what was sent first, the step that corrects it, and what is answered."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.db.received_files import store_file
from overturn.db.submissions import CONTENT
from overturn.domain import workflow_ids as ids
from overturn.domain.resubmission import Corrections, LineCorrection
from overturn.domain.submission import SubmittedClaim
from overturn.events import ClaimAcknowledged
from overturn.x12 import read_file
from services.classifier.claim_teller import ClaimTeller
from tests.unit.x12.interchanges import encoded, interchange, transaction
from tests.workflow.office import Office
from tests.workflow.record import Record
from workflows.denial_case.resubmitting import written_corrections
from workflows.denial_case.types import ResubmitInput, StepResult

KX = Corrections(lines=(LineCorrection(1, add_modifiers=("KX",)),))
SENT = (
    "BHT*0019*00*OLD*20260110*0900*CH",
    "NM1*41*2*HILLSIDE*****46*TIN1",
    "PER*IC*DESK*TE*5550100100",
    "NM1*40*2*HOUSE*****46*CH1",
    "HL*1**20*1",
    "NM1*85*2*HILLSIDE*****XX*1999999984",
    "N3*1 HILL ST",
    "N4*COLUMBUS*OH*432150000",
    "REF*EI*311234567",
    "HL*2*1*22*0",
    "SBR*P*18*******MB",
    "NM1*IL*1*PATIENT*GENERATED****MI*MEMBER1",
    "NM1*PR*2*GENERATED PAYER*****PI*60054",
    "CLM*{number}*150***11:B:1*Y*A*Y*Y",
    "HI*ABK:M25561",
    "LX*1",
    "SV1*HC:97110:GP*120*UN*2***1",
    "DTP*472*D8*20260105",
    "LX*2",
    "SV1*HC:97140:GP*30*UN*1***1",
    "DTP*472*D8*20260105",
)


def claims_in(data: bytes) -> list[SubmittedClaim]:
    contents = (t.content for t in read_file(data).transactions)
    return [c for x in contents if isinstance(x, list) for c in x if isinstance(c, SubmittedClaim)]


async def approved(office: Office, *, action: str = "corrected_claim", on_record: bool = True) -> UUID:
    """A case whose correction is approved; what was sent first is on record."""
    case_id = await office.open(action=action, category="coding")
    if on_record:
        await keep_original(office.record, case_id)
    await office.approve(case_id)
    return case_id


async def keep_original(record: Record, case_id: UUID) -> None:
    body = [segment.format(number=f"PCN{case_id.hex[:8]}") for segment in SENT]
    data = encoded(interchange(transaction("837", *body), version="005010X222A1"))
    (claim,) = claims_in(data)
    digest = sha256(data).hexdigest()
    async with record.sessions.begin() as session:
        case = await session.get_one(tables.DenialCase, case_id)
        row = {"sha256": digest, "file_name": "sent.837", "source": "command", "size_bytes": len(data)}
        await store_file(session, row, BytesIO(data))
        session.add(
            tables.SubmittedClaim(
                id=uuid4(),
                claim_id=case.claim_id,
                file_sha256=digest,
                content=CONTENT.dump_python(claim, mode="json"),
                submitted_on=claim.submitted_on,
                segment_index=claim.segment_index,
            )
        )


async def resubmit(
    office: Office, case_id: UUID, version: int = 2, corrections: Corrections = KX
) -> StepResult:
    return await office.step(case_id, ResubmitInput, version, written_corrections(corrections))


async def sendings(office: Office, case_id: UUID) -> Sequence[tables.Sending]:
    async with office.record.sessions() as session:
        found = await session.scalars(
            select(tables.Sending)
            .where(col(tables.Sending.case_id) == case_id)
            .order_by(col(tables.Sending.level))
        )
        return found.all()


async def file_of(office: Office, case_id: UUID) -> Path:
    return office.claims / f"corrected-{(await sendings(office, case_id))[-1].control_number}.837"


async def answer_claim(
    office: Office, case_id: UUID, category: str, *, days_ago: int = 0, times: int = 1
) -> None:
    """A 277CA as the intake posts it, and as the classifier's consumer tells of it."""
    answered_on = await office.today() - timedelta(days=days_ago)
    async with office.record.sessions.begin() as session:
        case = await session.get_one(tables.DenialCase, case_id)
        row = tables.ClaimAcknowledgement(
            id=uuid4(),
            claim_id=case.claim_id,
            file_sha256="0" * 64,
            accepted=category == "A2",
            statuses=[{"category": category, "status": "33", "entity": None}],
            acknowledged_on=answered_on,
            segment_index=1,
        )
        session.add(row)
        if category == "A7":
            session.add(rejection(case.claim_id, "277CA", "The subscriber is not known."))
        told = ClaimAcknowledged(
            event_id=uuid4(), claim_id=case.claim_id, acknowledgement_id=row.id, accepted=row.accepted
        )
    await tell(office, told, times)


async def refuse_batch(office: Office, case_id: UUID, control_number: str) -> None:
    """A 999, likewise."""
    async with office.record.sessions.begin() as session:
        case = await session.get_one(tables.DenialCase, case_id)
        row = tables.BatchAcknowledgement(
            id=uuid4(),
            file_sha256="0" * 64,
            group_control_number=control_number,
            status="R",
            codes=["5"],
            reason="refused",
            segment_index=1,
        )
        session.add(row)
        session.add(rejection(case.claim_id, "999", "The batch was refused"))
        told = ClaimAcknowledged(
            event_id=uuid4(), claim_id=case.claim_id, acknowledgement_id=row.id, accepted=False
        )
    await tell(office, told, 1)


def rejection(claim_id: UUID, source: str, reason: str) -> tables.Rejection:
    return tables.Rejection(
        id=uuid4(), claim_id=claim_id, file_sha256="0" * 64, source=source, codes=[], reason=reason
    )


async def tell(office: Office, event: ClaimAcknowledged, times: int) -> None:
    teller = ClaimTeller(office.environment.client)
    async with office.record.sessions() as session:
        await teller(session, [event] * times)


async def last_summary(office: Office, case_id: UUID) -> str:
    return (await office.record.timeline(case_id))[-1].summary


async def workflow_ends(office: Office, case_id: UUID, number: int = 1) -> None:
    await office.environment.client.get_workflow_handle(ids.corrected_claim(case_id, number)).result()
