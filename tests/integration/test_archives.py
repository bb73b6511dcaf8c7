"""ZIP and gzip files at the doors: each file in them is posted by itself, and the archive is kept."""

import gzip
from typing import Any

import pytest
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from services.ingest import posting, receiving
from services.ingest.receipts import Receipt
from services.ingest.receiving import go_on, receive_file
from tests.archives import encrypted, zipped
from tests.integration.records import content_of, count, only, post, rows
from tests.x12_files import denied_claim, paid_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

FIRST = remittance(denied_claim("P1"))
SECOND = remittance(paid_claim("P2"), trace="TRACE2", control="2")
BROKEN = remittance(denied_claim("P3"), trace="TRACE3", control="3")[:-60]


async def receive(sessions: Sessions, content: bytes, name: str = "files.zip") -> Receipt:
    return await receive_file(sessions, file_name=name, content=content, source="upload")


def told(receipt: Receipt) -> list[tuple[str, str]]:
    return [(member["file_name"], member["state"]) for member in receipt.members]


async def test_each_file_in_a_zip_is_posted_under_a_name_of_its_own(sessions: Sessions) -> None:
    packed = zipped(("sent.837", submission("P1")), ("remits/first.835", FIRST), ("second.835", SECOND))
    receipt = await receive(sessions, packed)
    assert (receipt.state, receipt.claims, receipt.held_back) == ("posted", 3, False)
    assert receipt.message == "3 of 3 files in it were taken whole; 3 claims posted."
    assert told(receipt) == [
        ("files.zip/sent.837", "posted"),
        ("files.zip/remits/first.835", "posted"),
        ("files.zip/second.835", "posted"),
    ]
    stored = {f.file_name: f for f in await rows(sessions, tables.ReceivedFile)}
    assert set(stored) == {"files.zip", *(name for name, _ in told(receipt))}
    assert await content_of(sessions, stored["files.zip"]) == packed
    assert await content_of(sessions, stored["files.zip/second.835"]) == SECOND


async def test_a_gzip_file_is_posted_as_what_is_in_it(sessions: Sessions) -> None:
    receipt = await receive(sessions, gzip.compress(FIRST), "remit.835.gz")
    assert told(receipt) == [("remit.835.gz/remit.835", "posted")]
    assert await count(sessions, tables.ClaimPayment) == 1


async def test_a_bad_file_in_an_archive_is_quarantined_alone(sessions: Sessions) -> None:
    nested = zipped(("inner.835", FIRST))
    receipt = await receive(sessions, zipped(("a.835", FIRST), ("b.835", BROKEN), ("c.zip", nested)))
    assert receipt.state == "partly_posted"
    assert [state for _, state in told(receipt)] == ["posted", "quarantined", "quarantined"]
    assert "archive within the archive" in receipt.members[2]["message"]
    kept = await only(sessions, tables.ReceivedFile, col(tables.ReceivedFile.file_name) == "files.zip")
    assert [finding["message"].split(":")[0] for finding in kept.findings] == [
        "files.zip/b.835",
        "files.zip/c.zip",
    ]
    broken = await only(
        sessions, tables.ReceivedFile, col(tables.ReceivedFile.file_name) == "files.zip/b.835"
    )
    assert (broken.state, await content_of(sessions, broken)) == ("quarantined", BROKEN)


async def test_an_archive_of_which_nothing_can_be_taken_is_quarantined(sessions: Sessions) -> None:
    receipt = await receive(sessions, encrypted(zipped(("a.835", FIRST))))
    assert (receipt.state, receipt.held_back) == ("quarantined", True)
    assert "password" in receipt.members[0]["message"]
    assert await count(sessions, tables.ReceivedFile) == 1


async def test_a_bomb_is_quarantined_whole_with_the_reason(sessions: Sessions) -> None:
    receipt = await receive(sessions, zipped(("a.835", FIRST), ("zeros", bytes(3_000_000))))
    assert receipt.state == "quarantined"
    assert receipt.message.startswith("Quarantined, nothing was posted. This archive unpacks to over")
    assert await count(sessions, tables.Claim) == 0
    assert (await only(sessions, tables.ReceivedFile)).state == "quarantined"


async def test_the_same_archive_again_is_known(sessions: Sessions) -> None:
    packed = zipped(("a.835", FIRST))
    await receive(sessions, packed)
    again = await receive(sessions, packed, "other.zip")
    assert (again.state, again.held_back, again.members) == ("known", False, [])
    assert await count(sessions, tables.ReceivedFile) == 2


async def test_a_file_that_came_before_is_known_in_the_archive_and_counts_as_taken(
    sessions: Sessions,
) -> None:
    await post(sessions, FIRST, "a.835")
    receipt = await receive(sessions, zipped(("a.835", FIRST), ("b.835", SECOND)))
    assert (receipt.state, receipt.claims) == ("posted", 1)
    assert [state for _, state in told(receipt)] == ["known", "posted"]


@pytest.mark.parametrize("by_itself", [True, False])
async def test_an_archive_cut_short_by_a_crash_is_taken_up_again(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, by_itself: bool
) -> None:
    packed = zipped(("a.835", FIRST), ("b.835", SECOND))
    taken = posting.post_file

    async def crash_at_the_second(*arguments: Any, **named: Any) -> Receipt:
        if named["file_name"].endswith("b.835"):
            raise ConnectionError
        return await taken(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(receiving, "post_file", crash_at_the_second)
        with pytest.raises(ConnectionError):
            await receive(sessions, packed)
    kept = await only(sessions, tables.ReceivedFile, col(tables.ReceivedFile.file_name) == "files.zip")
    assert kept.state == "posting"
    receipt = await (go_on(sessions, kept.sha256) if by_itself else receive(sessions, packed))
    assert receipt.state == "posted"
    assert [state for _, state in told(receipt)] == ["known", "posted"]
    assert await count(sessions, tables.ClaimPayment) == 2
