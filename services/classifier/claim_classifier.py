"""A batch of adjudicated claims: settle each claim over all its payer said, and bring its case in line."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.outbox import publish_after_commit
from overturn.domain.settlement import Standing, settle
from overturn.events import ClaimAdjudicated, Event
from overturn.rulebook import Rulebook
from services.classifier.adjudications import decide_all
from services.classifier.cases import ClaimHistory


class ClaimClassifier:
    """Handles `claim.adjudicated.v1`. The order of arrival does not matter: a claim is settled anew each
    time over every adjudication that stands in the record."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    async def __call__(self, session: AsyncSession, events: Sequence[ClaimAdjudicated]) -> None:
        claims = await _locked_claims(session, {e.claim_id for e in events})
        claim_ids = [claim.id for claim in claims]
        decided = await decide_all(session, claim_ids, self._rulebook)
        cases = await _cases(session, claim_ids)
        arrived = {e.claim_payment_id for e in events}
        following: list[Event] = []
        for claim in claims:
            adjudications = [d.adjudication for d in decided[claim.id]]
            _write_standing(claim, settle(adjudications, charge_amount=claim.charge_amount))
            history = ClaimHistory(claim, decided[claim.id], cases[claim.id])
            following += await history.take_in(session, arrived)
        await publish_after_commit(session, following)


async def _locked_claims(session: AsyncSession, claim_ids: Collection[UUID]) -> Sequence[tables.Claim]:
    """The claims, locked in one order so that two batches cannot wait for each other."""
    found = await session.scalars(
        select(tables.Claim)
        .where(col(tables.Claim.id).in_(claim_ids))
        .order_by(col(tables.Claim.id))
        .with_for_update()
    )
    return found.all()


async def _cases(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, list[tables.DenialCase]]:
    found = await session.scalars(
        select(tables.DenialCase)
        .where(col(tables.DenialCase.claim_id).in_(claim_ids))
        .order_by(col(tables.DenialCase.round_number))
    )
    cases: dict[UUID, list[tables.DenialCase]] = defaultdict(list)
    for case in found:
        cases[case.claim_id].append(case)
    return cases


def _write_standing(claim: tables.Claim, standing: Standing) -> None:
    claim.adjudicated = standing.in_force is not None
    claim.current_payment_id = standing.in_force.payment_id if standing.in_force else None
    claim.paid_amount = standing.paid_amount
    claim.contractual_amount = standing.contractual_amount
    claim.patient_amount = standing.patient_amount
    claim.denied_amount = standing.denied_amount
    claim.imbalance_amount = standing.imbalance_amount
