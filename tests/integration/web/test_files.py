"""Files that arrived, files handed in, and claims matched by hand."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import Claim, Imbalance, ReceivedFile, Remittance
from services.web.app import create_app
from services.web.upload import IngestUnavailableError, Received
from tests.integration.web.conftest import ORIGIN, Browser
from tests.web_factories import NOW, CaseSeed, add_case, add_submission, make_web

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


def received(name: str, *, state: str = "posted", days_ago: int = 0, **changes: Any) -> ReceivedFile:
    return ReceivedFile(
        **{
            "sha256": uuid4().hex * 2,
            "file_name": name,
            "source": "drop",
            "size_bytes": 1200,
            "state": state,
            "received_at": NOW - timedelta(days=days_ago),
            **changes,
        }
    )


async def test_files_are_newest_first_with_their_findings_in_words(
    browser: Browser, sessions: Sessions
) -> None:
    finding = {"segment_index": 17, "segment": "CLP", "element": 3, "message": "'12,0' is no amount."}
    async with sessions.begin() as session:
        session.add(received("old.835", days_ago=3))
        session.add(received("bad.835", state="quarantined", findings=[finding]))
    await browser.sign_in("dana")
    page = (await browser.get("/files")).text
    assert page.index("bad.835") < page.index("old.835")
    assert "Segment 17 (CLP03): &#39;12,0&#39; is no amount." in page
    assert "quarantined" in page


@pytest.mark.parametrize(
    ("how_far", "said"),
    [
        ({"bytes_checked": 600}, "reading 50 %"),
        (
            {"parts": 1_900_000, "parts_posted": 780_000, "claims": 779_000},
            "posting 41 %, 779,000 claims so far",
        ),
    ],
)
async def test_a_file_that_is_being_posted_shows_how_far_it_is(
    browser: Browser, sessions: Sessions, how_far: dict[str, Any], said: str
) -> None:
    async with sessions.begin() as session:
        session.add(received("large.835", state="posting", **how_far))
    await browser.sign_in("dana")
    assert said in (await browser.get("/files")).text


async def test_what_does_not_add_up_stands_with_the_file_and_the_case(
    browser: Browser, sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("A1"))
        remittance = (await session.scalars(select(Remittance))).one()
        session.add(
            Imbalance(
                id=uuid4(),
                remittance_id=remittance.id,
                level="remittance",
                amount=Decimal("5.00"),
                segment_index=3,
            )
        )
    await browser.sign_in("dana")
    said = "payment with trace number EFT-A1: $5.00 more than its claims and provider adjustments come to."
    assert said in (await browser.get("/files")).text
    assert said in (await browser.get(f"/cases/{case_id}")).text


async def hand_in(browser: Browser, name: str = "a.835", content: bytes = b"ISA") -> httpx2.Response:
    await browser.get("/files")
    return await browser.post("/files", {}, files={"file": (name, content)})


async def test_a_file_handed_in_is_forwarded_and_its_fate_told(browser: Browser) -> None:
    await browser.sign_in("dana")
    answer = await hand_in(browser, content=b"ISA*00")
    assert answer.status_code == 200
    assert "a.835 is posted. 6 bytes were read." in answer.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("known", "already known. Seen on May 1."),
        ("posting", "stored and being posted. Seen on May 1."),
        ("quarantined", "put aside. Seen on May 1."),
    ],
)
async def test_a_known_or_bad_file_is_told_apart(
    sessions: Sessions, browser: Browser, state: str, said: str
) -> None:
    async def forward(file_name: str, content: bytes) -> Received:
        return Received(state, "Seen on May 1.")

    other = await at_another_intake(browser, sessions, forward)
    assert said in (await hand_in(other)).text


async def test_of_an_archive_each_file_s_fate_is_listed(sessions: Sessions, browser: Browser) -> None:
    async def forward(file_name: str, content: bytes) -> Received:
        return Received("partly_posted", "1 of 2.", ("a.zip/<b>.835: fine", "a.zip/c.835: not X12"))

    other = await at_another_intake(browser, sessions, forward)
    page = (await hand_in(other, "a.zip")).text
    assert "<li>a.zip/&lt;b&gt;.835: fine</li><li>a.zip/c.835: not X12</li>" in page


async def test_an_intake_that_is_down_says_so(sessions: Sessions, browser: Browser) -> None:
    async def forward(file_name: str, content: bytes) -> Received:
        raise IngestUnavailableError

    other = await at_another_intake(browser, sessions, forward)
    answer = await hand_in(other)
    assert answer.status_code == 503
    assert "Try again in a minute" in answer.text


async def at_another_intake(browser: Browser, sessions: Sessions, forward: object) -> Browser:
    transport = httpx2.ASGITransport(app=create_app(make_web(sessions, forward=forward)))  # type: ignore[arg-type]
    client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN})
    other = Browser(client, browser.steps)
    await other.sign_in("dana")
    return other


async def test_a_form_without_a_file_asks_for_one(browser: Browser) -> None:
    await browser.sign_in("dana")
    answer = await hand_in(browser, name="")
    assert answer.status_code == 422


async def unmatched_claim(sessions: Sessions, number: str = "LOST") -> None:
    async with sessions.begin() as session:
        await add_case(session, CaseSeed(number, submitted=False))


async def test_candidates_agree_in_most_facts_first_and_say_in_which(
    browser: Browser, sessions: Sessions
) -> None:
    await unmatched_claim(sessions)
    async with sessions.begin() as session:
        await add_submission(
            session, "MEMBER-ONLY", charge_amount=Decimal("1.00"), service_from=None, service_to=None
        )
        await add_submission(session, "ALL-THREE")
        await add_submission(
            session, "CHARGE-ONLY", member_identifier="X", service_from=None, service_to=None
        )
        await add_submission(session, "ANSWERED", adjudicated=True)
    await browser.sign_in("dana")
    page = (await browser.get("/unmatched")).text
    assert re.findall(r'<th scope="row">([^<]+)</th>', page) == ["ALL-THREE", "MEMBER-ONLY"]
    assert re.findall(r"<td>(same [^<]+)</td>", page) == [
        "same member, same date, same charge",
        "same member",
    ]
    assert re.findall(r'<td class="number">(\d+)</td>', page) == ["80", "40"]
    assert "1 claim</strong>" in page


async def test_a_claim_is_matched_by_hand_and_leaves_the_list(browser: Browser, sessions: Sessions) -> None:
    await unmatched_claim(sessions)
    async with sessions.begin() as session:
        submission = await add_submission(session, "SENT")
    await browser.sign_in("dana")
    page = (await browser.get("/unmatched")).text
    path = re.findall(r'action="(/unmatched/[^"]+)"', page)[0]
    answer = await browser.post(path, {"submitted_claim_id": str(submission)})
    assert answer.headers["location"] == "/unmatched?matched=1"
    page = (await browser.get("/unmatched?matched=1")).text
    assert "Matched." in page
    assert "Every answered claim is one we know to have sent." in page
    async with sessions() as session:
        assert (await session.scalars(select(col(Claim.submitted)))).all() == [True]
    again = await browser.post(path, {"submitted_claim_id": str(submission)})
    assert again.status_code == 409
    assert "matched already" in again.text
