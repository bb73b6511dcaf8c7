"""A file is posted whole or not at all, and once."""

import asyncio
import random
import string
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from overturn.db import tables
from overturn.db.known_numbers import submitted_by_number
from overturn.db.session import Sessions
from services.ingest.receipts import Receipt
from services.ingest.receiving import receive_file
from tests.integration.records import content_of
from tests.x12_files import PAYER_ID, denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def post(sessions: Sessions, content: bytes, name: str = "remit.835") -> Receipt:
    return await receive_file(sessions, file_name=name, content=content, source="upload")


async def count(sessions: Sessions, table: type[Any]) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def everything(sessions: Sessions) -> list[int]:
    kinds = [tables.Remittance, tables.ClaimPayment, tables.ServiceLine, tables.Adjustment, tables.Outbox]
    return [await count(sessions, kind) for kind in (*kinds, tables.Claim, tables.Remark)]


async def test_a_remittance_is_stored_with_its_lines_adjustments_remarks_and_events(
    sessions: Sessions,
) -> None:
    receipt = await post(sessions, remittance(denied_claim("P1"), paid_claim("P2")))
    assert (receipt.state, receipt.claims) == ("posted", 2)
    assert await everything(sessions) == [1, 2, 2, 2, 2, 2, 1]
    async with sessions() as session:
        stored = (await session.scalars(select(tables.Remittance))).one()
        assert (stored.payment_amount, stored.difference_amount) == (Decimal("70.00"), Decimal("0.00"))
        file = (await session.scalars(select(tables.ReceivedFile))).one()
    assert await content_of(sessions, file) == remittance(denied_claim("P1"), paid_claim("P2"))


async def test_the_same_bytes_again_change_nothing(sessions: Sessions) -> None:
    content = remittance(denied_claim("P1"))
    await post(sessions, content)
    before = await everything(sessions)
    again = await post(sessions, content, "other-name.835")
    assert again.state == "known"
    assert "came before" in again.message
    assert await everything(sessions) == before
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_a_resent_remittance_under_new_control_numbers_changes_nothing(sessions: Sessions) -> None:
    await post(sessions, remittance(denied_claim("P1"), control="1"))
    before = await everything(sessions)
    again = await post(sessions, remittance(denied_claim("P1"), control="77"))
    assert again.claims == 0
    assert "resent-remittance" in {f["code"] for f in again.findings}
    assert await everything(sessions) == before


async def test_two_that_bring_the_same_file_at_once_post_it_once(sessions: Sessions) -> None:
    content = remittance(denied_claim("P1"))
    receipts = await asyncio.gather(*(post(sessions, content) for _ in range(4)))
    assert sorted(r.state for r in receipts) == ["known", "known", "known", "posted"]
    assert await count(sessions, tables.ClaimPayment) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 not a remittance", "X12"),
        (remittance(denied_claim("P1"))[:-60], "SE"),
        (remittance(denied_claim("P1")).replace(b"CLP*P1*1*100.00", b"CLP*P1*1*1OO.00"), "CLP03"),
    ],
    ids=["empty", "not X12", "truncated", "unreadable amount"],
)
async def test_what_cannot_be_read_is_quarantined_whole_and_says_where(
    sessions: Sessions, content: bytes, says: str
) -> None:
    receipt = await post(sessions, content)
    assert receipt.state == "quarantined"
    assert says in receipt.message
    assert await everything(sessions) == [0, 0, 0, 0, 0, 0, 0]
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_an_unknown_code_still_posts(sessions: Sessions) -> None:
    claim = [s.replace("CO*252", "CO*ZZ9").replace("N706", "N9999") for s in denied_claim("P1")]
    assert (await post(sessions, remittance(claim))).state == "posted"
    async with sessions() as session:
        assert await session.scalar(select(col(tables.Adjustment.reason))) == "ZZ9"


@pytest.mark.parametrize("claims_first", [True, False])
async def test_claim_and_remittance_find_each_other_in_either_order(
    sessions: Sessions, claims_first: bool
) -> None:
    files = [submission("P1", "P2"), remittance(denied_claim("P1"))]
    for content in files if claims_first else reversed(files):
        await post(sessions, content)
    async with sessions() as session:
        claims = (await session.scalars(select(tables.Claim))).all()
        payment = (await session.scalars(select(tables.ClaimPayment))).one()
    assert {c.patient_control_number: c.submitted for c in claims} == {"P1": True, "P2": True}
    assert payment.claim_id in {c.id for c in claims}


async def test_a_claim_that_was_never_submitted_is_kept_as_unmatched(sessions: Sessions) -> None:
    await post(sessions, remittance(paid_claim("FOREIGN")))
    async with sessions() as session:
        claim = (await session.scalars(select(tables.Claim))).one()
    assert (claim.patient_control_number, claim.submitted) == ("FOREIGN", False)


async def test_a_nul_character_in_a_name_does_not_stop_the_file(sessions: Sessions) -> None:
    content = remittance(denied_claim("P1")).replace(b"TESTER", b"TES\x00TER")
    receipt = await post(sessions, content)
    assert receipt.state in {"posted", "quarantined"}
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_a_remittance_with_more_claims_than_a_statement_has_parameters_finds_its_claims(
    sessions: Sessions,
) -> None:
    numbers = {f"P{n}" for n in range(70_000)}
    await post(sessions, submission("P69999"))
    async with sessions() as session:
        found = await submitted_by_number(session, numbers)
    assert set(found) == {"P69999"}


async def test_a_value_the_database_cannot_store_quarantines_the_file(sessions: Sessions) -> None:
    number = "".join(random.Random(7).choices(string.ascii_letters, k=9_000))  # noqa: S311 - does not compress
    receipt = await post(sessions, remittance(denied_claim(number)))
    assert receipt.state == "quarantined"
    assert "CLP01 (segment 11) has 9,000 characters" in receipt.message
    assert "ask the sender" in receipt.message
    assert await everything(sessions) == [0, 0, 0, 0, 0, 0, 0]
    again = await post(sessions, remittance(denied_claim(number)))
    assert (again.state, "CLP01" in again.message) == ("known", True)


@pytest.mark.parametrize("newest_first", [True, False])
async def test_of_several_submissions_the_last_one_counts(sessions: Sessions, newest_first: bool) -> None:
    newest = submission("P1", charge="160.00", control="2")
    older = submission("P1", charge="999.00", control="1").replace(b"*20260902*", b"*20250101*")
    for content in (newest, older) if newest_first else (older, newest):
        await post(sessions, content)
    async with sessions() as session:
        claim = (await session.scalars(select(tables.Claim))).one()
    assert claim.charge_amount == Decimal("160.00")


async def test_a_payer_is_known_by_its_own_number_and_not_its_tax_id(sessions: Sessions) -> None:
    await post(sessions, remittance(denied_claim("P1")))
    async with sessions() as session:
        stored = (await session.scalars(select(tables.Remittance))).one()
    assert stored.payer_identifier == PAYER_ID
