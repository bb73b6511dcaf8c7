"""A batch of adjudicated claims: settle each claim over all its payer said, and bring its case in line."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.adjudications import ClaimAnswers, decide_all
from overturn.db.touched_cases import tell_of_claims
from overturn.domain.remittance import ZERO
from overturn.domain.settlement import Standing
from overturn.events import ClaimAdjudicated
from overturn.rule_sets import RulesInForce
from services.classifier.case_record import known_cases, write_changes
from services.classifier.cases import CaseChange, ClaimHistory


class ClaimClassifier:
    """Handles `claim.adjudicated.v1`. The order of arrival does not matter: a claim is settled anew each
    time over every adjudication that stands in the record."""

    def __init__(self, rules: RulesInForce) -> None:
        self._rules = rules

    async def __call__(self, session: AsyncSession, events: Sequence[ClaimAdjudicated]) -> None:
        news = {e.claim_id: e.event_id for e in events}
        await self.follow(session, news)
        await tell_of_claims(session, news)

    async def follow(self, session: AsyncSession, of: Collection[UUID]) -> dict[UUID, ClaimAnswers]:
        """Bring claims and their cases in line with the record by the rules in force; each one's answers."""
        claims = await _locked_claims(session, of)
        claim_ids = [claim.id for claim in claims]
        rules = await self._rules.current(session)
        decided = await decide_all(session, claim_ids, payers=rules.payers, denials=rules.denials)
        cases = await known_cases(session, claim_ids)
        changes: list[CaseChange] = []
        for claim in claims:
            answers = decided[claim.id]
            _write_standing(claim, answers.settle(claim))
            changes.append(ClaimHistory(claim, answers, cases[claim.id]).follow())
        await write_changes(session, changes)
        return decided


async def _locked_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> Sequence[tables.Claim]:
    """The claims, locked in one order so that two batches cannot wait for each other."""
    found = await session.scalars(
        select(tables.Claim)
        .where(col(tables.Claim.id).in_(claim_ids))
        .order_by(col(tables.Claim.id))
        .with_for_update()
    )
    return found.all()


def _write_standing(claim: tables.Claim, standing: Standing) -> None:
    claim.adjudicated = standing.in_force is not None
    claim.current_payment_id = standing.in_force.payment_id if standing.in_force else None
    claim.charge_amount = standing.charge_amount
    claim.paid_amount = standing.paid_amount
    claim.contractual_amount = standing.contractual_amount
    claim.patient_amount = standing.patient_amount
    claim.denied_amount = standing.denied_amount
    claim.unpriced_amount = standing.unpriced_amount
    claim.imbalance_amount = standing.imbalance_amount
    claim.unanswered_amount = standing.unanswered_amount if claim.adjudicated else ZERO
    claim.taken_back_amount = standing.taken_back_amount
