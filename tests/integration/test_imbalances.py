"""What a payer's figures leave unexplained is recorded once, with its amount and place, and told in words."""

from decimal import Decimal
from typing import Any

import pytest
from alembic import command

from overturn.db import tables
from overturn.db.migrate import alembic_config, upgrade
from overturn.db.session import Sessions
from overturn.reporting.imbalances import ImbalanceFacts, imbalances_of_claim, imbalances_of_files
from tests.integration.records import only, post, rows
from tests.x12_files import adjudicated_claim, paid_claim, remittance

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

LINE_OUT = adjudicated_claim("P1", ("60.00", ["CO*45*30.00"]), ("100.00", []))
CLAIM_OUT = [s.replace("CLP*P2*1*100.00*70.00", "CLP*P2*1*100.00*75.00") for s in paid_claim("P2")]
ALL_OUT = remittance(LINE_OUT, CLAIM_OUT, paid_claim("P3"), payment="300.00")


async def recorded(sessions: Sessions) -> set[tuple[Any, ...]]:
    found = await rows(sessions, tables.Imbalance)
    return {(i.level, i.amount, i.segment_index, i.line_number, i.claim_payment_id) for i in found}


async def test_line_claim_and_payment_are_recorded_each_at_its_place(sessions: Sessions) -> None:
    await post(sessions, ALL_OUT)
    payments = {p.patient_control_number: p.id for p in await rows(sessions, tables.ClaimPayment)}
    assert await recorded(sessions) == {
        ("remittance", Decimal("-5.00"), 3, None, None),
        ("line", Decimal("10.00"), 13, 1, payments["P1"]),
        ("claim", Decimal("-5.00"), 18, None, payments["P2"]),
    }


async def test_what_adds_up_leaves_nothing(sessions: Sessions) -> None:
    await post(sessions, remittance(paid_claim("P1")))
    assert await recorded(sessions) == set()


async def test_the_words_say_where_and_how_much(sessions: Sessions) -> None:
    await post(sessions, ALL_OUT, "out.835")
    file = await only(sessions, tables.ReceivedFile)
    async with sessions() as session:
        found = await imbalances_of_files(session, [file.sha256, "other"])
    assert {sha: [i.words for i in told] for sha, told in found.items()} == {
        file.sha256: [
            (
                "Segment 3 (ST), payment with trace number TRACE1: "
                "$5.00 less than its claims and provider adjustments come to."
            ),
            "Segment 13 (SVC), line 1 of claim P1: $10.00 of the charge are neither paid nor adjusted.",
            (
                "Segment 18 (CLP), claim P2 beyond what its lines lack: "
                "$5.00 more are paid and adjusted than were charged."
            ),
        ]
    }


async def test_a_claim_has_its_own_and_its_payments_but_not_its_neighbours(sessions: Sessions) -> None:
    await post(sessions, ALL_OUT)
    told = {}
    for claim in await rows(sessions, tables.Claim):
        async with sessions() as session:
            found: list[ImbalanceFacts] = await imbalances_of_claim(session, claim.id)
        told[claim.patient_control_number] = [i.level for i in found]
    assert told == {"P1": ["remittance", "line"], "P2": ["remittance", "claim"], "P3": ["remittance"]}


async def test_a_resent_remittance_records_nothing_twice(sessions: Sessions) -> None:
    await post(sessions, ALL_OUT)
    before = await recorded(sessions)
    await post(sessions, ALL_OUT.replace(b"*000000001", b"*000000077"))
    assert await recorded(sessions) == before
    assert len(await rows(sessions, tables.Imbalance)) == 3


async def test_what_was_posted_before_the_table_was_there_is_recorded_alike(
    sessions: Sessions, database_url: str
) -> None:
    await post(sessions, ALL_OUT)
    before = await recorded(sessions)
    await sessions.kw["bind"].dispose()
    command.downgrade(alembic_config(database_url), "0001")
    upgrade(database_url)
    assert await recorded(sessions) == before
