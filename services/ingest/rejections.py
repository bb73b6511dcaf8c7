"""277CA and 999 answers that refuse a claim become rejections, each with its filing limit."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.rejections import close_answered
from overturn.db.tables import ClaimAcknowledgement, Rejection
from overturn.domain import identifiers
from overturn.domain.rejections import RejectionSource, claim_codes, claim_reason
from overturn.filing_limits import filing_limits, limit_columns
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook, load_rulebook


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
    limits = await filing_limits(session, {row["claim_id"] for row in rows}, await rules(session))
    with_dates = {
        row["id"]: {**row, "state": "open", **limit_columns(limits[row["claim_id"]])} for row in rows
    }
    await session.execute(insert(Rejection).on_conflict_do_nothing(), list(with_dates.values()))
    await close_answered(session, set(limits))
