"""How the practice's cases ended, counted by what they have in common: the chance of recovery rests on it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.session import Sessions
from overturn.domain.codes import Action, Category
from overturn.domain.priority import Odds, PriorityTable
from overturn.domain.recovery_odds import AGE_BANDS, AGE_UNKNOWN, OLDER, EndedCases, Likeness, RecoveryOdds

STALE_AFTER: Final = timedelta(hours=1)
ATTACHED: Final = "records attached"
NOT_ATTACHED: Final = "no records attached"
UNKNOWN_PAYER: Final = "unknown"

_AGE: Final = " ".join(
    [
        f"CASE WHEN k.denied_on IS NULL OR c.service_from IS NULL THEN '{AGE_UNKNOWN}'",
        *(f"WHEN k.denied_on - c.service_from <= {days} THEN '{band}'" for days, band in AGE_BANDS),
        f"ELSE '{OLDER}' END",
    ]
)

_LIKENESS: Final = f"""
    k.category, k.action,
    CASE WHEN EXISTS (SELECT FROM exhibit e WHERE e.case_id = k.id)
         THEN '{ATTACHED}' ELSE '{NOT_ATTACHED}' END AS records,
    coalesce(k.payer_key, k.payer_name, '{UNKNOWN_PAYER}') AS payer, {_AGE} AS age
"""

# Most of the money back is a win. What was written off, ran out or was no denial says nothing of the payer.
WON: Final = "(k.recovered_amount > 0 AND k.recovered_amount * 2 >= k.denied_amount)"
KNOWN: Final = "k.outcome IN ('recovered', 'partly_recovered', 'upheld')"

_ENDED: Final = text(f"""
    SELECT category, action, records, payer, age, count(*) AS ended, count(*) FILTER (WHERE won) AS won
      FROM (SELECT {_LIKENESS}, {WON} AS won
              FROM denial_case k JOIN claim c ON c.id = k.claim_id
             WHERE {KNOWN}) known
     GROUP BY category, action, records, payer, age
""")  # noqa: S608 - put together from constants above

_ONE: Final = text(f"""
    SELECT {_LIKENESS} FROM denial_case k JOIN claim c ON c.id = k.claim_id WHERE k.id = :case_id
""")  # noqa: S608


async def ended_cases(session: AsyncSession) -> Sequence[EndedCases]:
    """Every case with a known outcome, alike ones together."""
    rows = (await session.execute(_ENDED)).mappings()
    return [EndedCases(_likeness(row), ended=row["ended"], won=row["won"]) for row in rows]


async def likeness_of(session: AsyncSession, case_id: UUID) -> Likeness:
    return _likeness((await session.execute(_ONE, {"case_id": case_id})).mappings().one())


class OutcomeBook:
    """The odds as of the last hour: to count every case anew for each new one costs more than it tells."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._counted: tuple[RecoveryOdds, PriorityTable, datetime] | None = None

    async def odds(self, session: AsyncSession, case_id: UUID, *, table: PriorityTable, at: datetime) -> Odds:
        """The chance of this case by all that ended before; `at` is an aware instant."""
        if self._counted is None or self._counted[1] != table or at - self._counted[2] > STALE_AFTER:
            async with self._sessions() as other:
                self._counted = (RecoveryOdds(await ended_cases(other), table=table), table, at)
        return self._counted[0].find(await likeness_of(session, case_id))


def _likeness(row: RowMapping) -> Likeness:
    return Likeness(
        Category(row["category"]), Action(row["action"]), row["records"], row["payer"], row["age"]
    )
