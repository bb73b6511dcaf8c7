"""Every adjudication of some claims, read from the record and classified."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.claim_records import claim_records
from overturn.db.remittances import load_claim_payments
from overturn.db.submissions import latest_submissions
from overturn.db.take_backs import take_backs_of
from overturn.domain.answering import answer_of, lines_sent
from overturn.domain.answers import Adjudication, LineIdentity
from overturn.domain.classification import ClaimDecision, classify
from overturn.domain.payers import PayerContext, PayerDirectory
from overturn.domain.rule_table import DenialTable
from overturn.domain.settlement import Standing, billed_amount, settle, standing_after
from overturn.domain.take_backs import TakeBack


@dataclass(frozen=True, slots=True)
class Decided:
    """One CLP with its payer and what the rules say of it."""

    adjudication: Adjudication
    payer: PayerContext
    decision: ClaimDecision


@dataclass(frozen=True, slots=True)
class ClaimAnswers:
    """All that settles one claim: its answers, what was taken back outside of them, the lines we sent."""

    decided: Sequence[Decided] = ()
    take_backs: Sequence[TakeBack] = ()
    sent_lines: tuple[LineIdentity, ...] = ()

    def settle(self, claim: tables.Claim) -> Standing:
        """The claim's standing now."""
        return settle(
            (d.adjudication for d in self.decided),
            charge_amount=self.charge_amount(claim),
            sent_lines=self.sent_lines,
            take_backs=self.take_backs,
        )

    def settle_until(self, decided: Decided, claim: tables.Claim) -> Standing:
        """The claim's standing when this answer was its latest."""
        return standing_after(
            decided.adjudication,
            (d.adjudication for d in self.decided),
            charge_amount=self.charge_amount(claim),
            sent_lines=self.sent_lines,
            take_backs=self.take_backs,
        )

    def charge_amount(self, claim: tables.Claim) -> Decimal:
        """What we billed; what payers say of it where no submission of ours is known."""
        if claim.submitted or not self.decided:
            return claim.charge_amount
        return billed_amount(d.adjudication for d in self.decided)


async def decide_all(
    session: AsyncSession, claim_ids: Collection[UUID], *, payers: PayerDirectory, denials: DenialTable
) -> dict[UUID, ClaimAnswers]:
    """Each claim's answers, decided by the rules given, in no particular order."""
    found = (
        await session.execute(
            select(tables.ClaimPayment, tables.Remittance)
            .join(tables.Remittance, col(tables.Remittance.id) == col(tables.ClaimPayment.remittance_id))
            .where(col(tables.ClaimPayment.claim_id).in_(claim_ids))
        )
    ).all()
    payments = await load_claim_payments(session, [row.id for row, _ in found])
    submitted = await latest_submissions(session, claim_ids)
    records = await claim_records(session, claim_ids)
    take_backs = await take_backs_of(session, claim_ids)
    decided: dict[UUID, list[Decided]] = defaultdict(list)
    for row, remittance in found:
        payer = payers.resolve(
            name=remittance.payer_name,
            identifier=remittance.payer_identifier,
            filing_indicator=row.filing_indicator,
        )
        claim, sent = payments[row.id], submitted.get(row.claim_id)
        decision = classify(
            claim,
            table=denials,
            payer=payer,
            submitted=sent,
            paid_on=row.payment_on,
            record=records[row.claim_id],
        )
        answer = answer_of(claim, decision, payment_id=row.id, payment_on=row.payment_on, submitted=sent)
        decided[row.claim_id].append(Decided(answer, payer, decision))
    return {
        claim_id: ClaimAnswers(
            decided=decided[claim_id],
            take_backs=take_backs.get(claim_id, ()),
            sent_lines=lines_sent(submitted.get(claim_id)),
        )
        for claim_id in claim_ids
    }
