"""The proof of money over the whole record: billed = paid + adjusted + open, and what is left over."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import Claim, ClaimPayment, DenialCase, ProviderAdjustment
from overturn.domain.denial_case import CaseStatus
from overturn.domain.remittance import ZERO
from overturn.domain.take_backs import TAKES_BACK


@dataclass(frozen=True, slots=True)
class Ledger:
    """US dollars. `difference` is 0.00 when every billed dollar is in exactly one bucket.

    `paid` is added up from the remittances themselves (claims less what provider adjustments took back),
    `adjusted` and `open` from what was decided on them: a claim that was misread, classified twice or denied
    without a case leaves a difference.
    """

    billed: Decimal
    paid: Decimal
    adjusted: Decimal  # contractual, patient, and denials whose case is closed
    open: Decimal  # denials with an open case, what no payer has answered yet, what was taken back
    taken_back: Decimal = ZERO  # of `open`: paid by CLP04 and taken back by a PLB that names the claim

    @property
    def difference(self) -> Decimal:
        return self.billed - self.paid - self.adjusted - self.open

    def __str__(self) -> str:
        """billed = paid + adjusted + open, and what is left over."""
        return (
            f"billed {self.billed:,.2f} = paid {self.paid:,.2f} + adjusted {self.adjusted:,.2f}"
            f" + open {self.open:,.2f}, difference {self.difference:.2f}{self._taken_back_words}"
        )

    @property
    def _taken_back_words(self) -> str:
        return (
            f"; of what is open, {self.taken_back:,.2f} were paid and taken back" if self.taken_back else ""
        )


async def ledger(session: AsyncSession) -> Ledger:
    """Add up the whole record."""
    paid = await session.scalar(select(_total(col(ClaimPayment.paid_amount))))
    from_claims = (
        col(ProviderAdjustment.claim_id).is_not(None),
        col(ProviderAdjustment.reason).in_(TAKES_BACK),
    )
    less = await session.scalar(select(_total(col(ProviderAdjustment.amount))).where(*from_claims))
    of_claim = col(DenialCase.claim_id) == col(Claim.id)
    has_case = exists().where(of_claim)
    has_open_case = exists().where(of_claim, col(DenialCase.status) != CaseStatus.RESOLVED)
    not_paid = col(Claim.charge_amount) - col(Claim.paid_amount) - col(Claim.taken_back_amount)
    denied = col(Claim.denied_amount)
    totals = (
        await session.execute(
            select(
                _total(col(Claim.charge_amount)),
                _total(col(Claim.contractual_amount) + col(Claim.patient_amount)),
                _total(case((has_case & ~has_open_case, denied), else_=ZERO)),
                _total(case((has_open_case, denied), else_=ZERO)),
                _total(case((~col(Claim.adjudicated), not_paid), else_=col(Claim.unanswered_amount))),
                _total(col(Claim.taken_back_amount)),
            )
        )
    ).one()
    billed, adjusted, closed_denials, open_denials, unanswered, taken_back = totals
    return Ledger(
        billed=billed,
        paid=(paid or ZERO) - (less or ZERO),
        adjusted=adjusted + closed_denials,
        open=open_denials + unanswered + taken_back,
        taken_back=taken_back,
    )


def _total(amount: Any) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(amount), ZERO) + ZERO  # to the cent, also where all are whole dollars
