"""What went to the payer for a case or a records request, when, where to, and what shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all

SENDINGS = text("""
SELECT s.id, s.level, s.channel, s.state, s.confirmation, s.proof, s.content_sha256, s.problem,
       s.asked_at, s.sent_at, count(f.position) AS files, coalesce(sum(f.pages), 0) AS pages
  FROM sending s LEFT JOIN sent_file f ON f.sending_id = s.id
 WHERE s.case_id = :owner_id OR s.request_id = :owner_id
 GROUP BY s.id
 ORDER BY s.asked_at
""")


@dataclass(frozen=True, slots=True)
class SendingFacts:
    """One sending; `proof` is empty until it went out, `problem` says why it did not."""

    id: UUID
    level: int
    channel: str
    state: str
    confirmation: str | None
    proof: dict[str, Any]
    content_sha256: str | None
    problem: str
    asked_at: datetime
    sent_at: datetime | None
    files: int
    pages: int

    def written(self) -> dict[str, Any]:
        """The proof as a person keeps it: everything but the files themselves."""
        return {
            "sending": str(self.id),
            "level": self.level,
            "channel": self.channel,
            "sent_at": self.sent_at.isoformat() if self.sent_at else None,
            "confirmation": self.confirmation,
            "content_sha256": self.content_sha256,
            **self.proof,
        }


async def sendings_of(session: AsyncSession, owner_id: UUID) -> Sequence[SendingFacts]:
    """Every sending of a case, or of a records request, oldest first."""
    return await fetch_all(session, SendingFacts, SENDINGS, owner_id=owner_id)
