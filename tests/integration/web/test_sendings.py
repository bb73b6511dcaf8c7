"""What went to the payer, on the case page and to take away; the portal's fields to copy."""

from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from overturn.db.session import Sessions
from overturn.db.tables import Letter, PayerContact, Sending, SentFile
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, CaseSeed, add_case
from workflows.denial_case.types import SendInput

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

FILE = b"%PDF generated"
PORTAL = "https://portal.payer.test/appeals"


async def case_with(sessions: Sessions, status: CaseStatus, *, portal: bool = False) -> UUID:
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("A1", status=status))
        if portal:
            session.add(
                PayerContact(
                    payer="Medicare Part B", channel="portal", address=[], destination=PORTAL, updated_at=NOW
                )
            )
        await session.execute(update(Letter).values(state="approved"))
    return case_id


async def add_sending(sessions: Sessions, case_id: UUID, *, sent: bool) -> UUID:
    key = uuid4()
    async with sessions.begin() as session:
        session.add(
            Sending(
                id=key,
                case_id=case_id,
                level=1,
                channel="fax",
                state="sent" if sent else "not_sent",
                confirmation="fax-1" if sent else None,
                proof={"destination": "5555550100", "answer": "queued", "files": {"appeal.pdf": "0" * 64}}
                if sent
                else {},
                content_sha256="ab" * 32 if sent else None,
                problem="" if sent else "The fax service refused <it>: HTTP 400.",
                asked_at=NOW,
                sent_at=NOW if sent else None,
            )
        )
        await session.flush()
        if sent:
            session.add(SentFile(sending_id=key, position=1, name="appeal.pdf", content=FILE, pages=3))
    return key


async def test_what_was_sent_stands_on_the_case_with_its_proof(browser: Browser, sessions: Sessions) -> None:
    case_id = await case_with(sessions, CaseStatus.SUBMITTED)
    key = await add_sending(sessions, case_id, sent=True)
    await browser.sign_in("dana")
    page = (await browser.get(f"/cases/{case_id}")).text
    assert "Sent to the payer" in page
    assert "fax-1" in page
    assert "SHA-256 <code>abababababababab…</code>" in page
    package = await browser.get(f"/cases/{case_id}/sendings/{key}/package")
    assert sha256(package.content).hexdigest() == sha256(FILE).hexdigest()
    proof = (await browser.get(f"/cases/{case_id}/sendings/{key}/proof.json")).json()
    assert (proof["channel"], proof["confirmation"], proof["destination"]) == ("fax", "fax-1", "5555550100")
    assert proof["files"] == {"appeal.pdf": "0" * 64}


async def test_what_could_not_be_sent_says_why_and_has_no_proof(browser: Browser, sessions: Sessions) -> None:
    case_id = await case_with(sessions, CaseStatus.APPROVED)
    key = await add_sending(sessions, case_id, sent=False)
    await browser.sign_in("dana")
    assert "refused &lt;it&gt;: HTTP 400" in (await browser.get(f"/cases/{case_id}")).text
    for what in ("package", "proof.json"):
        assert (await browser.get(f"/cases/{case_id}/sendings/{key}/{what}")).status_code == 404


async def test_a_sending_is_shown_under_its_own_case_alone(browser: Browser, sessions: Sessions) -> None:
    case_id = await case_with(sessions, CaseStatus.SUBMITTED)
    key = await add_sending(sessions, case_id, sent=True)
    await browser.sign_in("dana")
    assert (await browser.get(f"/cases/{uuid4()}/sendings/{key}/package")).status_code == 404


async def test_the_portals_fields_are_there_to_copy_and_the_confirmation_to_enter(
    browser: Browser, sessions: Sessions
) -> None:
    case_id = await case_with(sessions, CaseStatus.APPROVED, portal=True)
    await browser.sign_in("dana")
    page = (await browser.get(f"/cases/{case_id}")).text
    assert f'href="{PORTAL}"' in page
    assert page.count("data-copy=") >= 4
    form = {"step_id": str(uuid4()), "case_version": 1, "channel": "portal", "confirmation": " C-7 "}
    assert (await browser.post(f"/cases/{case_id}/steps/send", form)).status_code == 303
    (asked,) = browser.steps.asked
    assert isinstance(asked, SendInput)
    assert (asked.channel, browser.steps.words) == (ChannelName.PORTAL, ["C-7"])


async def test_without_a_known_portal_nothing_is_offered(browser: Browser, sessions: Sessions) -> None:
    case_id = await case_with(sessions, CaseStatus.APPROVED)
    await browser.sign_in("dana")
    assert "In the payer's portal" not in (await browser.get(f"/cases/{case_id}")).text


async def test_a_channel_that_is_not_open_is_refused(browser: Browser, sessions: Sessions) -> None:
    case_id = await case_with(sessions, CaseStatus.APPROVED)
    await browser.sign_in("dana")
    await browser.get(f"/cases/{case_id}")
    form = {"step_id": str(uuid4()), "case_version": 1, "channel": "sftp"}
    answer = await browser.post(f"/cases/{case_id}/steps/send", form)
    assert answer.status_code == 422
    assert "not open any more" in answer.text
