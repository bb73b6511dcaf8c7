"""A file is posted in blocks: seen as they commit, and gone on with after whatever cut them short."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from overturn.bench.remittance_file import write_remittance_file
from overturn.db import outbox, tables
from overturn.db.received_files import progress, unfinished
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.domain.remittance import sum_amounts
from services.ingest import blocks, outline, posting
from services.ingest.receiving import go_on
from tests.conftest import fresh_database
from tests.integration.records import content_of, count, only, post, rows, written
from tests.x12_files import denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio, pytest.mark.usefixtures("small_blocks")]

LARGE = b"".join(write_remittance_file(60, 3))
BLOCKS = 9  # of 7 claims or ends of remittances, of which there are 63


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that sixty claims are several blocks, and are read twice, as sixty thousand are."""
    monkeypatch.setattr(blocks, "CLAIMS_A_BLOCK", 7)
    monkeypatch.setattr(outline, "PARTS_KEPT", 10)
    monkeypatch.setattr(posting, "PARTS_A_STEP", 5)


@pytest_asyncio.fixture
async def elsewhere(postgres_port: int) -> AsyncIterator[Sessions]:
    """A second database, for what comes of the same files undisturbed."""
    with fresh_database(postgres_port) as url:
        engine = create_engine(url)
        yield create_sessions(engine)
        await engine.dispose()


class Cut:
    """Lets some blocks be posted, and fails before the next one commits, as the end of a process does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, blocks_before: int) -> None:
        self._left = blocks_before
        self._publish = outbox.publish_after_commit
        monkeypatch.setattr(posting, "publish_after_commit", self)

    async def __call__(self, *arguments: Any) -> None:
        await self._publish(*arguments)
        if not self._left:
            raise ConnectionError
        self._left -= 1


async def post_in_part(sessions: Sessions, content: bytes, blocks_before: int) -> tables.ReceivedFile:
    with pytest.MonkeyPatch.context() as patch:
        Cut(patch, blocks_before)
        with pytest.raises(ConnectionError):
            await post(sessions, content)
    file: tables.ReceivedFile = await only(sessions, tables.ReceivedFile)
    return file


async def test_what_is_committed_is_seen_with_its_events_before_the_file_is_done(sessions: Sessions) -> None:
    file = await post_in_part(sessions, LARGE, 4)
    assert (file.state, file.claims, file.parts) == ("posting", 27, 66)
    assert await count(sessions, tables.ClaimPayment) == 27
    assert await count(sessions, tables.Outbox) == 27
    assert progress(file) == "posting 45 %, 27 claims so far"
    assert await content_of(sessions, file) == LARGE


@pytest.mark.parametrize(
    ("blocks_before", "by_itself"), [(0, True), (2, False), (3, True), (5, False), (BLOCKS - 1, True)]
)
async def test_wherever_posting_is_cut_short_it_goes_on_to_the_same_record(
    sessions: Sessions, elsewhere: Sessions, blocks_before: int, by_itself: bool
) -> None:
    file = await post_in_part(sessions, LARGE, blocks_before)
    assert await unfinished_in(sessions) == [file.sha256]
    receipt = await (go_on(sessions, file.sha256) if by_itself else post(sessions, LARGE))
    assert (receipt.state, receipt.claims) == ("posted", 60)
    assert await unfinished_in(sessions) == []
    await post(elsewhere, LARGE)
    assert await written(sessions) == await written(elsewhere)
    assert await balances(sessions)


async def unfinished_in(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return await unfinished(session)


async def balances(sessions: Sessions) -> bool:
    """Whether every remittance's stored claims come to what it says, and each claim is told of once."""
    for stored in await rows(sessions, tables.Remittance):
        payment = tables.ClaimPayment
        paid = await rows(sessions, payment, col(payment.remittance_id) == stored.id)
        assert sum_amounts(p.paid_amount for p in paid) == stored.claims_paid_amount
        assert sorted(p.position for p in paid) == list(range(1, len(paid) + 1))
        assert stored.difference_amount == 0
    return await count(sessions, tables.Outbox) == await count(sessions, tables.ClaimPayment)


async def test_a_file_in_blocks_leaves_what_one_block_would(
    sessions: Sessions, elsewhere: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = remittance(*(paid_claim(f"P{n}") for n in range(20)), payment="1399.00")
    await post(sessions, content)
    monkeypatch.setattr(blocks, "CLAIMS_A_BLOCK", 1000)
    monkeypatch.setattr(outline, "PARTS_KEPT", 2000)
    await post(elsewhere, content)
    assert await written(sessions, without=("parts_posted",)) == await written(
        elsewhere, without=("parts_posted",)
    )
    assert (await only(sessions, tables.Imbalance)).amount == -1


async def test_a_file_that_breaks_off_posts_its_whole_payments_and_nothing_of_the_last(
    sessions: Sessions,
) -> None:
    receipt = await post(sessions, LARGE[: LARGE.rfind(b"~CLP")])
    assert (receipt.state, receipt.claims) == ("partly_posted", 40)
    assert "breaks off" in receipt.message
    assert await count(sessions, tables.Remittance) == 2
    assert await balances(sessions)


async def test_one_payment_that_breaks_off_posts_nothing_however_large(sessions: Sessions) -> None:
    content = b"".join(write_remittance_file(60, 1))
    receipt = await post(sessions, content[: content.rfind(b"~CLP")])
    assert receipt.state == "quarantined"
    assert await count(sessions, tables.ClaimPayment) == 0
    assert (await post(sessions, content)).claims == 60


async def test_a_large_remittance_in_another_envelope_is_passed_whole(sessions: Sessions) -> None:
    await post(sessions, LARGE)
    before = await written(sessions, without_files=True)
    resent = LARGE.replace(b"*000000001*", b"*000000077*")
    assert resent != LARGE
    receipt = await post(sessions, resent)
    assert (receipt.state, receipt.claims) == ("posted", 0)
    assert [f["code"] for f in receipt.findings if f["code"] == "resent-remittance"] == [
        "resent-remittance"
    ] * 3
    assert await written(sessions, without_files=True) == before


async def test_the_same_payment_twice_in_one_file_is_posted_once(sessions: Sessions) -> None:
    once = remittance(*(paid_claim(f"P{n}") for n in range(10)))
    begin, end = once.find(b"ST*"), once.find(b"GE*")
    receipt = await post(sessions, once[:end] + once[begin:end] + once[end:])
    assert receipt.claims == 10
    assert "resent-remittance" in {f["code"] for f in receipt.findings}
    assert await count(sessions, tables.ClaimPayment) == 10


async def test_claims_and_remittances_of_one_file_are_posted_in_its_order_and_once(
    sessions: Sessions,
) -> None:
    numbers = [f"P{n}" for n in range(10)]
    content = submission(*numbers) + remittance(*(denied_claim(n) for n in numbers))
    file = await post_in_part(sessions, content, 1)
    assert (file.state, file.claims) == ("posting", 10)
    receipt = await post(sessions, content)
    assert (receipt.state, receipt.claims) == ("posted", 20)
    assert await count(sessions, tables.SubmittedClaim) == 10
    assert {c.submitted for c in await rows(sessions, tables.Claim)} == {True}


async def test_a_release_that_reads_the_file_otherwise_does_not_go_on_with_it(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await post_in_part(sessions, LARGE, 4)
    monkeypatch.setattr(outline, "remittance_id", lambda *_: UUID(file.sha256[:32]))
    receipt = await post(sessions, LARGE)
    assert (receipt.state, receipt.claims, receipt.held_back) == ("partly_posted", 27, True)
    assert "so that nothing is posted twice" in receipt.message
    assert await count(sessions, tables.ClaimPayment) == 27


async def test_an_outage_in_the_middle_is_not_the_file_s_fault(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OperationalError("select", {}, ConnectionError())

    with monkeypatch.context() as patch:
        patch.setattr(posting, "publish_after_commit", away)
        with pytest.raises(OperationalError):
            await post(sessions, LARGE)
    assert (await only(sessions, tables.ReceivedFile)).findings == []
    assert (await post(sessions, LARGE)).claims == 60


async def test_what_only_the_database_finds_unstorable_is_held_back_with_its_place(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = outbox.publish_after_commit

    async def refuse_the_third(session: Any, events: Any) -> None:
        await publish(session, events)
        if await count(sessions, tables.ClaimPayment):
            await session.execute(select(col(tables.Claim.id)).where(col(tables.Claim.charge_amount) / 0 > 0))

    monkeypatch.setattr(posting, "publish_after_commit", refuse_the_third)
    receipt = await post(sessions, LARGE)
    assert (receipt.state, receipt.claims) == ("partly_posted", 7)
    assert "does not store a value of the 7 claims from segment" in receipt.message
    assert await count(sessions, tables.ClaimPayment) == 7
