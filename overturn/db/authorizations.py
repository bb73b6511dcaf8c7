"""The practice's authorizations, and what the claims of their patients have used of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.outbox import publish_after_commit
from overturn.db.submissions import latest_submissions
from overturn.db.tables import PayerAuthorization
from overturn.domain import identifiers
from overturn.domain.authorizations import Authorization, AuthorizationUse, Discipline, UsedLine
from overturn.events import EvidenceAdded

_OF_CLAIMS: Final = text("""
    SELECT c.id AS claim_id, a.id AS authorization_id
      FROM payer_authorization a
      JOIN claim c ON a.account = c.member_identifier OR a.account = c.patient_control_number
     WHERE c.id = ANY(:claims)
     ORDER BY a.effective_from, a.id
""")

_PATIENTS_CLAIMS: Final = text("""
    SELECT a.id AS authorization_id, c.id AS claim_id,
           EXISTS (SELECT FROM claim_payment p WHERE p.claim_id = c.id) AS answered
      FROM payer_authorization a
      JOIN claim c ON a.account = c.member_identifier OR a.account = c.patient_control_number
     WHERE a.id = ANY(:authorizations)
""")

# A line counts where, over all answers, something of it was paid or is the patient's to pay; a reversal
# takes its own back.
_ANSWERED_LINES: Final = text("""
    SELECT p.claim_id, coalesce(l.service_on, p.service_from) AS service_on,
           coalesce(l.submitted_procedure, l.procedure) AS procedure, l.modifiers, max(l.units) AS units
      FROM claim_payment p
      JOIN service_line l ON l.claim_payment_id = p.id
      LEFT JOIN LATERAL (SELECT sum(x.amount) AS amount FROM adjustment x
                          WHERE x.claim_payment_id = p.id AND x.line_number = l.line_number
                            AND x.group_code = 'PR' AND x.reason IN ('1', '2', '3')) AS owed ON true
     WHERE p.claim_id = ANY(:claims)
     GROUP BY 1, 2, 3, 4, l.line_number
    HAVING sum(l.paid_amount + coalesce(owed.amount, 0)) > 0
""")


@dataclass(frozen=True, slots=True)
class StoredAuthorization:
    """A row with its id and what was used of it."""

    id: UUID
    use: AuthorizationUse


async def save_authorizations(
    session: AsyncSession, given: Iterable[Authorization], *, by: UUID | None, at: datetime
) -> tuple[int, int]:
    """Store them, each once by payer, account, number and first day; how many are new, and how many differ
    from what was there. Open cases of their patients are decided anew."""
    added = changed = 0
    news: list[UUID] = []
    for one in given:
        key = identifiers.deterministic_id(
            "authorization", one.payer_key, one.account, one.number, one.effective_from.isoformat()
        )
        values = _values(one)
        found = await session.get(PayerAuthorization, key, with_for_update=True)
        if found is None:
            session.add(PayerAuthorization(id=key, **values, updated_by=by, updated_at=at))
            added += 1
            news.append(key)
        elif any(getattr(found, name) != value for name, value in values.items()):
            for name, value in {**values, "updated_by": by, "updated_at": at}.items():
                setattr(found, name, value)
            changed += 1
            news.append(key)
    await session.flush()
    await publish_after_commit(
        session,
        [EvidenceAdded(event_id=_news_id(key, at), authorization_id=key) for key in news],
    )
    return added, changed


async def remove_authorization(session: AsyncSession, authorization_id: UUID) -> None:
    """Take one away that was entered by mistake; gone already is gone. Open cases it was held against are
    decided anew."""
    row = await session.get(PayerAuthorization, authorization_id, with_for_update=True)
    if row is None:
        return
    claims = await session.execute(_PATIENTS_CLAIMS, {"authorizations": [row.id]})
    events = [
        EvidenceAdded(
            event_id=_news_id(row.id, row.updated_at, claim.claim_id),
            claim_id=claim.claim_id,
            authorization_id=row.id,
        )
        for claim in claims
        if claim.answered
    ]
    await session.delete(row)
    await session.flush()
    await publish_after_commit(session, events)


def _news_id(authorization_id: UUID, at: datetime, *of: UUID) -> UUID:
    """Each change of an authorization is told once; its removal once for each claim it was held against."""
    return identifiers.event_id(EvidenceAdded.topic, authorization_id, at.isoformat(), *of)


async def stored_authorizations(
    session: AsyncSession, *, not_over_on: date | None = None
) -> list[StoredAuthorization]:
    """All of them, or those that are not over on a day, with what was used; the first to end comes first."""
    query = select(PayerAuthorization).order_by(
        col(PayerAuthorization.effective_to).nulls_last(), col(PayerAuthorization.id)
    )
    if not_over_on is not None:
        last = col(PayerAuthorization.effective_to)
        query = query.where(last.is_(None) | (last >= not_over_on))
    rows = (await session.scalars(query)).all()
    lines = await _used_lines(session, [row.id for row in rows])
    return [
        StoredAuthorization(
            row.id, AuthorizationUse(_authorization(row), tuple(line for _, line in lines[row.id]))
        )
        for row in rows
    ]


async def authorizations_of(
    session: AsyncSession, claim_ids: Collection[UUID]
) -> dict[UUID, tuple[AuthorizationUse, ...]]:
    """Those of each claim's patient, with the lines of the patient's other claims."""
    pairs = (await session.execute(_OF_CLAIMS, {"claims": list(claim_ids)})).all()
    if not pairs:
        return {}
    ids = {pair.authorization_id for pair in pairs}
    rows = await session.scalars(select(PayerAuthorization).where(col(PayerAuthorization.id).in_(ids)))
    known = {row.id: _authorization(row) for row in rows}
    lines = await _used_lines(session, ids)
    found: dict[UUID, list[AuthorizationUse]] = defaultdict(list)
    for claim_id, key in pairs:
        others = tuple(line for of, line in lines[key] if of != claim_id)
        found[claim_id].append(AuthorizationUse(known[key], others))
    return {claim_id: tuple(uses) for claim_id, uses in found.items()}


async def _used_lines(
    session: AsyncSession, authorization_ids: Collection[UUID]
) -> dict[UUID, list[tuple[UUID, UsedLine]]]:
    """The lines of each authorization's patient, each with its claim."""
    wanted = {"authorizations": list(authorization_ids)}
    claims = (await session.execute(_PATIENTS_CLAIMS, wanted)).all()
    lines = await _answered_lines(session, {row.claim_id for row in claims if row.answered})
    lines |= await _sent_lines(session, {row.claim_id for row in claims if not row.answered})
    found: dict[UUID, list[tuple[UUID, UsedLine]]] = defaultdict(list)
    for row in claims:
        found[row.authorization_id] += [(row.claim_id, line) for line in lines.get(row.claim_id, [])]
    return found


async def _answered_lines(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, list[UsedLine]]:
    found: dict[UUID, list[UsedLine]] = defaultdict(list)
    for row in await session.execute(_ANSWERED_LINES, {"claims": list(claim_ids)}):
        if row.service_on:
            modifiers = frozenset(row.modifiers)
            line = UsedLine(row.service_on, row.procedure, modifiers, row.units or Decimal(0))
            found[row.claim_id].append(line)
    return found


async def _sent_lines(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, list[UsedLine]]:
    """What no payer has answered yet counts as used: it was done."""
    return {
        claim_id: [
            UsedLine(line.service_on, line.procedure, frozenset(line.modifiers), line.units or Decimal(0))
            for line in sent.lines
            if line.service_on
        ]
        for claim_id, sent in (await latest_submissions(session, claim_ids)).items()
    }


def _values(one: Authorization) -> dict[str, Any]:
    return {
        "payer_key": one.payer_key,
        "account": one.account,
        "number": one.number,
        "effective_from": one.effective_from,
        "effective_to": one.effective_to,
        "visits": one.visits,
        "units": one.units,
        "procedures": list(one.procedures),
        "discipline": one.discipline,
        "reference": one.reference,
    }


def _authorization(row: PayerAuthorization) -> Authorization:
    return Authorization(
        payer_key=row.payer_key,
        account=row.account,
        number=row.number,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        visits=row.visits,
        units=row.units,
        procedures=tuple(row.procedures),
        discipline=Discipline(row.discipline) if row.discipline else None,
        reference=row.reference,
    )
