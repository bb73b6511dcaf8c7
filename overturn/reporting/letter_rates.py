"""Every sent letter whose outcome is known, counted by what it said, to whom, and about what."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db.outcomes import KNOWN, WON
from overturn.domain.letter_rates import SentLetters

# A letter that was followed by one of the next level was answered with no; the last has the case's outcome.
_SENT = text(f"""
    SELECT letter, version, edition, payer, cause, count(*) AS ended, count(*) FILTER (WHERE won) AS won
      FROM (SELECT l.template AS letter, l.template_version AS version, l.edition, k.cause,
                   coalesce(k.payer_name, 'unknown') AS payer, NOT l.followed AND {WON} AS won
              FROM (SELECT *, lead(level) OVER (PARTITION BY case_id ORDER BY level) IS NOT NULL AS followed
                      FROM letter WHERE state = 'submitted') l
              JOIN denial_case k ON k.id = l.case_id
             WHERE l.followed OR {KNOWN}) known
     GROUP BY letter, version, edition, payer, cause
     ORDER BY letter, version, payer, cause
""")  # noqa: S608 - put together from constants


async def sent_letters(session: AsyncSession) -> Sequence[SentLetters]:
    """What was sent and answered; what is open, expired or written off is left out."""
    rows = (await session.execute(_SENT)).mappings()
    return [SentLetters(**row) for row in rows]
