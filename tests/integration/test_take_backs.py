"""What a PLB takes back of a claim is found by its reference, in any order, and is not paid or recovered."""

import asyncio
from decimal import Decimal
from itertools import permutations

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.reporting import provider_money
from overturn.reporting.ledger import Ledger, ledger
from tests.integration.records import adjudications, classify, only, picture, post, rows, take_in
from tests.integration.test_classifying import forget
from tests.integration.test_reconciling import prove
from tests.x12_files import denied_claim, paid_claim, remittance, reversal, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

PAID = remittance(paid_claim("P1", icn="2026244000100"), trace="T1")


def plb(*pairs: tuple[str, str, str], trace: str = "T2", paid_on: str = "20261001") -> bytes:
    """A later remittance that pays another claim and moves money outside of it."""
    return remittance(paid_claim(f"X{trace}", icn=f"XICN{trace}"), trace=trace, paid_on=paid_on, plb=pairs)


async def claim_of(sessions: Sessions, number: str = "P1") -> tables.Claim:
    found: tables.Claim = await only(
        sessions, tables.Claim, col(tables.Claim.patient_control_number) == number
    )
    return found


async def ledger_of(sessions: Sessions) -> Ledger:
    async with sessions() as session:
        return await ledger(session)


@pytest.mark.parametrize(
    "reference",
    ["2026244000100", "P1", "P1 2026244000100 T1", "P120260901 2026244000100", "002026244000100 1EG4TE5"],
)
@pytest.mark.parametrize("plb_first", [False, True])
async def test_a_take_back_finds_its_claim_whatever_came_first(
    sessions: Sessions, reference: str, plb_first: bool
) -> None:
    files = [submission("P1"), PAID, plb(("WO", reference, "70.00"))]
    await take_in(sessions, *(reversed(files) if plb_first else files))
    claim, adjustment = await claim_of(sessions), await only(sessions, tables.ProviderAdjustment)
    assert adjustment.claim_id == claim.id
    assert (claim.paid_amount, claim.taken_back_amount) == (Decimal("0.00"), Decimal("70.00"))
    assert (claim.contractual_amount, claim.imbalance_amount) == (Decimal("30.00"), Decimal("0.00"))
    money = await ledger_of(sessions)
    assert (money.paid, money.open, money.taken_back, money.difference) == (
        *(Decimal("70.00"), Decimal("70.00"), Decimal("70.00")),
        Decimal("0.00"),
    )
    assert (await prove(sessions)).holds


@pytest.mark.parametrize(
    "adjustment",
    [("WO", "NOBODYS-NUMBER", "20.00"), ("L6", "2026244000100", "-1.37"), ("72", "P1", "-70.00")],
    ids=["unknown", "interest", "refund acknowledged"],
)
async def test_what_takes_nothing_of_a_claim_stays_visible_as_the_providers(
    sessions: Sessions, adjustment: tuple[str, str, str]
) -> None:
    await take_in(sessions, PAID, plb(adjustment))
    claim = await claim_of(sessions)
    assert (claim.paid_amount, claim.taken_back_amount) == (Decimal("70.00"), Decimal("0.00"))
    found = await prove(sessions)
    assert found.holds
    assert (found.payments.provider_level, found.payments.difference) == (Decimal(adjustment[2]), Decimal(0))
    assert len(found.provider_money) == (adjustment[0] == "WO")


async def test_a_number_that_two_claims_bear_names_neither_also_when_the_second_comes_later(
    sessions: Sessions,
) -> None:
    await take_in(sessions, PAID, plb(("WO", "2026244000100", "70.00")))
    assert (await claim_of(sessions)).taken_back_amount == Decimal("70.00")
    await take_in(sessions, remittance(paid_claim("P2", icn="2026244000100"), trace="T3"))
    assert (await only(sessions, tables.ProviderAdjustment)).claim_id is None
    for number in ("P1", "P2"):
        claim = await claim_of(sessions, number)
        assert (claim.paid_amount, claim.taken_back_amount) == (Decimal("70.00"), Decimal("0.00"))
    assert (await prove(sessions)).holds


async def test_another_payers_number_names_nothing(sessions: Sessions) -> None:
    await take_in(sessions, PAID, plb(("WO", "2026244000100", "70.00")).replace(b"*XV*12345", b"*XV*99999"))
    assert (await only(sessions, tables.ProviderAdjustment)).claim_id is None


async def test_a_recovery_that_is_put_off_takes_the_money_when_it_is_made(sessions: Sessions) -> None:
    """Reversed and denied, the money left with us for now (negative WO), then taken (positive WO)."""
    denied = denied_claim("P1", icn="2026244000101")
    reversed_claim = reversal(paid_claim("P1", icn="2026244000100"))
    put_off = remittance(
        reversed_claim, denied, trace="T2", paid_on="20261001", plb=[("WO", "2026244000100", "-70.00")]
    )
    taken = plb(("WO", "2026244000101", "70.00"), trace="T3", paid_on="20261008")
    await take_in(sessions, PAID, put_off)
    claim = await claim_of(sessions)
    assert (claim.paid_amount, claim.denied_amount, claim.taken_back_amount) == (
        *(Decimal("70.00"), Decimal("100.00")),
        Decimal("-70.00"),
    )
    await take_in(sessions, taken)
    claim = await claim_of(sessions)
    assert (claim.paid_amount, claim.denied_amount, claim.taken_back_amount) == (
        *(Decimal(0), Decimal("100.00")),
        Decimal(0),
    )
    assert (await prove(sessions)).holds


async def test_carried_balances_come_to_nothing_and_until_then_are_shown(sessions: Sessions) -> None:
    reversed_claim = remittance(
        reversal(paid_claim("P1", icn="2026244000100")),
        trace="T2",
        paid_on="20261001",
        plb=[("FB", "2026244000100", "-70.00")],
    )
    await take_in(sessions, PAID, reversed_claim)
    async with sessions() as session:
        [carried] = await provider_money.carried_balances(session)
    assert (carried.reference, carried.amount) == ("2026244000100", Decimal("-70.00"))
    first = plb(
        ("FB", "2026244000100", "70.00"), ("FB", "2026244000100", "-10.00"), trace="T3", paid_on="20261008"
    )
    await take_in(sessions, first, plb(("FB", "2026244000100", "10.00"), trace="T4", paid_on="20261015"))
    async with sessions() as session:
        assert await provider_money.carried_balances(session) == []
    claim = await claim_of(sessions)
    assert (claim.paid_amount, claim.taken_back_amount) == (Decimal(0), Decimal(0))
    found = await prove(sessions)
    assert (found.holds, found.payments.provider_level) == (True, Decimal(0))


async def recovered(sessions: Sessions) -> None:
    """The case over P1, denied and then paid, as its workflow ends it."""
    await take_in(sessions, remittance(denied_claim("P1"), trace="T0", paid_on="20260901"), PAID)
    async with sessions.begin() as session:
        ended = {"status": CaseStatus.RESOLVED, "outcome": Outcome.RECOVERED, "recovered_amount": 70}
        await session.execute(update(tables.DenialCase).values(**ended))


async def test_what_a_case_recovered_and_the_payer_took_back_is_not_recovered(sessions: Sessions) -> None:
    await recovered(sessions)
    for _ in range(2):
        await take_in(sessions, plb(("WO", "2026244000100", "50.00")))
        await classify(sessions, await adjudications(sessions))
    case = await only(sessions, tables.DenialCase)
    assert (case.outcome, case.recovered_amount, case.taken_back_amount) == (
        *("recovered", Decimal("20.00")),
        Decimal("50.00"),
    )
    said = [e for e in await rows(sessions, tables.CaseEvent) if "outside any claim" in e.summary]
    assert [(e.amount, "PLB WO, segment" in e.summary) for e in said] == [(Decimal("50.00"), True)]
    assert (await prove(sessions)).holds


async def test_what_the_payer_gives_back_is_recovered_again(sessions: Sessions) -> None:
    await recovered(sessions)
    await take_in(sessions, plb(("WO", "2026244000100", "70.00")))
    await take_in(sessions, plb(("CS", "2026244000100", "-70.00"), trace="T3", paid_on="20261101"))
    case = await only(sessions, tables.DenialCase)
    assert (case.recovered_amount, case.taken_back_amount) == (Decimal("70.00"), Decimal("0.00"))


async def test_a_recovered_dollar_that_is_gone_is_named_by_the_proof(sessions: Sessions) -> None:
    await recovered(sessions)
    await take_in(sessions, plb(("WO", "2026244000100", "70.00")))
    async with sessions.begin() as session:
        await session.execute(update(tables.DenialCase).values(recovered_amount=70, taken_back_amount=0))
    found = await prove(sessions)
    assert [(p.claim_number, p.fault.amount) for p in found.problems] == [("P1", Decimal("70.00"))]


async def test_every_order_of_arrival_ends_the_same(sessions: Sessions) -> None:
    story = [
        remittance(denied_claim("P1"), trace="T0", paid_on="20260901"),
        PAID,
        plb(("WO", "P1 2026244000100 T1", "50.00")),
        plb(("WO", "2026244000100", "20.00"), trace="T3", paid_on="20261008"),
    ]
    pictures = []
    for order in permutations(story):
        await take_in(sessions, *order)
        pictures.append(await picture(sessions))
        await forget(sessions)
    claims = {p.claims for p in pictures}
    assert len(claims) == 1
    assert len({p.cases for p in pictures}) == 1


async def test_two_remittances_posted_at_once_find_each_other(sessions: Sessions) -> None:
    for number in range(3):
        icn = f"20262440002{number:02}"
        first = remittance(paid_claim(f"R{number}", icn=icn), trace=f"A{number}")
        second = plb(("WO", icn, "70.00"), trace=f"B{number}")
        await asyncio.gather(post(sessions, first, "a.835"), post(sessions, second, "b.835"))
    async with sessions() as session:
        paired = await session.scalars(select(col(tables.ProviderAdjustment.claim_id)))
        assert None not in paired.all()
