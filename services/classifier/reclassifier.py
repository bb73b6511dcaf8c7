"""Rules were put in force: every claim is decided anew by them, a page at a time; open cases first.

A claim without an open case is settled as for any answer: what is a denial now opens a case. A case that is
closed stays closed; what the rules make of it is added to its classifications.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.outbox import publish_after_commit
from overturn.db.touched_cases import publish_evidence
from overturn.domain import identifiers
from overturn.domain.denial_case import CaseStatus
from overturn.events import RulesPublished
from overturn.rule_sets import RulesInForce
from services.classifier.case_record import known_cases, write_changes
from services.classifier.claim_classifier import ClaimClassifier
from services.classifier.prepared_records import prepared_records, told_already
from services.classifier.reclassification import judge_closed, published, reclassify

PAGE: Final = 200
FIRST: Final = UUID(int=0)
"""Before every claim."""

log = structlog.get_logger()


class Reclassifier:
    """Handles `rules.published.v1`. A page is one transaction, and its last case begins the event of the
    next, so that killed anywhere it goes on where it was. It decides by the rules in force when the page is
    due: of two publications in a row, both passes end with the later one."""

    def __init__(self, rules: RulesInForce) -> None:
        self._rules = rules
        self._classifier = ClaimClassifier(rules)

    async def __call__(self, session: AsyncSession, events: Sequence[RulesPublished]) -> None:
        for event in events:
            if event.after_claim_id is None:
                page = await _open_cases(session, event.after_case_id)
                await self._decide_page(session, page, event.publication)
                last = {"after_case_id": max(page)} if len(page) == PAGE else {"after_claim_id": FIRST}
                log.info("rules.page", publication=event.publication, cases=len(page))
            else:
                claims = await _other_claims(session, event.after_claim_id)
                await self._settle_page(session, claims, event)
                last = {"after_claim_id": max(claims)} if len(claims) == PAGE else {}
                log.info("rules.page", publication=event.publication, claims=len(claims))
            if last:
                await publish_after_commit(session, [_next_page(event, **last)])

    async def _decide_page(self, session: AsyncSession, page: dict[UUID, UUID], publication: int) -> None:
        """Settle the claims and bring new denials in, as for any answer; then hold each case against it."""
        answers = await self._classifier.follow(session, set(page.values()))
        rules = await self._rules.current(session)
        occasion = published(rules, publication)
        told = await told_already(session, {occasion.note_id(case_id) for case_id in page})
        await write_changes(
            session,
            [
                reclassify(record, answers[record.claim.id], rules=rules, occasion=occasion)
                for record in await prepared_records(session, page)
                if occasion.note_id(record.case.id) not in told
            ],
        )

    async def _settle_page(
        self, session: AsyncSession, claim_ids: Collection[UUID], event: RulesPublished
    ) -> None:
        """Settle claims without an open case; the closed cases they have keep what the rules say of them."""
        answers = await self._classifier.follow(session, claim_ids)
        cases = await known_cases(session, claim_ids)
        opened = [c for c in claim_ids if any(k.row.status == CaseStatus.OPENED for k in cases[c])]
        because = {c: identifiers.deterministic_id("opened", event.event_id, c) for c in opened}
        await publish_evidence(session, because)
        await write_changes(
            session,
            [
                judge_closed(known, answers[claim_id])
                for claim_id in claim_ids
                for known in cases[claim_id]
                if known.row.status == CaseStatus.RESOLVED
            ],
        )


def _next_page(event: RulesPublished, **after: UUID) -> RulesPublished:
    event_id = identifiers.event_id(RulesPublished.topic, event.publication, *after.values())
    return RulesPublished(event_id=event_id, publication=event.publication, **after)


async def _open_cases(session: AsyncSession, after: UUID | None) -> dict[UUID, UUID]:
    """The next open cases by id, each with its claim."""
    case = tables.DenialCase
    query = select(col(case.id), col(case.claim_id)).where(col(case.status) != CaseStatus.RESOLVED)
    if after is not None:
        query = query.where(col(case.id) > after)
    rows = await session.execute(query.order_by(col(case.id)).limit(PAGE))
    return {case_id: claim_id for case_id, claim_id in rows}  # noqa: C416 - dict(rows) is not typed


async def _other_claims(session: AsyncSession, after: UUID) -> Sequence[UUID]:
    """The next claims that a payer has answered and that have no open case."""
    claim, case = tables.Claim, tables.DenialCase
    is_open = select(col(case.id)).where(
        col(case.claim_id) == col(claim.id), col(case.status) != CaseStatus.RESOLVED
    )
    found = await session.scalars(
        select(col(claim.id))
        .where(col(claim.id) > after, col(claim.adjudicated), ~is_open.exists())
        .order_by(col(claim.id))
        .limit(PAGE)
    )
    return found.all()
