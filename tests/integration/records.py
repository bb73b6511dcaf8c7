"""Posting files and classifying what they brought, as the services do, without Kafka between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from overturn.db import tables
from overturn.db.received_files import stored_content
from overturn.db.session import Sessions
from overturn.events import ClaimAdjudicated, EvidenceAdded
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.classifier.claim_classifier import ClaimClassifier
from services.ingest.receipts import Receipt
from services.ingest.receiving import receive_file

CLASSIFIER = ClaimClassifier(RulesInForce(load_rulebook()))


async def post(sessions: Sessions, content: bytes, name: str = "remit.835") -> Receipt:
    return await receive_file(sessions, file_name=name, content=content, source="upload")


async def adjudications(sessions: Sessions) -> list[ClaimAdjudicated]:
    """Every `claim.adjudicated.v1` in the outbox, in the order it was put there."""
    async with sessions() as session:
        payloads = await session.scalars(
            select(col(tables.Outbox.payload))
            .where(col(tables.Outbox.topic) == ClaimAdjudicated.topic)
            .order_by(col(tables.Outbox.id))
        )
    return [ClaimAdjudicated.model_validate(payload) for payload in payloads]


async def classify(sessions: Sessions, events: Sequence[ClaimAdjudicated]) -> None:
    async with sessions.begin() as session:
        await CLASSIFIER(session, events)


async def take_in(sessions: Sessions, *files: bytes) -> None:
    """Post each file and have what it brought classified before the next one comes."""
    done: set[UUID] = {e.event_id for e in await adjudications(sessions)}
    for content in files:
        await post(sessions, content)
        await classify(sessions, [e for e in await adjudications(sessions) if e.event_id not in done])
        done = {e.event_id for e in await adjudications(sessions)}


async def rows(sessions: Sessions, table: type[Any], *where: Any) -> list[Any]:
    async with sessions() as session:
        return list(await session.scalars(select(table).where(*where)))


async def only(sessions: Sessions, table: type[Any], *where: Any) -> Any:
    [row] = await rows(sessions, table, *where)
    return row


async def content_of(sessions: Sessions, file: tables.ReceivedFile) -> bytes:
    async with sessions() as session:
        return b"".join([piece async for piece in stored_content(session, file.sha256)])


async def count(sessions: Sessions, table: type[SQLModel]) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


WRITTEN: tuple[type[Any], ...] = (
    *(tables.Claim, tables.SubmittedClaim, tables.Remittance, tables.ClaimPayment, tables.ServiceLine),
    *(tables.Adjustment, tables.Remark, tables.Imbalance, tables.ProviderAdjustment, tables.Outbox),
    tables.ReceivedFile,
)
TIMES_AND_COUNTERS = {"created_at", "received_at", "sent_at"}


async def written(
    sessions: Sessions, *, without: Sequence[str] = (), without_files: bool = False
) -> dict[str, list[str]]:
    """Every row of every table that posting writes, as text, without when it was written."""
    found = {}
    for table in WRITTEN:
        columns = [
            c
            for c in table.__table__.columns
            if c.name not in {*TIMES_AND_COUNTERS, *without} and (table, c.name) != (tables.Outbox, "id")
        ]
        async with sessions() as session:
            found[table.__name__] = sorted(
                repr(tuple(row)) for row in await session.execute(select(*columns))
            )
    if without_files:
        del found["ReceivedFile"]
    return found


@dataclass(frozen=True, slots=True)
class Picture:
    """All that classifying leaves behind, without when it was written."""

    claims: frozenset[tuple[Any, ...]]
    cases: frozenset[tuple[Any, ...]]
    denials: frozenset[tuple[Any, ...]]
    events: frozenset[UUID]


async def picture(sessions: Sessions) -> Picture:
    claim, case, denial = tables.Claim, tables.DenialCase, tables.Denial
    async with sessions() as session:
        # When what was known is told of again depends on the order of arrival; what comes of it does not.
        outbox = await session.scalars(
            select(col(tables.Outbox.event_id)).where(col(tables.Outbox.topic) != EvidenceAdded.topic)
        )
        return Picture(
            claims=await _values(session, claim, ["created_at"]),
            cases=await _values(session, case, ["opened_at"]),
            denials=await _values(session, denial, ["created_at"]),
            events=frozenset(outbox),
        )


async def _values(session: Any, table: type[Any], left_out: Sequence[str]) -> frozenset[tuple[Any, ...]]:
    columns = [c for c in table.__table__.columns if c.name not in left_out]
    found = await session.execute(select(*columns))
    return frozenset(tuple(repr(v) if isinstance(v, list | dict) else v for v in row) for row in found)
