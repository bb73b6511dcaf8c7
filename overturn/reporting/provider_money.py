"""Money that payers move outside any claim (PLB): what names a claim, and what is the provider's."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.take_backs import CARRIED, TAKES_BACK
from overturn.reporting.rows import fetch_all, fetch_one

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class ProviderMoney:
    """One PLB pair with its place. US dollars, positive where the payer took it from the payment; no claim
    where its reference names none, or several."""

    reason: str
    reference: str | None
    amount: Decimal
    segment_index: int
    payer_name: str | None
    trace_number: str | None
    payment_on: date | None
    file_name: str
    claim_number: str | None
    case_id: UUID | None

    @property
    def moves_claim_dollars(self) -> bool:
        return self.claim_number is not None and self.reason in TAKES_BACK


@dataclass(frozen=True, slots=True)
class Payments:
    """All payments of the record (BPR02) against what they are made of. US dollars; `difference` is 0.00.

    `paid` is what claims got, less what was taken back of them; `provider_level` is every other provider
    adjustment, `unexplained` what remittances say they pay beyond both.
    """

    payments: Decimal
    paid: Decimal
    provider_level: Decimal
    unexplained: Decimal

    @property
    def difference(self) -> Decimal:
        return self.payments - self.paid + self.provider_level - self.unexplained

    def __str__(self) -> str:
        return (
            f"payments {self.payments:,.2f} = paid {self.paid:,.2f} - provider level "
            f"{self.provider_level:,.2f} + unexplained {self.unexplained:,.2f}, "
            f"difference {self.difference:.2f}"
        )


@dataclass(frozen=True, slots=True)
class CarriedBalance:
    """Balances a payer carried from payment to payment under one reference that do not come to 0.00 yet."""

    payer_name: str | None
    reference: str | None
    amount: Decimal  # below zero: the payer has yet to take it from a later payment
    last_on: date | None


_MONEY: Final = """
    SELECT a.reason, a.reference, a.amount, a.segment_index, r.payer_name, r.trace_number, r.payment_on,
           f.file_name, c.patient_control_number AS claim_number,
           (SELECT k.id FROM denial_case k WHERE k.claim_id = a.claim_id ORDER BY k.round_number DESC LIMIT 1)
           AS case_id
      FROM provider_adjustment a
      JOIN remittance r ON r.id = a.remittance_id
      JOIN received_file f ON f.sha256 = r.file_sha256
      LEFT JOIN claim c ON c.id = a.claim_id
"""
_NEWEST_FIRST: Final = "ORDER BY r.payment_on DESC NULLS LAST, r.id, a.segment_index, a.id LIMIT :shown"
_NAMING_NONE: Final = text(f"{_MONEY} WHERE a.claim_id IS NULL {_NEWEST_FIRST}")
_NAMING_ONE: Final = text(f"{_MONEY} WHERE a.claim_id IS NOT NULL {_NEWEST_FIRST}")
_OF_CLAIM: Final = text(f"{_MONEY} WHERE a.claim_id = :claim_id ORDER BY r.payment_on, r.id, a.segment_index")

_COUNTS: Final = text("""
    SELECT count(*) FILTER (WHERE claim_id IS NULL) AS naming_none,
           count(*) FILTER (WHERE claim_id IS NOT NULL) AS naming_one
      FROM provider_adjustment
""")

_PAYMENTS: Final = text("""
    SELECT r.payments, p.paid - a.on_claims AS paid, a.every - a.on_claims AS provider_level, r.unexplained
      FROM (SELECT coalesce(sum(payment_amount), 0.00) AS payments,
                   coalesce(sum(difference_amount), 0.00) AS unexplained FROM remittance) r,
           (SELECT coalesce(sum(paid_amount), 0.00) AS paid FROM claim_payment) p,
           (SELECT coalesce(sum(amount), 0.00) AS every,
                   coalesce(sum(amount) FILTER (WHERE claim_id IS NOT NULL AND reason = ANY(:takes_back)),
                            0.00) AS on_claims
              FROM provider_adjustment) a
""")

_CARRIED: Final = text("""
    SELECT r.payer_name, a.reference, sum(a.amount) AS amount, max(r.payment_on) AS last_on
      FROM provider_adjustment a JOIN remittance r ON r.id = a.remittance_id
     WHERE a.reason = :carried
     GROUP BY coalesce(r.payer_identifier, r.payer_name), r.payer_name, a.reference
    HAVING sum(a.amount) <> 0
     ORDER BY max(r.payment_on) DESC NULLS LAST, a.reference
""")


async def naming_no_claim(session: AsyncSession, shown: int = SHOWN) -> list[ProviderMoney]:
    """The provider's as a whole, the newest first."""
    return await fetch_all(session, ProviderMoney, _NAMING_NONE, shown=shown)


async def naming_a_claim(session: AsyncSession, shown: int = SHOWN) -> list[ProviderMoney]:
    """What was paired with a claim, the newest first."""
    return await fetch_all(session, ProviderMoney, _NAMING_ONE, shown=shown)


async def of_claim(session: AsyncSession, claim_id: UUID) -> list[ProviderMoney]:
    """All that names this claim, the oldest first."""
    return await fetch_all(session, ProviderMoney, _OF_CLAIM, claim_id=claim_id)


async def counts(session: AsyncSession) -> tuple[int, int]:
    """How many name no claim, and how many name one."""
    found = (await session.execute(_COUNTS)).one()
    return found.naming_none, found.naming_one


async def all_payments(session: AsyncSession) -> Payments:
    """Every payment of the record, taken apart."""
    found = await fetch_one(session, Payments, _PAYMENTS, takes_back=list(TAKES_BACK))
    assert found is not None  # noqa: S101 - sums always have a row
    return found


async def carried_balances(session: AsyncSession) -> list[CarriedBalance]:
    """What was carried and is not settled; a balance that came back is not in it."""
    return await fetch_all(session, CarriedBalance, _CARRIED, carried=CARRIED)
