"""Who works here, for names and for handing out cases."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.reporting.rows import fetch_all


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person a case can be given to."""

    id: UUID
    display_name: str


_COLLEAGUES: Final = text("""
    SELECT id, display_name FROM user_account WHERE NOT disabled ORDER BY display_name, id
""")


async def colleagues(session: AsyncSession) -> list[Colleague]:
    """Everybody who can sign in, by name."""
    return await fetch_all(session, Colleague, _COLLEAGUES)
