"""The proof over the whole record: every claim settled again from its raw rows, held against the stored."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db import tables
from overturn.db.adjudications import Decided, decide_all
from overturn.db.among import among
from overturn.db.batches import in_batches
from overturn.domain.codes import format_dollars
from overturn.domain.denial_case import CaseStatus
from overturn.domain.payers import PayerDirectory
from overturn.domain.proof import CaseDollars, Check, Fault, check_claim, check_payment
from overturn.domain.remittance import ZERO
from overturn.domain.rule_table import DenialTable
from overturn.domain.settlement import Standing
from overturn.reporting.imbalances import ImbalanceFacts, all_imbalances
from overturn.reporting.ledger import Ledger, ledger
from overturn.reporting.provider_money import Payments, ProviderMoney, all_payments, naming_no_claim
from overturn.reporting.summary import work_in_flight

BATCH: Final = 500
"""Claims held in memory at a time."""

Progress = Callable[[int, int], None]
"""Told how many claims of how many are done."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault with its claim and the places to look at; the ledger's own has no claim."""

    fault: Fault
    claim_number: str | None = None
    claim_id: UUID | None = None
    places: tuple[str, ...] = ()  # "remit.835, segment 12"


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the proof found. `imbalances` are the payers' own errors on record; those that touch a claim's
    dollars are problems of that claim, too. `in_flight` counts what the system itself has yet to handle."""

    claims: int
    ledger: Ledger
    problems: Sequence[Problem]
    imbalances: Sequence[ImbalanceFacts]
    in_flight: int
    payments: Payments
    provider_money: Sequence[ProviderMoney]  # that names no claim, or several

    @property
    def holds(self) -> bool:
        return not self.problems


@dataclass(slots=True)
class _Tally:
    """What the claims came to, added up over the batches."""

    claims: int = 0
    left_over: Decimal = ZERO
    problems: list[Problem] = field(default_factory=list)


async def reconcile(
    session: AsyncSession, *, payers: PayerDirectory, denials: DenialTable, progress: Progress
) -> Reconciliation:
    """Prove the record as it is at this moment; the session is new, and nothing is written."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    total = await session.scalar(select(func.count()).select_from(tables.Claim)) or 0
    tally = _Tally()
    async for batch in in_batches(session, select(tables.Claim), size=BATCH):
        await _check_batch(session, [claim for (claim,) in batch], tally, payers=payers, denials=denials)
        session.expunge_all()
        progress(tally.claims, total)
    money, payments = await ledger(session), await all_payments(session)
    return Reconciliation(
        claims=tally.claims,
        ledger=money,
        problems=[*tally.problems, *_whole(money, tally.left_over), *_cheques(payments)],
        imbalances=await all_imbalances(session),
        in_flight=await work_in_flight(session),
        payments=payments,
        provider_money=await naming_no_claim(session),
    )


async def _check_batch(
    session: AsyncSession,
    claims: Sequence[tables.Claim],
    tally: _Tally,
    *,
    payers: PayerDirectory,
    denials: DenialTable,
) -> None:
    claim_ids = [claim.id for claim in claims]
    decided = await decide_all(session, claim_ids, payers=payers, denials=denials)
    adjusted = await _adjusted_amounts(session, claim_ids)
    cases = await _cases(session, claim_ids)
    faults: dict[UUID, list[Fault]] = {}
    for claim in claims:
        answers = decided[claim.id]
        settled = answers.settle(claim)
        tally.claims += 1
        tally.left_over += settled.imbalance_amount
        faults[claim.id] = [
            *_payment_faults(answers.decided, adjusted),
            *check_claim(_stored(claim), settled, cases.get(claim.id, ())),
        ]
    places = await _places(session, [claim for claim, found in faults.items() if found])
    for claim in claims:
        for fault in faults[claim.id]:
            number = claim.patient_control_number
            tally.problems.append(Problem(fault, number, claim.id, tuple(places.get(claim.id, ()))))


def _payment_faults(answers: Sequence[Decided], adjusted: Mapping[UUID, Decimal]) -> list[Fault]:
    return [
        fault
        for d in answers
        for fault in check_payment(adjusted.get(d.adjudication.payment_id, ZERO), d.decision.adjusted_amount)
    ]


def _stored(claim: tables.Claim) -> Standing:
    not_paid = claim.charge_amount - claim.paid_amount - claim.taken_back_amount
    return Standing(
        charge_amount=claim.charge_amount,
        paid_amount=claim.paid_amount,
        contractual_amount=claim.contractual_amount,
        patient_amount=claim.patient_amount,
        denied_amount=claim.denied_amount,
        imbalance_amount=claim.imbalance_amount,
        unanswered_amount=claim.unanswered_amount if claim.adjudicated else not_paid,
        taken_back_amount=claim.taken_back_amount,
        unpriced_amount=claim.unpriced_amount,
    )


async def _adjusted_amounts(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """The sum of all adjustments of each claim payment, as they stand in their rows."""
    adjustment, payment = tables.Adjustment, tables.ClaimPayment
    found = await session.execute(
        select(col(payment.id), func.sum(col(adjustment.amount)))
        .join(adjustment, col(adjustment.claim_payment_id) == col(payment.id))
        .where(among(col(payment.claim_id), claim_ids))
        .group_by(col(payment.id))
    )
    return dict(found.all())


async def _cases(session: AsyncSession, claim_ids: Collection[UUID]) -> dict[UUID, list[CaseDollars]]:
    """Each claim's cases by round."""
    case = tables.DenialCase
    found = await session.scalars(
        select(case).where(among(col(case.claim_id), claim_ids)).order_by(col(case.round_number))
    )
    cases: dict[UUID, list[CaseDollars]] = defaultdict(list)
    for row in found:
        cases[row.claim_id].append(
            CaseDollars(
                id=row.id,
                is_open=row.status != CaseStatus.RESOLVED,
                outcome=row.outcome,
                denied_amount=row.denied_amount,
                recovered_amount=row.recovered_amount,
                written_off_amount=row.written_off_amount,
                unpriced_amount=row.unpriced_amount,
            )
        )
    return cases


_PLACES: Final = text("""
    SELECT p.claim_id, f.file_name || ', segment ' || p.segment_index AS place
      FROM claim_payment p
      JOIN remittance r ON r.id = p.remittance_id
      JOIN received_file f ON f.sha256 = r.file_sha256
     WHERE p.claim_id = ANY(:claim_ids)
     ORDER BY p.payment_on NULLS FIRST, p.id
""")


async def _places(session: AsyncSession, claim_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Where each claim's answers stand in the files, in the order of their dates."""
    places: dict[UUID, list[str]] = defaultdict(list)
    if claim_ids:
        for claim, place in await session.execute(_PLACES, {"claim_ids": claim_ids}):
            places[claim].append(place)
    return places


def _whole(money: Ledger, left_over: Decimal) -> list[Problem]:
    """The ledger is added up in SQL, from what is stored; the claims were settled again one by one."""
    if money.difference == left_over:
        return []
    words = (
        f"the ledger's difference is {format_dollars(money.difference)}, and the claims leave "
        f"{format_dollars(left_over)} unexplained"
    )
    remedy = (
        "the claims listed above are the cause; where none is listed, run it again when nothing is posted"
    )
    return [Problem(Fault(Check.LEDGER, money.difference - left_over, words, remedy))]


def _cheques(payments: Payments) -> list[Problem]:
    """What arrived at the bank is what claims got, less what was moved outside of them."""
    if not payments.difference:
        return []
    words = f"the payments differ by {format_dollars(payments.difference)} from what they are made of"
    remedy = "a remittance's claims or provider adjustments were changed after it was posted"
    return [Problem(Fault(Check.LEDGER, payments.difference, words, remedy))]
