"""What of the practice's own data ends before long, and what of it is news today."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.authorizations import stored_authorizations
from overturn.db.tables import ExpiryNotice
from overturn.domain import identifiers
from overturn.domain.causes.tables import Enrolment
from overturn.domain.contracts import ContractPrice
from overturn.domain.expiries import (
    Ending,
    Expiry,
    Notice,
    expiring_authorizations,
    expiring_contracts,
    expiring_enrolments,
)
from overturn.domain.payers import MEDICARE_FFS, PayerDirectory


class Agreed(Protocol):
    """What the rules know of the practice's own agreements."""

    @property
    def payers(self) -> PayerDirectory: ...

    @property
    def contracts(self) -> tuple[ContractPrice, ...]: ...

    @property
    def enrolments(self) -> tuple[Enrolment, ...]: ...


async def expiries(session: AsyncSession, agreed: Agreed, *, notice: Notice, today: date) -> list[Expiry]:
    """Everything that has come under a threshold, the first to end before others."""
    stored = await stored_authorizations(session, not_over_on=today)
    payers = agreed.payers.payers
    medicare = frozenset(payer.key for payer in payers if payer.line_of_business == MEDICARE_FFS)
    found = [
        *expiring_contracts(agreed.contracts, notice=notice, today=today),
        *expiring_enrolments(agreed.enrolments, medicare=medicare, notice=notice, today=today),
        *expiring_authorizations([one.use for one in stored], notice=notice, today=today),
    ]
    return sorted(found, key=lambda one: (one.ends_on or date.max, one.ending, one.payer_key, one.names))


async def note_expiries(session: AsyncSession, found: Iterable[Expiry], *, today: date) -> Counter[Ending]:
    """Note each once per threshold; how many of a kind are today's news, asked again on the same day too."""
    rows = [
        {"id": _notice_id(one), "ending": one.ending, "threshold": one.threshold, "noticed_on": today}
        for one in found
    ]
    if rows:
        await session.execute(insert(ExpiryNotice).on_conflict_do_nothing(), rows)
    ending = col(ExpiryNotice.ending)
    counted = await session.execute(
        select(ending, func.count()).where(col(ExpiryNotice.noticed_on) == today).group_by(ending)
    )
    return Counter({Ending(name): number for name, number in counted})


def _notice_id(one: Expiry) -> UUID:
    return identifiers.deterministic_id(
        "expiry", one.ending, one.payer_key, *one.names, str(one.ends_on), one.threshold
    )
