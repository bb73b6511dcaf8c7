"""What a new adjudication means for a claim's case: open one, tell the one that is open, or neither."""

from collections.abc import Collection, Sequence
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
from overturn.domain.settlement import Standing, standing_after
from overturn.events import CaseAdvanced, DenialClassified, Event
from services.classifier.adjudications import Decided

ACTOR = "classifier"


class ClaimHistory:
    """A claim's adjudications in the order of their dates, with the cases they led to.

    Which cases there are must not depend on when a file arrived: a denial opens a case even when the
    remittance that pays it is here already, and that remittance then closes the case as recovered.
    """

    def __init__(
        self, claim: tables.Claim, decided: Sequence[Decided], cases: Sequence[tables.DenialCase]
    ) -> None:
        self._claim = claim
        self._decided = sorted(decided, key=lambda d: d.adjudication.order)
        self._rounds = [c.round_number for c in cases]
        self._worked = {c.claim_payment_id for c in cases}
        self._open_case = next((c.id for c in cases if c.status != CaseStatus.RESOLVED), None)

    async def take_in(self, session: AsyncSession, payment_ids: Collection[UUID]) -> list[Event]:
        """Bring the cases in line with what has just arrived; returns the events that follow."""
        following: list[Event] = []
        for place, arrived in enumerate(self._decided):
            payment_id = arrived.adjudication.payment_id
            if payment_id not in payment_ids or payment_id in self._worked:
                continue
            if self._open_case is not None:
                following.append(self._advanced(arrived))
                continue
            standing = self._standing_after(arrived)
            if standing.in_force == arrived.adjudication and standing.denied_amount > ZERO:
                following.append(await self._open(session, standing, arrived))
                following += [self._advanced(later) for later in self._decided[place + 1 :]]
        return following

    def _standing_after(self, decided: Decided) -> Standing:
        return standing_after(
            decided.adjudication,
            (d.adjudication for d in self._decided),
            charge_amount=self._claim.charge_amount,
        )

    def _advanced(self, arrived: Decided) -> CaseAdvanced:
        payment_id = arrived.adjudication.payment_id
        assert self._open_case is not None  # noqa: S101 - asked only with a case open
        return CaseAdvanced(
            event_id=identifiers.event_id(CaseAdvanced.topic, self._open_case, payment_id),
            claim_id=self._claim.id,
            case_id=self._open_case,
            step=Step.REMITTANCE,
            claim_payment_id=payment_id,
        )

    async def _open(self, session: AsyncSession, standing: Standing, denied: Decided) -> DenialClassified:
        round_number = max(self._rounds, default=0) + 1
        opened = await open_case(session, self._claim.id, round_number, standing, denied)
        self._open_case = opened.case_id
        self._rounds.append(round_number)
        self._worked.add(denied.adjudication.payment_id)
        return opened


async def open_case(
    session: AsyncSession, claim_id: UUID, round_number: int, standing: Standing, in_force: Decided
) -> DenialClassified:
    """Write the case with its denials and the first line of its timeline."""
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
