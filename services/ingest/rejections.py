"""277CA and 999 answers that refuse a claim become rejections, each with its filing limit."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.among import among
from overturn.db.rejections import close_answered
from overturn.db.tables import Claim, ClaimAcknowledgement, Rejection, SubmittedClaim
from overturn.domain import identifiers
from overturn.domain.deadlines import (
    Deadline,
    DeadlineAnswer,
    DeadlineKind,
    StartDates,
    deadline_document,
    derive_deadline,
)
from overturn.domain.rejections import RejectionSource, claim_codes, claim_reason
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook, load_rulebook
from overturn.rulebook.holidays import federal_holidays

LONGEST_WINDOW_YEARS = 5


@cache
def shipped_or_published() -> RulesInForce:
    """One for the process; raises RulebookError where a shipped table is broken."""
    return RulesInForce(load_rulebook())


async def rules(session: AsyncSession) -> Rulebook:
    """The rules in force."""
    return await shipped_or_published().current(session)


async def follow_answers(session: AsyncSession, answers: Sequence[ClaimAcknowledgement]) -> None:
    """Keep the rejections of these claims in step with all their answers."""
    await open_from_answers(session, answers)
    await close_answered(session, {answer.claim_id for answer in answers if answer.claim_id})


async def open_from_answers(session: AsyncSession, answers: Iterable[ClaimAcknowledgement]) -> None:
    """A rejection for each 277CA answer that refuses its claim; the same one in another file is one."""
    found, labels = [], (await rules(session)).rejections
    for answer in answers:
        if answer.claim_id and (codes := claim_codes(answer.statuses)):
            told = (answer.acknowledged_on, *codes)
            found.append(
                {
                    "id": identifiers.deterministic_id("rejection", answer.claim_id, "277CA", *told),
                    "claim_id": answer.claim_id,
                    "file_sha256": answer.file_sha256,
                    "source": RejectionSource.CLAIM,
                    "codes": codes,
                    "reason": claim_reason(codes, labels),
                    "rejected_on": answer.acknowledged_on,
                }
            )
    await open_rejections(session, found)


async def open_rejections(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store rejections with their deadlines; one that is there already stays as it is, done ones too."""
    if not rows:
        return
    deadlines = await _deadlines(session, {row["claim_id"] for row in rows})
    with_dates = {row["id"]: {**row, "state": "open", **deadlines[row["claim_id"]]} for row in rows}
    await session.execute(insert(Rejection).on_conflict_do_nothing(), list(with_dates.values()))
    await close_answered(session, set(deadlines))


async def _deadlines(session: AsyncSession, claim_ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    indicator = col(SubmittedClaim.content)["filing_indicator"].astext
    found = await session.execute(
        select(Claim.__table__, indicator.label("indicator"))  # type: ignore[attr-defined]  # SQLModel has it
        .outerjoin(SubmittedClaim, col(SubmittedClaim.claim_id) == col(Claim.id))
        .where(among(col(Claim.id), claim_ids))
        .order_by(col(SubmittedClaim.submitted_on).nulls_first(), col(SubmittedClaim.created_at))
    )
    deadlines, rulebook = {}, await rules(session)
    for claim in found:  # of several submissions the last one counts
        answer = filing_deadline(
            rulebook,
            payer_name=claim.payer_name,
            payer_identifier=claim.payer_identifier,
            filing_indicator=claim.indicator,
            service_on=claim.service_from,
        )
        due_on = answer.due_on if isinstance(answer, Deadline) else None
        deadlines[claim.id] = {"due_on": due_on, "deadline": deadline_document(answer)}
    return deadlines


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
    first = service_on.year if service_on else None
    return derive_deadline(
        DeadlineKind.CLAIM,
        windows=rulebook.filing_windows,
        payer_key=payer.key,
        line_of_business=payer.line_of_business,
        starts=StartDates(service_on=service_on),
        state=payer.state,
        holidays=federal_holidays(first, first + LONGEST_WINDOW_YEARS) if first else frozenset(),
    )
