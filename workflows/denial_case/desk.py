"""What a step of a case is taken with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.tables import DenialCase
from overturn.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Desk:
    """The transaction, the locked case, the workflow's clock, the rules."""

    session: AsyncSession
    case: DenialCase
    at: datetime
    rulebook: Rulebook
