"""The cases of some claims, read from the record and written to it; a batch at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outbox import publish_after_commit
from overturn.db.tables import CaseEvent, Classification, Denial, DenialCase
from overturn.domain.denial_case import Step
from services.classifier import case_rows
from services.classifier.case_rows import Row
from services.classifier.cases import CaseChange, KnownCase


async def known_cases(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, list[KnownCase]]:
    """Each claim's cases by round, locked: no case is closed between what is read here and the commit."""
    rows: Sequence[DenialCase] = (
        await session.scalars(
            select(DenialCase)
            .where(col(DenialCase.claim_id).in_(claim_ids))
            .order_by(col(DenialCase.claim_id), col(DenialCase.round_number))
            .with_for_update()
        )
    ).all()
    case_ids = [row.id for row in rows]
    lines = await _denied_lines(session, case_ids)
    weighed = await _by_case(
        session, case_ids, CaseEvent, col(CaseEvent.id), col(CaseEvent.kind) == Step.REMITTANCE
    )
    cases: dict[UUID, list[KnownCase]] = defaultdict(list)
    for row in rows:
        held = lines[row.id]
        unpriced = frozenset(place for place, amount in held.items() if amount)
        cases[row.claim_id].append(KnownCase(row, frozenset(held), frozenset(weighed[row.id]), unpriced))
    return cases


async def write_changes(session: AsyncSession, changes: Iterable[CaseChange]) -> None:
    """Write cases, denials, timelines and events."""
    changes = list(changes)
    cases = [change.case for change in changes if change.case]
    denials = [row for change in changes for row in change.denials]
    await _upsert(session, DenialCase, cases)
    await _upsert(session, Denial, denials)
    judged = [row for change in changes for row in change.judged]
    await _keep(session, [case_rows.classification_row(denial) for denial in (*denials, *judged)])
    await _forget_others(session, cases, denials)
    await _upsert(session, CaseEvent, [row for change in changes for row in change.timeline])
    await publish_after_commit(session, [event for change in changes for event in change.events])


async def _keep(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Add to the history of classifications; nothing in it is ever changed."""
    if rows:
        await session.execute(insert(Classification).on_conflict_do_nothing(), rows)


async def _forget_others(session: AsyncSession, cases: Sequence[Row], denials: Sequence[Row]) -> None:
    """A case written anew, on an earlier denial, may hold fewer lines than before."""
    if cases:
        await session.execute(
            delete(Denial).where(
                col(Denial.case_id).in_([row["id"] for row in cases]),
                col(Denial.id).not_in([row["id"] for row in denials]),
            )
        )


async def _denied_lines(
    session: AsyncSession, case_ids: Sequence[UUID]
) -> dict[UUID, dict[tuple[UUID, int | None], Decimal]]:
    """Each case's lines, with the most that one without a price can be worth."""
    lines: dict[UUID, dict[tuple[UUID, int | None], Decimal]] = defaultdict(dict)
    for denial in await session.scalars(select(Denial).where(col(Denial.case_id).in_(case_ids))):
        lines[denial.case_id][denial.claim_payment_id, denial.line_number] = denial.unpriced_amount
    return lines


async def _by_case(
    session: AsyncSession, case_ids: Sequence[UUID], table: type[Any], value: Any, *where: Any
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    if case_ids:
        pairs = await session.execute(select(table.case_id, value).where(table.case_id.in_(case_ids), *where))
        for case_id, one in pairs:
            found[case_id].append(one)
    return found


async def _upsert(session: AsyncSession, table: type[Any], rows: Sequence[Row]) -> None:
    if rows:
        statement = insert(table)
        anew = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=anew), rows)
