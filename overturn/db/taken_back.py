"""What payers took back of claims, summed up from their remittances as they are on record now."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.claim_take_back import TakenBack, Told, taken_back
from overturn.domain.payers import PayerContext, PayerDirectory
from overturn.domain.remittance import REVERSAL_STATUS
from overturn.domain.take_backs import TAKES_BACK


@dataclass(frozen=True, slots=True)
class ClaimTakenBack:
    """What one payer took back of one claim."""

    claim_id: UUID
    payer: PayerContext
    money: TakenBack

    @property
    def payer_name(self) -> str:
        """Its key in the rules, or else its name."""
        return self.payer.key or self.payer.name or "unknown payer"


# Each remittance's word on each claim that was ever reversed, or that a PLB takes money of.
_TOLD: Final = text("""
    WITH concerned AS MATERIALIZED (
        SELECT claim_id FROM provider_adjustment WHERE claim_id IS NOT NULL AND reason = ANY(:takes_back)
         UNION
        SELECT claim_id FROM claim_payment WHERE status_code = '22'
    ), wanted AS MATERIALIZED (
        SELECT claim_id FROM concerned WHERE CAST(:claims AS uuid[]) IS NULL OR claim_id = ANY(:claims)
    ), said AS (
        SELECT p.claim_id, p.remittance_id, p.paid_amount AS paid, p.status_code = :reversal AS reverses,
               0 AS taken, p.filing_indicator
          FROM claim_payment p JOIN wanted USING (claim_id)
         UNION ALL
        SELECT a.claim_id, a.remittance_id, 0, false, a.amount, NULL
          FROM provider_adjustment a JOIN wanted USING (claim_id) WHERE a.reason = ANY(:takes_back)
    )
    SELECT s.claim_id, r.id, r.payment_on AS paid_on, r.payer_name, r.payer_identifier,
           sum(s.paid) AS paid, bool_or(s.reverses) AS reverses, sum(s.taken) AS taken,
           max(s.filing_indicator) AS filing_indicator,
           (SELECT max(p.payment_on) FROM claim c JOIN claim_payment p ON p.id = c.current_payment_id
             WHERE c.id = s.claim_id) AS settled_on,
           (SELECT max(p.payment_on) FROM denial_case d JOIN claim_payment p ON p.id = d.claim_payment_id
             WHERE d.claim_id = s.claim_id) AS denied_on
      FROM said s JOIN remittance r ON r.id = s.remittance_id
     GROUP BY s.claim_id, r.id
     ORDER BY s.claim_id, r.payment_on, r.id
""")


async def read_taken_back(
    session: AsyncSession, payers: PayerDirectory, claim_ids: Collection[UUID] | None = None
) -> list[ClaimTakenBack]:
    """By claim and payer; of all claims, or of these."""
    parameters = {
        "takes_back": list(TAKES_BACK),
        "reversal": REVERSAL_STATUS,
        "claims": None if claim_ids is None else list(claim_ids),
    }
    rows = (await session.execute(_TOLD, parameters)).mappings()
    by_payer: dict[tuple[UUID, str | None], list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_payer[row["claim_id"], row["payer_identifier"] or row["payer_name"]].append(row)
    return [_summed(claim_id, told, payers) for (claim_id, _), told in by_payer.items()]


def _summed(claim_id: UUID, rows: list[RowMapping], payers: PayerDirectory) -> ClaimTakenBack:
    indicators = [row["filing_indicator"] for row in rows if row["filing_indicator"]]
    payer = payers.resolve(
        name=rows[0]["payer_name"],
        identifier=rows[0]["payer_identifier"],
        filing_indicator=next(iter(indicators), None),
    )
    told = [Told(row["id"], row["paid_on"], row["paid"], row["reverses"], row["taken"]) for row in rows]
    settled_on: date | None = rows[0]["settled_on"]
    money = taken_back(told, settled_on=settled_on, denied_on=rows[0]["denied_on"])
    return ClaimTakenBack(claim_id, payer, money)


# A take-back whose reference names no claim of ours, but the payer's letter.
_NAMING_LETTER: Final = text("""
    SELECT coalesce(sum(a.amount), 0.00) FROM provider_adjustment a
     WHERE a.claim_id IS NULL AND a.reason = ANY(:takes_back) AND CAST(:reference AS text) = ANY(a.numbers)
""")


async def withheld_for(session: AsyncSession, reference: str) -> Decimal:
    """What was taken under the reference of a payer's letter, beside what names its claims. US dollars."""
    parameters = {"takes_back": list(TAKES_BACK), "reference": reference}
    total: Decimal = (await session.execute(_NAMING_LETTER, parameters)).scalar_one()
    return total


@dataclass(frozen=True, slots=True)
class ProviderTakeBack:
    """A provider adjustment (PLB) that took money of a demand. US dollars; below zero it gave back."""

    payment_on: date | None
    trace_number: str | None
    reason: str
    reference: str | None
    amount: Decimal
    segment_index: int


# Those that name its claims, and those that name the payer's letter and no claim.
_OF_DEMAND: Final = text("""
    SELECT r.payment_on, r.trace_number, a.reason, a.reference, a.amount, a.segment_index
      FROM provider_adjustment a JOIN remittance r ON r.id = a.remittance_id
     WHERE a.reason = ANY(:takes_back)
       AND (a.claim_id = ANY(:claims) OR a.claim_id IS NULL AND CAST(:reference AS text) = ANY(a.numbers))
     ORDER BY r.payment_on NULLS FIRST, r.id, a.segment_index
""")


async def provider_take_backs(
    session: AsyncSession, claim_ids: Collection[UUID], reference: str | None
) -> list[ProviderTakeBack]:
    """What was taken outside the claims for a demand about them, the oldest first."""
    parameters = {"takes_back": list(TAKES_BACK), "claims": list(claim_ids), "reference": reference}
    rows = await session.execute(_OF_DEMAND, parameters)
    return [ProviderTakeBack(**row) for row in rows.mappings()]
