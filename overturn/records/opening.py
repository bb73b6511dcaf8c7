"""A payer's request for records is written down once, with what is at stake and its last day."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.submissions import latest_submissions
from overturn.db.tables import (
    Claim,
    ClaimAcknowledgement,
    ClaimPayment,
    DenialCase,
    RecordsRequest,
    RecordsRequestEvent,
)
from overturn.domain import identifiers
from overturn.domain.codes import format_dollars
from overturn.domain.denial_case import CaseStatus, StepRefusedError
from overturn.domain.payers import PayerContext
from overturn.domain.practice_day import practice_date
from overturn.domain.records_request import (
    OUTSIDERS,
    ClaimMoney,
    Notice,
    Requester,
    RequestStatus,
    stake,
)
from overturn.records.deadline import derive_request_deadline
from overturn.records.documents import askable_documents
from overturn.records.timeline import note, set_deadline
from overturn.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a person reads off a payer's request. The claim is named by its case or by its number."""

    step_id: UUID
    actor_id: UUID
    requester: Requester
    notice: Notice
    requested_on: date
    printed_due_on: date | None = None
    requester_name: str = ""
    reference: str = ""
    documents: tuple[str, ...] = ()
    other_documents: str = ""
    case_id: UUID | None = None
    claim_number: str = ""


async def open_request(session: AsyncSession, new: NewRequest, *, rulebook: Rulebook, at: datetime) -> UUID:
    """Write the request down with its last day; the same form again gives the same request.

    Raises:
        StepRefusedError: it does not fit, the claim is not known, or it is on record already.
    """
    _check(new, rulebook, today=practice_date(at))
    claim, case = await _claim_of(session, new)
    request_id = identifiers.deterministic_id(
        "records-request", claim.id, new.requested_on, new.reference.casefold()
    )
    await session.refresh(claim, with_for_update=True)  # two who enter the same letter come one after another
    if await session.get(RecordsRequest, request_id) is not None:
        if await session.get(RecordsRequestEvent, new.step_id) is not None:
            return request_id
        raise StepRefusedError(
            "A request of this date and reference for this claim is on record already: it is in the list."
        )
    request = await _request(session, new, request_id, claim, case, rulebook=rulebook, at=at)
    session.add(request)
    await session.flush()
    due = f"due {request.due_on}" if request.due_on else "its last day is unknown: set it"
    summary = f"Records asked for on {new.requested_on}, {format_dollars(request.amount)} at stake; {due}."
    note(session, request, new.step_id, kind="opened", summary=summary, actor=str(new.actor_id), at=at)
    return request_id


def _check(new: NewRequest, rulebook: Rulebook, *, today: date) -> None:
    if new.requested_on > today:
        raise StepRefusedError(f"{new.requested_on} lies in the future. Give the date of the request.")
    if new.printed_due_on and new.printed_due_on < new.requested_on:
        raise StepRefusedError(f"The last day, {new.printed_due_on}, lies before the request itself.")
    if new.requester in OUTSIDERS and not new.requester_name:
        raise StepRefusedError("Give the contractor's name: the answer goes to it, not to the payer.")
    if not new.documents and not new.other_documents:
        raise StepRefusedError("Say which documents are asked for: tick them, or write them down.")
    unknown = set(new.documents) - {row.document for row in askable_documents(rulebook, None)}
    if unknown:
        raise StepRefusedError("The list of documents has changed since the page was loaded. Reload it.")


async def _claim_of(session: AsyncSession, new: NewRequest) -> tuple[Claim, DenialCase | None]:
    """The claim, and its case where one is open."""
    if new.case_id is not None:
        case = await session.get(DenialCase, new.case_id)
        if case is None or case.status == CaseStatus.RESOLVED:
            raise StepRefusedError("This case is closed. Open the request on the page Records.")
        return await session.get_one(Claim, case.claim_id), case
    claims = await _claims_called(session, new.claim_number)
    if len(claims) != 1:
        found = "is not known" if not claims else "belongs to several claims: open the request from its case"
        raise StepRefusedError(f"The claim number {new.claim_number or '(none)'} {found}.")
    open_case = await session.scalar(
        select(DenialCase).where(
            col(DenialCase.claim_id) == claims[0].id, col(DenialCase.status) != CaseStatus.RESOLVED
        )
    )
    return claims[0], open_case


async def _claims_called(session: AsyncSession, number: str) -> list[Claim]:
    """By our number or the payer's."""
    answered = select(col(ClaimPayment.claim_id)).where(
        col(ClaimPayment.payer_claim_control_number) == number
    )
    accepted = select(col(ClaimAcknowledgement.claim_id)).where(
        col(ClaimAcknowledgement.payer_claim_control_number) == number
    )
    found = await session.scalars(
        select(Claim).where(
            or_(
                col(Claim.patient_control_number) == number,
                col(Claim.id).in_(answered),
                col(Claim.id).in_(accepted),
            )
        )
    )
    return list(found)


async def _request(
    session: AsyncSession,
    new: NewRequest,
    request_id: UUID,
    claim: Claim,
    case: DenialCase | None,
    *,
    rulebook: Rulebook,
    at: datetime,
) -> RecordsRequest:
    payer = await _payer(session, claim, case, rulebook)
    money = ClaimMoney(claim.paid_amount, claim.denied_amount)
    request = RecordsRequest(
        id=request_id,
        claim_id=claim.id,
        case_id=case.id if case else None,
        payer_key=payer.key,
        payer_name=payer.name,
        line_of_business=payer.line_of_business,
        requester=new.requester,
        requester_name=new.requester_name,
        notice=new.notice,
        reference=new.reference,
        requested_on=new.requested_on,
        printed_due_on=new.printed_due_on,
        documents=list(new.documents),
        other_documents=new.other_documents,
        amount=stake(charged=claim.charge_amount, adjudicated=claim.adjudicated, money=money),
        paid_before_amount=money.paid,
        denied_before_amount=money.denied,
        seen_payment_id=claim.current_payment_id,
        status=RequestStatus.GATHERING,
        alarms_done=at,
        assigned_to=(case.assigned_to if case else None) or new.actor_id,
        opened_at=at,
    )
    answer = derive_request_deadline(request, service_from=claim.service_from, rulebook=rulebook)
    set_deadline(request, answer)
    return request


async def _payer(
    session: AsyncSession, claim: Claim, case: DenialCase | None, rulebook: Rulebook
) -> PayerContext:
    if case is not None:
        found = rulebook.payers.find(case.payer_key)
        return PayerContext(
            case.payer_key, case.payer_name, case.line_of_business, found.state if found else None
        )
    payment = await session.get(ClaimPayment, claim.current_payment_id) if claim.current_payment_id else None
    submitted = (await latest_submissions(session, [claim.id])).get(claim.id)
    indicator = (payment and payment.filing_indicator) or (submitted and submitted.filing_indicator)
    return rulebook.payers.resolve(
        name=claim.payer_name, identifier=claim.payer_identifier, filing_indicator=indicator or None
    )
