"""Rows handed over as JSON are the rows that single parameters would have written."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

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


@pytest.mark.parametrize(
    "name", ['O\'Hara "Ann"', "Zoë 日本 \U0001f600", "back\\slash {} [] null", "tab\tnewline\n", ""]
)
async def test_text_comes_back_as_it_was(sessions: Sessions, name: str) -> None:
    await insert(sessions, claim(patient_name=name))
    assert (await only(sessions, tables.Claim)).patient_name == name


@pytest.mark.parametrize("amount", ["100.10", "0.00", "-0.01", "999999999999999.99", "12.3456", "5"])
async def test_money_keeps_every_digit(sessions: Sessions, amount: str) -> None:
    await insert(sessions, claim(charge_amount=Decimal(amount)))
    assert str((await only(sessions, tables.Claim)).charge_amount) == amount


async def test_what_is_absent_stays_absent_and_dates_and_defaults_are_set(sessions: Sessions) -> None:
    await insert(sessions, claim())
    stored = await only(sessions, tables.Claim)
    assert (stored.patient_name, stored.service_from, stored.service_to) == (None, date(2026, 9, 1), None)
    assert stored.created_at is not None


async def test_lists_are_stored_as_documents(sessions: Sessions) -> None:
    row = {"event_id": uuid4(), "topic": "t", "key": "k", "payload": {"a": [1, "x"], "b": None}}
    async with sessions.begin() as session:
        await insert_rows(session, tables.Outbox, [row])
    assert (await only(sessions, tables.Outbox)).payload == {"a": [1, "x"], "b": None}


async def test_what_is_there_is_left_alone_where_that_is_asked_for(sessions: Sessions) -> None:
    row = claim()
    await insert(sessions, row)
    await insert(sessions, {**row, "patient_control_number": "P2"}, claim(), unless_there=True)
    assert await count(sessions, tables.Claim) == 2
    with pytest.raises(IntegrityError):
        await insert(sessions, row)


async def test_nothing_is_no_statement(sessions: Sessions) -> None:
    await insert(sessions)
    assert await count(sessions, tables.Claim) == 0
