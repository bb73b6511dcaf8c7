"""Every billed dollar of a generated month is in one bucket, and the ledger shows it when one is not."""

import random
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.demo.agreement import compare
from overturn.demo.month import month_files, read_truth
from overturn.reporting.ledger import Ledger, ledger
from overturn.reporting.summary import Summary, summarise
from overturn.synthetic.month import make_month, write_month
from tests.integration.records import adjudications, classify, only, post, rows, take_in
from tests.x12_files import adjudicated_claim, denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

HANDLED_BETWEEN = 0.5
"""How often some events are handled before the next file comes."""
ONLY_WITH_WORKFLOWS = {"recovered", "recovered cases"}


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("month")
    for _ in write_month(make_month(claims=90, seed=7), folder):
        pass
    return folder


async def summary_of(sessions: Sessions) -> Summary:
    async with sessions() as session:
        return await summarise(session)


async def ledger_of(sessions: Sessions) -> Ledger:
    async with sessions() as session:
        return await ledger(session)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_month_in_any_order_adds_up_and_says_what_the_generator_meant(
    sessions: Sessions, month: Path, seed: int
) -> None:
    order = random.Random(seed)  # noqa: S311 - a repeatable order is wanted
    files = month_files(month)
    order.shuffle(files)
    done: set[UUID] = set()
    for path in files:
        await post(sessions, path.read_bytes(), path.name)
        if order.random() < HANDLED_BETWEEN:
            done |= await handled(sessions, done, order)
    while left := await handled(sessions, done, order):
        done |= left
    summary = await summary_of(sessions)
    assert summary.ledger.difference == Decimal("0.00")
    assert summary.ledger.open > 0
    wrong = [f for f in compare(summary, read_truth(month)) if not f.agrees]
    assert {f.name for f in wrong} == ONLY_WITH_WORKFLOWS


async def handled(sessions: Sessions, done: set[UUID], order: random.Random) -> set[UUID]:
    """A batch of some of the waiting events, in any order, a part of them for the second time."""
    events = await adjudications(sessions)
    waiting = [e for e in events if e.event_id not in done]
    batch = order.sample(waiting, min(len(waiting), order.choice([1, 7, 40])))
    again = order.sample(events, min(len(events), len(batch) // 4))
    await classify(sessions, [*batch, *again])
    return {e.event_id for e in batch}


async def three_claims(sessions: Sessions) -> None:
    """One paid, one denied, one not answered: 300.00 billed."""
    await take_in(sessions, submission("P1", "P2", "P3"), remittance(paid_claim("P1"), denied_claim("P2")))


async def test_paid_adjusted_and_open_are_told_apart(sessions: Sessions) -> None:
    await three_claims(sessions)
    assert await ledger_of(sessions) == Ledger(
        billed=Decimal("300.00"), paid=Decimal("70.00"), adjusted=Decimal("30.00"), open=Decimal("200.00")
    )


async def test_a_closed_case_moves_its_dollars_from_open_to_adjusted(sessions: Sessions) -> None:
    await three_claims(sessions)
    async with sessions.begin() as session:
        await session.execute(update(tables.DenialCase).values(status="resolved"))
    after = await ledger_of(sessions)
    assert (after.adjusted, after.open) == (Decimal("130.00"), Decimal("100.00"))
    assert after.difference == 0


async def test_a_claim_that_was_not_classified_leaves_its_payment_as_a_difference(sessions: Sessions) -> None:
    await post(sessions, remittance(paid_claim("P1"), paid_claim("P2")))
    events = await adjudications(sessions)
    await classify(sessions, events[:1])
    assert (await ledger_of(sessions)).difference == Decimal("-70.00")


async def test_a_claim_whose_figures_do_not_add_up_is_a_difference(sessions: Sessions) -> None:
    await take_in(sessions, remittance(adjudicated_claim("P1", ("60.00", ["CO*45*30.00"]))))
    assert (await ledger_of(sessions)).difference == Decimal("10.00")
    assert (await only(sessions, tables.Claim)).imbalance_amount == Decimal("10.00")


async def test_a_denial_without_a_case_is_a_difference(sessions: Sessions) -> None:
    await three_claims(sessions)
    async with sessions.begin() as session:
        for table in (tables.CaseEvent, tables.Denial, tables.Classification, tables.DenialCase):
            await session.execute(delete(table))
    assert (await ledger_of(sessions)).difference == Decimal("100.00")


async def test_a_payment_that_hangs_on_the_wrong_claim_is_a_difference(sessions: Sessions) -> None:
    await three_claims(sessions)
    [paid] = [p for p in await rows(sessions, tables.ClaimPayment) if p.paid_amount]
    async with sessions.begin() as session:
        session.add(tables.ClaimPayment.model_validate(copied(paid)))
    assert (await ledger_of(sessions)).difference == Decimal("-70.00")


def copied(row: tables.ClaimPayment) -> dict[str, Any]:
    return row.model_dump() | {"id": uuid4(), "position": 99}


async def test_an_empty_record_is_all_zero(sessions: Sessions) -> None:
    zero = Decimal("0.00")
    assert await ledger_of(sessions) == Ledger(billed=zero, paid=zero, adjusted=zero, open=zero)


async def test_summary_counts_first_denials_once_and_names_the_leading_category(sessions: Sessions) -> None:
    two_lines = adjudicated_claim("P9", ("0.00", ["CO*252*100.00"]), ("0.00", ["CO*29*60.00", "CO*45*40.00"]))
    await take_in(sessions, remittance(two_lines))
    summary = await summary_of(sessions)
    assert [(d.claims, d.denials, d.amount) for d in summary.denials] == [
        (1, 1, Decimal("100.00")),
        (0, 1, Decimal("60.00")),
    ]
    case = await only(sessions, tables.DenialCase, col(tables.DenialCase.round_number) == 1)
    assert (case.category, case.denied_amount) == (summary.denials[0].category, Decimal("160.00"))
