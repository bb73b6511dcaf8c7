"""Incidents are found in the record, again and again: what is new opens one, or makes its workflow look."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio.client import Client

from overturn.db.credentialing import HELD, GapClaim, GapKey, by_key, find_gap_claims
from overturn.db.session import Sessions
from overturn.db.tables import CredentialingGap, CredentialingGapClaim, CredentialingGapEvent
from overturn.domain import identifiers
from overturn.domain import workflow_ids as ids
from overturn.domain.credentialing import GapState, is_answered
from overturn.domain.practice_day import practice_date
from overturn.rule_sets import RulesInForce
from workflows.credentialing_gap.types import GapInput
from workflows.credentialing_gap.workflow import CredentialingGapWorkflow
from workflows.keeping import keep_looking
from workflows.task_queues import DENIAL_CASES
from workflows.telling import start_and_tell

EVERY_SECONDS: Final = 60.0
ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('credentialing-gaps'))")


async def keep_gathered(client: Client, sessions: Sessions, rules: RulesInForce) -> None:
    """Look every minute, until cancelled; a part that is away is waited for."""
    await keep_looking(
        lambda: gather_gaps(client, sessions, rules, now=datetime.now(UTC)),
        every=EVERY_SECONDS,
        waits="gaps.wait",
    )


async def gather_gaps(
    client: Client, sessions: Sessions, rules: RulesInForce, *, now: datetime
) -> list[GapKey]:
    """Open what is new and have its workflow look; the incidents that had news. Twice changes nothing."""
    async with sessions.begin() as session:
        await session.execute(ONE_AT_A_TIME)
        rulebook = await rules.current(session)
        found = by_key(await find_gap_claims(session, signs=rulebook.gap_signs, payers=rulebook.payers))
        news = [key for key, claims in found.items() if await _is_news(session, key, claims, now=now)]
    for key in news:
        await look_at_gap(client, key)
    return news


async def look_at_gap(client: Client, key: GapKey) -> None:
    """Start the incident's workflow where none runs, and have it look."""
    await start_and_tell(
        client,
        CredentialingGapWorkflow.run,
        GapInput(gap_id=key.id),
        workflow_id=ids.credentialing_gap(key.payer, key.npi),
        task_queue=DENIAL_CASES,
    )


async def _is_news(session: AsyncSession, key: GapKey, claims: list[GapClaim], *, now: datetime) -> bool:
    """Open the incident, or open it again; True where it has a claim that its workflow has not seen so."""
    gap = await session.get(CredentialingGap, key.id, with_for_update=True)
    if gap is None or gap.state == GapState.CLOSED:
        await _open(session, gap, key, claims, now=now)
        return True
    rows = await session.scalars(
        select(CredentialingGapClaim).where(col(CredentialingGapClaim.gap_id) == gap.id)
    )
    answered = is_answered(GapState(gap.state), gap.effective_on, practice_date(now))
    seen = {(row.claim_id, row.standing, row.case_id) for row in rows if row.remedy or not answered}
    return any((claim.claim_id, claim.standing, claim.case_id) not in seen for claim in claims)


async def _open(
    session: AsyncSession,
    gap: CredentialingGap | None,
    key: GapKey,
    claims: list[GapClaim],
    *,
    now: datetime,
) -> None:
    first, today = next(claim for claim in claims if claim.standing != HELD), practice_date(now)
    if gap is None:
        gap = CredentialingGap(
            id=key.id,
            payer=key.payer,
            payer_key=first.payer_key,
            line_of_business=first.line_of_business,
            npi=key.npi,
            state=GapState.OPEN,
            opened_on=today,
        )
        session.add(gap)
        await session.flush()
    else:
        gap.state = GapState.DATED if gap.effective_on else GapState.OPEN
        gap.version, gap.closed_on = gap.version + 1, None
    session.add(
        CredentialingGapEvent(
            id=identifiers.deterministic_id("gap-opened", gap.id, gap.version),
            gap_id=gap.id,
            kind="opened",
            summary="The payer does not know this provider: its claims are gathered here.",
            actor="workflow",
            happened_at=now,
        )
    )
