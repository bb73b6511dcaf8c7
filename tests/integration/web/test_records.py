"""The pages of requests for records."""

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import select, update

from overturn.db.session import Sessions
from overturn.db.tables import PayerContact, PracticeProfile, RecordsRequest, Remittance, Sending
from overturn.domain.records_request import RequestStatus
from tests.integration.web.conftest import Browser
from tests.unit.packages.samples import pdf
from tests.web_factories import NOW, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

LETTER = {
    "requester": "mac",
    "requester_name": "",
    "notice": "letter",
    "requested_on": "2026-03-02",
    "printed_due_on": "",
    "reference": "ADR 77 <b>",
    "documents": ["treatment_notes", "plan_of_care"],
    "other_documents": "",
}


async def add_claim(sessions: Sessions, number: str = "C1", **seed: Any) -> UUID:
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed(number, action="send_records", **seed))
        address = ["Review", "P.O. Box 7"]
        session.add(PayerContact(payer="Medicare Part B", channel="mail", address=address, updated_at=NOW))
        profile = PracticeProfile(id=1, address=["12 Harbor Street"], phone="8145550100")
        profile.signer_name, profile.signer_title = "Dana", "Lead"
        await session.merge(profile)
        await session.execute(update(Remittance).values(payee_name="LAKESIDE THERAPY"))
    return case_id


async def enter(browser: Browser, **changes: Any) -> httpx2.Response:
    """The form of a new request, filled in."""
    shown = (await browser.get("/records/new")).text
    step_id = re.findall(r'name="step_id" value="([^"]+)"', shown)[0]
    return await browser.post("/records", {**LETTER, "step_id": step_id, "claim_number": "C1", **changes})


async def opened(browser: Browser, sessions: Sessions, **changes: Any) -> str:
    """The page of a request that is on record."""
    await add_claim(sessions)
    await browser.sign_in("dana")
    answer = await enter(browser, **changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].split("?")[0]


async def take(browser: Browser, path: str, step: str, **form: Any) -> httpx2.Response:
    version = (re.findall(r'name="version" value="(\d+)"', (await browser.get(path)).text) or ["1"])[0]
    filled = {"step_id": str(uuid4()), "version": version, **form}
    return await browser.post(f"{path}/steps/{step}", filled)


async def upload(browser: Browser, path: str, document: str = "treatment_notes") -> httpx2.Response:
    files: dict[str, Any] = {"file": ("notes.pdf", pdf("Notes", 2))}
    return await browser.post(f"{path}/exhibits", {"document": document}, files=files)


async def row(sessions: Sessions) -> RecordsRequest:
    async with sessions() as session:
        return (await session.scalars(select(RecordsRequest))).one()


async def test_a_letter_is_entered_and_shows_what_is_at_stake_and_by_when(
    browser: Browser, sessions: Sessions
) -> None:
    path = await opened(browser, sessions)
    page = (await browser.get(path)).text
    for words in ("$120.00", "ADR 77 &lt;b&gt;", "Plan of care with its certification", "Dana"):
        assert words in page
    stored = await row(sessions)
    assert (stored.requested_on, stored.documents) == (date(2026, 3, 2), LETTER["documents"])
    listed = (await browser.get("/records")).text
    assert "<strong>1 request</strong> · $120.00 at stake" in listed
    assert f'href="{path}"' in listed


async def test_the_printed_day_is_shown_with_its_derivation(browser: Browser, sessions: Sessions) -> None:
    path = await opened(browser, sessions, printed_due_on="2026-03-30")
    page = (await browser.get(path)).text
    assert "the last day printed in the request" in page
    assert "14 d · Mar 30" in page


async def test_what_is_not_known_is_refused_and_what_was_entered_stays(
    browser: Browser, sessions: Sessions
) -> None:
    await add_claim(sessions)
    await browser.sign_in("dana")
    refused = await enter(browser, claim_number="NO SUCH", reference="KEEP ME")
    assert refused.status_code == 409
    assert "The claim number NO SUCH is not known." in refused.text
    assert 'value="KEEP ME"' in refused.text
    assert (await enter(browser, requester="upic")).status_code == 409
    assert (await enter(browser, requester="nobody")).status_code == 422
    assert (await enter(browser, documents=["made_up"])).status_code == 409
    async with sessions() as session:
        assert (await session.scalars(select(RecordsRequest))).all() == []


async def test_the_same_form_twice_is_one_request(browser: Browser, sessions: Sessions) -> None:
    await opened(browser, sessions)
    step_id = str(uuid4())
    answers = [await enter(browser, step_id=step_id, reference="TWICE") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert "on record already" in (await enter(browser, reference="twice")).text


async def test_from_its_case_the_form_knows_claim_and_date(browser: Browser, sessions: Sessions) -> None:
    case_id = await add_claim(sessions)
    await browser.sign_in("dana")
    case = (await browser.get(f"/cases/{case_id}")).text
    assert f'href="/records/new?case_id={case_id}"' in case
    form = (await browser.get(f"/records/new?case_id={case_id}")).text
    assert 'value="2026-02-20"' in form
    answer = await browser.post(
        "/records", {**LETTER, "step_id": str(uuid4()), "case_id": str(case_id), "notice": "remittance"}
    )
    assert answer.status_code == 303
    assert "Request of Mar 2, 2026" in (await browser.get(f"/cases/{case_id}")).text
    assert (await row(sessions)).case_id == case_id


async def test_documents_are_gathered_and_go_out(browser: Browser, sessions: Sessions) -> None:
    path = await opened(browser, sessions)
    assert "nothing to send" in (await take(browser, path, "gathered", words="")).text
    assert (await upload(browser, path)).status_code == 303
    missing = await take(browser, path, "gathered", words="")
    assert missing.status_code == 409
    assert "Still missing: Plan of care" in missing.text
    assert (await upload(browser, path, "plan_of_care")).status_code == 303  # the same file: it is there once
    assert (await take(browser, path, "gathered", words="Not kept.")).status_code == 303
    assert (await upload(browser, path)).status_code == 409
    package = await browser.get(f"{path}/package?channel=mail")
    assert package.headers["content-type"] == "application/pdf"
    assert package.content.startswith(b"%PDF")
    assert (await take(browser, path, "send", channel="fax")).status_code == 409  # no number is known
    assert (await take(browser, path, "send", channel="mail")).status_code == 303
    assert (await row(sessions)).status == RequestStatus.SENDING
    async with sessions() as session:
        sending = (await session.scalars(select(Sending))).one()
    assert "waits to go out" in (await browser.get(path)).text
    assert (await browser.get(f"{path}/sendings/{sending.id}/proof.json")).status_code == 404


async def test_every_step_of_a_person_shows_on_the_page(browser: Browser, sessions: Sessions) -> None:
    path = await opened(browser, sessions)
    await upload(browser, path)
    assert (await take(browser, path, "assign", assignee_id="nobody")).status_code == 303
    assert (await take(browser, path, "set_deadline", on="2026-03-20", words="By phone")).status_code == 303
    assert (await take(browser, path, "gathered", words="The rest is not kept.")).status_code == 303
    assert (await take(browser, path, "undo")).status_code == 303
    assert (await take(browser, path, "gathered", words="The rest is not kept.")).status_code == 303
    sent = await take(browser, path, "mark_sent", on="2026-03-16", channel="fax", words="F1")
    assert sent.status_code == 303
    assert (await take(browser, path, "decide", on="2026-03-16", accepted="false")).status_code == 303
    page = (await browser.get(path)).text
    for words in (
        "Given back: nobody has it.",
        "Last day set to 2026-03-20",
        "Sent by hand by fax on 2026-03-16, confirmation F1.",
        "did not accept the records",
        "This request is over.",
        "closed, was due Mar 20, 2026",
    ):
        assert words in page
    assert "Over</h2>" in (await browser.get("/records")).text


@pytest.mark.parametrize("step", ["sent", "expire", "remittance", "not_sent"])
async def test_a_fact_is_no_step_of_a_person(browser: Browser, sessions: Sessions, step: str) -> None:
    path = await opened(browser, sessions)
    assert (await take(browser, path, step)).status_code == 409
    assert (await row(sessions)).version == 1


async def test_an_older_page_changes_nothing(browser: Browser, sessions: Sessions) -> None:
    path = await opened(browser, sessions)
    assert (await take(browser, path, "withdraw", words="Theirs.", version="7")).status_code == 409
    assert (await take(browser, path, "withdraw", words="")).status_code == 409
    assert (await take(browser, path, "withdraw", words="Theirs.")).status_code == 303
    assert (await take(browser, path, "withdraw", words="Again.", version="2")).status_code == 409


async def test_a_document_can_be_taken_out_while_gathering(browser: Browser, sessions: Sessions) -> None:
    path = await opened(browser, sessions)
    await upload(browser, path)
    page = (await browser.get(path)).text
    (removal,) = re.findall(r'action="([^"]+/remove)"', page)
    assert (await browser.post(removal, {})).status_code == 303
    assert "missing:</strong> Treatment notes" in (await browser.get(path)).text


async def test_a_request_that_is_not_there_is_said(browser: Browser) -> None:
    await browser.sign_in("dana")
    path = f"/records/{uuid4()}"
    assert (await browser.get(path)).status_code == 404
    assert (await take(browser, path, "undo")).status_code == 404
    assert (await browser.get(f"{path}/package")).status_code == 404
    assert "No payer waits for records" in (await browser.get("/records")).text


async def test_what_was_missed_stands_on_the_leads_page(browser: Browser, sessions: Sessions) -> None:
    await opened(browser, sessions)
    async with sessions.begin() as session:
        missed = (await session.scalars(select(RecordsRequest))).one()
        missed.status, missed.outcome, missed.missed_cause = "missed", "missed", "nobodys"
        missed.due_on, missed.closed_at = date(2026, 3, 10), NOW
    await browser.sign_in("morgan")
    page = (await browser.get("/missed")).text
    for words in ("Requests for records that were not answered", "1 request, $120.00", "Nobody had it"):
        assert words in page
