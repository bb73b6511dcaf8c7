"""What a claim's standing means for its case: open one, tell the one that is open, or leave it alone."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db import tables
from overturn.domain import identifiers
from overturn.domain.classification import Denial
from overturn.domain.denial_case import CaseStatus, Step
from overturn.domain.remittance import ZERO
from overturn.domain.settlement import Standing
from overturn.events import CaseAdvanced, ClaimAdjudicated, DenialClassified, Event
from services.classifier.adjudications import Decided

ACTOR = "classifier"


async def reconcile_case(
    session: AsyncSession,
    *,
    standing: Standing,
    in_force: Decided | None,
    cases: Sequence[tables.DenialCase],
    arrived: Sequence[ClaimAdjudicated],
) -> list[Event]:
    """Bring the claim's case in line with its standing; returns the events that follow.

    `cases` are all of the claim's, in the order of their rounds; `arrived` the adjudications just read.
    """
    open_case = next((c for c in cases if c.status != CaseStatus.RESOLVED), None)
    if open_case is not None:
        return [_advanced(open_case, a) for a in arrived if a.claim_payment_id != open_case.claim_payment_id]
    if in_force is None or standing.denied_amount <= ZERO:
        return []
    if any(c.claim_payment_id == in_force.adjudication.payment_id for c in cases):
        return []  # this very denial was worked to its end
    round_number = max((c.round_number for c in cases), default=0) + 1
    return [await _open(session, arrived[0].claim_id, round_number, standing, in_force)]


def _advanced(case: tables.DenialCase, arrived: ClaimAdjudicated) -> CaseAdvanced:
    return CaseAdvanced(
        event_id=identifiers.event_id(CaseAdvanced.topic, case.id, arrived.event_id),
        claim_id=arrived.claim_id,
        case_id=case.id,
        step=Step.REMITTANCE,
        claim_payment_id=arrived.claim_payment_id,
    )


async def _open(
    session: AsyncSession, claim_id: UUID, round_number: int, standing: Standing, in_force: Decided
) -> DenialClassified:
    case_id = identifiers.case_id(claim_id, round_number)
    leading = leading_denial(in_force.decision.denials)
    case = _case_row(case_id, claim_id, round_number, standing=standing, in_force=in_force, leading=leading)
    await session.execute(insert(tables.DenialCase).values(case))
    denials = [_denial_row(case_id, case["claim_payment_id"], d) for d in in_force.decision.denials]
    await session.execute(insert(tables.Denial), denials)
    await session.execute(insert(tables.CaseEvent).values(_opening(case, leading)))
    return DenialClassified(
        event_id=identifiers.event_id(DenialClassified.topic, case_id),
        claim_id=claim_id,
        case_id=case_id,
        category=leading.category,
        action=leading.action,
    )


def leading_denial(denials: Sequence[Denial]) -> Denial:
    """The one that names the case: most dollars; of equal ones the first line."""
    return min(denials, key=lambda d: (-d.denied_amount, d.line or 0))


def _case_row(
    case_id: UUID,
    claim_id: UUID,
    round_number: int,
    *,
    standing: Standing,
    in_force: Decided,
    leading: Denial,
) -> dict[str, Any]:
    adjudication = in_force.adjudication
    return {
        "id": case_id,
        "claim_id": claim_id,
        "round_number": round_number,
        "claim_payment_id": adjudication.payment_id,
        "payer_key": in_force.payer.key,
        "payer_name": in_force.payer.name,
        "line_of_business": in_force.payer.line_of_business,
        "category": leading.category,
        "cause": leading.cause,
        "action": leading.action,
        "denied_amount": standing.denied_amount,
        "paid_before_amount": standing.paid_amount,
        "recovered_amount": ZERO,
        "written_off_amount": ZERO,
        "expected_recovery_amount": ZERO,
        "priority": ZERO,
        "priority_reason": "",
        "status": CaseStatus.OPENED,
        "denied_on": adjudication.payment_on,
    }


def _denial_row(case_id: UUID, payment_id: UUID, denial: Denial) -> dict[str, Any]:
    return {
        "id": identifiers.deterministic_id("denial", case_id, denial.line),
        "case_id": case_id,
        "claim_payment_id": payment_id,
        "line_number": denial.line,
        "procedure": denial.procedure,
        "category": denial.category,
        "cause": denial.cause,
        "action": denial.action,
        "appealable": denial.appealable,
        "preventable": denial.preventable,
        "group_code": denial.group,
        "carc": denial.carc,
        "rarcs": list(denial.rarcs),
        "denied_amount": denial.denied_amount,
        "rule_id": denial.rule.id,
        "rule_version": denial.rule.version,
        "rule_source": denial.rule.source,
        "evidence": [asdict(e) for e in denial.evidence],
        "explanation": denial.explanation,
        "guardrail": denial.guardrail,
    }


def _opening(case: dict[str, Any], leading: Denial) -> dict[str, Any]:
    return {
        "id": identifiers.deterministic_id("case-event", case["id"], "classified"),
        "case_id": case["id"],
        "kind": "classified",
        "summary": leading.explanation,
        "actor": ACTOR,
        "amount": case["denied_amount"],
    }
