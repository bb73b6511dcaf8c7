"""835: a remittance with its claims; the same remittance under another file name or envelope is passed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.bulk import insert_rows
from overturn.db.known_numbers import submitted_by_number, submitted_by_payer_number
from overturn.db.matching import match_certain
from overturn.db.rejections import close_answered
from overturn.db.remittances import (
    complete_remittance,
    enter_remittance,
    full_name,
    payee_npi,
    store_claim_payments,
)
from overturn.db.tables import Claim
from overturn.db.take_backs import pair_provider_adjustments
from overturn.domain import identifiers
from overturn.domain.remittance import ClaimPayment, Remittance
from overturn.events import ClaimAdjudicated
from overturn.x12 import Finding, Severity
from services.ingest.blocks import Stretch
from services.ingest.posted import Posted


async def post(session: AsyncSession, stretch: Stretch, file_sha256: str) -> Posted:
    """Store claims of one remittance and tell of each; with its last ones, what stands behind them."""
    remittance, end = stretch.remittance, stretch.end
    if not await enter_remittance(session, stretch.id, remittance, file_sha256=file_sha256):
        return Posted([], 0, [_resent(remittance)] if end else [])
    claims = dict(enumerate(stretch.claims, start=stretch.first))
    claim_ids = await _claim_ids(session, stretch, claims)
    await _enter_claims(session, remittance, [(claim_ids[p], claim) for p, claim in claims.items()])
    answered = {position: (claim_ids[position], claim) for position, claim in claims.items()}
    await store_claim_payments(session, stretch.id, remittance.payment_on, answered)
    if end:
        await complete_remittance(session, stretch.id, remittance, end.balance)
    await close_answered(session, set(claim_ids.values()))
    await match_certain(session, answered=set(claim_ids.values()))
    if end:
        await pair_provider_adjustments(session, stretch.id)
    return Posted(_events(stretch.id, claim_ids), len(claims), [])


def _events(remittance_id: UUID, claim_ids: dict[int, UUID]) -> list[Any]:
    events = []
    for position, claim in claim_ids.items():
        payment = identifiers.claim_payment_id(remittance_id, position)
        events.append(
            ClaimAdjudicated(
                event_id=identifiers.event_id(ClaimAdjudicated.topic, payment),
                claim_id=claim,
                claim_payment_id=payment,
                remittance_id=remittance_id,
            )
        )
    return events


async def _claim_ids(
    session: AsyncSession, stretch: Stretch, claims: dict[int, ClaimPayment]
) -> dict[int, UUID]:
    """Which claim each CLP answers: ours by NPI and patient control number; failing that the only submitted
    claim with that number (some payers name the payee by tax id); failing that the only one of this member
    that the payer's own number was seen with; failing that a claim not seen before."""
    npi = payee_npi(stretch.remittance)
    submitted = await submitted_by_number(session, [c.patient_control_number for c in claims.values()])
    ids, astray = {}, {}
    for position, claim in claims.items():
        number = claim.patient_control_number or _unnumbered(stretch.id, position)
        own = identifiers.claim_id(npi, number)
        candidates = submitted[number]
        ids[position] = candidates[0] if own not in candidates and len(candidates) == 1 else own
        if not candidates:
            astray[position] = claim
    return ids | await _by_payer_number(session, astray)


async def _by_payer_number(session: AsyncSession, claims: dict[int, ClaimPayment]) -> dict[int, UUID]:
    if not claims:
        return {}
    seen = await submitted_by_payer_number(session, [c.payer_claim_control_number for c in claims.values()])
    found = {}
    for position, claim in claims.items():
        candidates = seen.get((claim.payer_claim_control_number, claim.member_identifier), [])
        if len(candidates) == 1:
            found[position] = candidates[0]
    return found


def _unnumbered(remittance_id: UUID, position: int) -> str:
    """A claim without CLP01 is kept under a number of our own making."""
    return f"unnumbered-{remittance_id}-{position}"


async def _enter_claims(
    session: AsyncSession, remittance: Remittance, claims: Iterable[tuple[UUID, ClaimPayment]]
) -> None:
    """Claims that no 837P of ours brought are entered from the remittance, marked as not submitted."""
    rows = {claim_id: _claim_row(remittance, claim, claim_id) for claim_id, claim in claims}
    await insert_rows(session, Claim, [rows[claim] for claim in sorted(rows)], unless_there=True)


def _claim_row(remittance: Remittance, claim: ClaimPayment, claim_id: UUID) -> dict[str, Any]:
    dates = [line.service_on for line in claim.service_lines if line.service_on]
    return {
        "id": claim_id,
        "patient_control_number": claim.patient_control_number or str(claim_id),
        "billing_npi": payee_npi(remittance),
        "payer_name": remittance.payer.name,
        "payer_identifier": remittance.payer.identifier or remittance.payer_identifier,
        "patient_name": full_name(claim.patient),
        "member_identifier": claim.member_identifier,
        "charge_amount": abs(claim.charge_amount),
        "service_from": claim.service_from or min(dates, default=None),
        "service_to": claim.service_to or max(dates, default=None),
        "submitted": False,
        "adjudicated": False,
        "paid_amount": 0,
        "contractual_amount": 0,
        "patient_amount": 0,
        "denied_amount": 0,
        "imbalance_amount": 0,
    }


def _resent(remittance: Remittance) -> Finding:
    return Finding(
        code="resent-remittance",
        message=(
            f"The remittance with trace number {remittance.trace_number or '(none)'} came before "
            "in another file; nothing of it was posted again."
        ),
        segment_index=remittance.segment_index,
        segment="ST",
        element=None,
        severity=Severity.ENVELOPE,
    )
