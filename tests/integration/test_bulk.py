"""Rows copied in, or handed over as JSON, are the rows that single parameters would have written."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.db import tables
from overturn.db.bulk import insert_rows
from overturn.db.session import Sessions
from tests.integration.records import count, only

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


def claim(**changes: Any) -> dict[str, Any]:
    amounts = ("paid", "contractual", "patient", "denied", "imbalance")
    return {
        "id": uuid4(),
        "patient_control_number": "P1",
        "patient_name": None,
        "charge_amount": Decimal("100.10"),
        "service_from": date(2026, 9, 1),
        "submitted": False,
        "adjudicated": False,
        **{f"{name}_amount": Decimal("0.00") for name in amounts},
        **changes,
    }


async def insert(sessions: Sessions, *rows: dict[str, Any], unless_there: bool = False) -> None:
    async with sessions.begin() as session:
        await insert_rows(session, tables.Claim, rows, unless_there=unless_there)


async def enter(session: AsyncSession, remittance_id: UUID) -> None:
    session.add(tables.ReceivedFile(sha256="f", file_name="f", source="drop", size_bytes=1, state="posted"))
    session.add(
        tables.Remittance(
            id=remittance_id,
            file_sha256="f",
            control_number="1",
            interchange_control_number="1",
            payment_amount=Decimal(0),
            claims_paid_amount=Decimal(0),
            provider_adjustments_amount=Decimal(0),
            difference_amount=Decimal(0),
            segment_index=0,
        )
    )


both_ways = pytest.mark.parametrize("unless_there", [False, True])


@both_ways
@pytest.mark.parametrize(
    "name",
    ['O\'Hara "Ann"', "Zoë 日本 \U0001f600", "back\\slash {} [] null", "tab\tnewline\n\r", "\\N", "\\.", ""],
)
async def test_text_comes_back_as_it_was(sessions: Sessions, name: str, *, unless_there: bool) -> None:
    await insert(sessions, claim(patient_name=name), unless_there=unless_there)
    assert (await only(sessions, tables.Claim)).patient_name == name


@both_ways
@pytest.mark.parametrize("amount", ["100.10", "0.00", "-0.01", "999999999999999.99", "12.3456", "5"])
async def test_money_keeps_every_digit(sessions: Sessions, amount: str, *, unless_there: bool) -> None:
    await insert(sessions, claim(charge_amount=Decimal(amount)), unless_there=unless_there)
    assert str((await only(sessions, tables.Claim)).charge_amount) == amount


@both_ways
async def test_what_is_absent_stays_absent_and_dates_and_defaults_are_set(
    sessions: Sessions, *, unless_there: bool
) -> None:
    await insert(sessions, claim(), unless_there=unless_there)
    stored = await only(sessions, tables.Claim)
    assert (stored.patient_name, stored.service_from, stored.service_to) == (None, date(2026, 9, 1), None)
    assert stored.created_at is not None


@both_ways
async def test_lists_are_stored_as_documents(sessions: Sessions, *, unless_there: bool) -> None:
    row = {"event_id": uuid4(), "topic": "t", "key": "k", "payload": {"a": [1, "x"], "b": None}}
    async with sessions.begin() as session:
        await insert_rows(session, tables.Outbox, [row], unless_there=unless_there)
    assert (await only(sessions, tables.Outbox)).payload == {"a": [1, "x"], "b": None}


async def test_what_is_there_is_left_alone_where_that_is_asked_for(sessions: Sessions) -> None:
    row = claim()
    await insert(sessions, row)
    await insert(sessions, {**row, "patient_control_number": "P2"}, claim(), unless_there=True)
    assert await count(sessions, tables.Claim) == 2
    with pytest.raises(IntegrityError):
        await insert(sessions, row)


async def test_a_refused_value_is_told_as_of_any_statement_and_leaves_the_session_usable(
    sessions: Sessions,
) -> None:
    with pytest.raises(DBAPIError) as refused:
        await insert(sessions, claim(service_from="not a date"))
    assert getattr(refused.value.orig, "sqlstate", None) == "22007"
    await insert(sessions, claim())
    assert await count(sessions, tables.Claim) == 1


async def test_rows_are_part_of_the_transaction(sessions: Sessions) -> None:
    async with sessions() as session:
        await insert_rows(session, tables.Claim, [claim()])
        await session.rollback()
    assert await count(sessions, tables.Claim) == 0


async def test_what_the_session_still_holds_is_written_first(sessions: Sessions) -> None:
    row = claim()
    payment = {
        "id": uuid4(),
        "claim_id": row["id"],
        "remittance_id": uuid4(),
        "reason": "WO",
        "reference": None,
        "numbers": ["A\t1", "B,2"],
        "amount": Decimal("-1.10"),
        "segment_index": 1,
    }
    async with sessions.begin() as session:
        await enter(session, payment["remittance_id"])
        session.add(tables.Claim(**row))
        await insert_rows(session, tables.ProviderAdjustment, [payment])
    assert (await only(sessions, tables.ProviderAdjustment)).numbers == ["A\t1", "B,2"]


async def test_nothing_is_no_statement(sessions: Sessions) -> None:
    await insert(sessions)
    assert await count(sessions, tables.Claim) == 0
