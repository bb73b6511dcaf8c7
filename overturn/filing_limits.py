"""Filing limits of rejected claims: derived when one is listed, and again when rules change."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.batches import in_batches
from overturn.db.rejections import OPEN
from overturn.db.tables import Claim, Rejection, SubmittedClaim
from overturn.domain.deadline_changes import MOVED, move_words, moved_to
from overturn.domain.deadlines import (
    Deadline,
    DeadlineAnswer,
    DeadlineKind,
    StartDates,
    deadline_document,
    derive_deadline,
)
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import holidays_from, state_holidays_from


async def filing_limits(
    session: AsyncSession, claim_ids: Collection[UUID], rulebook: Rulebook
) -> dict[UUID, DeadlineAnswer]:
    """The limit of each claim; of several submissions the last one counts."""
    indicator = col(SubmittedClaim.content)["filing_indicator"].astext
    found = await session.execute(
        select(Claim.__table__, indicator.label("indicator"))  # type: ignore[attr-defined]  # SQLModel has it
        .outerjoin(SubmittedClaim, col(SubmittedClaim.claim_id) == col(Claim.id))
        .where(among(col(Claim.id), claim_ids))
        .order_by(col(SubmittedClaim.submitted_on).nulls_first(), col(SubmittedClaim.created_at))
    )
    return {
        claim.id: filing_deadline(
            rulebook,
            payer_name=claim.payer_name,
            payer_identifier=claim.payer_identifier,
            filing_indicator=claim.indicator,
            service_on=claim.service_from,
        )
        for claim in found
    }


def filing_deadline(
    rulebook: Rulebook,
    *,
    payer_name: str | None,
    payer_identifier: str | None,
    filing_indicator: str | None,
    service_on: date | None,
) -> DeadlineAnswer:
    """By when the claim must reach the payer: its timely filing limit, counted from the first service."""
    payer = rulebook.payers.resolve(
        name=payer_name, identifier=payer_identifier, filing_indicator=filing_indicator
    )
    return derive_deadline(
        DeadlineKind.CLAIM,
        windows=rulebook.filing_windows,
        payer_key=payer.key,
        line_of_business=payer.line_of_business,
        starts=StartDates(service_on=service_on),
        state=payer.state,
        holidays=holidays_from(service_on.year) if service_on else frozenset(),
        state_holidays=state_holidays_from(payer.state, service_on.year) if service_on else frozenset(),
    )


async def move_filing_limits(session: AsyncSession, rulebook: Rulebook) -> int:
    """Give every open rejection the limit that rules, calendar and record give now; how many moved.

    What it was before and why it moved stands in its document. One that is over is a limit all the same.
    """
    moved = 0
    open_ones = select(Rejection).where(col(Rejection.state) == OPEN).with_for_update(skip_locked=True)
    async for batch in in_batches(session, open_ones):
        limits = await filing_limits(session, {row.claim_id for (row,) in batch}, rulebook)
        moved += sum(_move(row, limits[row.claim_id]) for (row,) in batch)
    return moved


def limit_columns(limit: DeadlineAnswer) -> dict[str, Any]:
    """A limit as a rejection keeps it: the day, where one is known, and how it was derived."""
    due_on = limit.due_on if isinstance(limit, Deadline) else None
    return {"due_on": due_on, "deadline": deadline_document(limit)}


def _move(row: Rejection, answer: DeadlineAnswer) -> bool:
    limit = limit_columns(answer)
    after = moved_to(row.deadline, limit["deadline"])
    if after is None:
        return False
    row.due_on = limit["due_on"]
    row.deadline = after | {MOVED: move_words(row.deadline, after)}
    return True
