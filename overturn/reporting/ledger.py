"""The proof of money over the whole record: billed = paid + adjusted + open, and what is left over."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Claim, ClaimPayment, DenialCase
from overturn.domain.denial_case import CaseStatus
from overturn.domain.remittance import ZERO


@dataclass(frozen=True, slots=True)
class Ledger:
    """US dollars. `difference` is 0.00 when every billed dollar is in exactly one bucket.

    `paid` is added up from the remittances themselves, `adjusted` and `open` from what was decided on them:
    a claim that was misread, classified twice or denied without a case leaves a difference.
    """

    billed: Decimal
    paid: Decimal
    adjusted: Decimal  # contractual, patient, and denials whose case is closed
    open: Decimal  # denials with an open case, and what no payer has answered yet

    @property
    def difference(self) -> Decimal:
        return self.billed - self.paid - self.adjusted - self.open

    def __str__(self) -> str:
        """billed = paid + adjusted + open, and what is left over."""
        return (
            f"billed {self.billed:,.2f} = paid {self.paid:,.2f} + adjusted {self.adjusted:,.2f}"
            f" + open {self.open:,.2f}, difference {self.difference:.2f}"
        )


async def ledger(session: AsyncSession) -> Ledger:
    """Add up the whole record."""
    paid = await session.scalar(select(func.coalesce(func.sum(col(ClaimPayment.paid_amount)), ZERO)))
    of_claim = col(DenialCase.claim_id) == col(Claim.id)
    has_case = exists().where(of_claim)
    has_open_case = exists().where(of_claim, col(DenialCase.status) != CaseStatus.RESOLVED)
    unanswered_amount = col(Claim.charge_amount) - col(Claim.paid_amount)
    denied = col(Claim.denied_amount)
    totals = (
        await session.execute(
            select(
                _total(col(Claim.charge_amount)),
                _total(col(Claim.contractual_amount) + col(Claim.patient_amount)),
                _total(case((has_case & ~has_open_case, denied), else_=ZERO)),
                _total(case((has_open_case, denied), else_=ZERO)),
                _total(case((~col(Claim.adjudicated), unanswered_amount), else_=ZERO)),
            )
        )
    ).one()
    billed, adjusted, closed_denials, open_denials, unanswered = totals
    return Ledger(
        billed=billed,
        paid=paid or ZERO,
        adjusted=adjusted + closed_denials,
        open=open_denials + unanswered,
    )


def _total(amount: Any) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(amount), ZERO)
