"""One line of a timeline: of a case, a recoupment, a request for records or a credentialing gap."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from overturn.db.tables import (
    CaseEvent,
    CredentialingGap,
    CredentialingGapEvent,
    DenialCase,
    RecordsRequest,
    RecordsRequestEvent,
    Recoupment,
    RecoupmentEvent,
)

WORKFLOW: Final = "workflow"
CLOCK: Final = "clock"
"""Who did it, where it was no person: a person stands there by id."""

Subject = DenialCase | Recoupment | RecordsRequest | CredentialingGap

_TIMELINES: Final[dict[type[Any], tuple[type[SQLModel], str]]] = {
    DenialCase: (CaseEvent, "case_id"),
    Recoupment: (RecoupmentEvent, "recoupment_id"),
    RecordsRequest: (RecordsRequestEvent, "request_id"),
    CredentialingGap: (CredentialingGapEvent, "gap_id"),
}


def enter(
    session: AsyncSession,
    subject: Subject,
    event_id: UUID,
    *,
    kind: str,
    summary: str,
    actor: str,
    at: datetime,
    amount: Decimal | None = None,
) -> None:
    """Add one line to its timeline; the primary key refuses the same fact twice. `amount` is in US dollars,
    of a case or a recoupment."""
    line, names = _TIMELINES[type(subject)]
    money = {} if amount is None else {"amount": amount}
    session.add(
        line(
            id=event_id,
            kind=kind,
            summary=summary,
            actor=actor,
            happened_at=at,
            **{names: subject.id},
            **money,
        )
    )
