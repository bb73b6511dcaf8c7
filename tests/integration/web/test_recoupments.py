"""The pages of money that payers demand back."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db.addresses import save_contact
from overturn.db.session import Sessions
from overturn.db.tables import (
    Claim,
    DenialCase,
    Recoupment,
    RecoupmentClaim,
    RecoupmentClock,
    RecoupmentEvent,
)
from overturn.domain.channel_names import ChannelName
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.identifiers import deterministic_id
from overturn.domain.payer_contacts import PayerContact
from tests.integration.web.conftest import Browser
from tests.web_factories import TODAY, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

LETTER = {
    "payer": "Medicare Part B contractor",
    "reference": "AR-1",
    "amount": "70.00",
    "notice_on": "2026-03-02",
    "received_on": "",
    "claims": "",
}


async def enter(browser: Browser, **given: str) -> tuple[int, str]:
    page = (await browser.get("/recoupments")).text
    [step_id] = re.findall(r'name="step_id" value="([^"]+)"', page)
    sent = await browser.post("/recoupments", {"step_id": step_id, **LETTER, **given}, follow_redirects=True)
    return sent.status_code, sent.text


async def take(browser: Browser, recoupment_id: UUID, step: str, **form: str) -> tuple[int, str]:
    page = (await browser.get(f"/recoupments/{recoupment_id}")).text
    [hidden] = re.findall(
        rf'/{step}" class.*?name="step_id" value="([^"]+)".*?name="version" value="([^"]+)"', page, re.DOTALL
    )
    filled = {"step_id": hidden[0], "version": hidden[1], **form}
    sent = await browser.post(f"/recoupments/{recoupment_id}/{step}", filled, follow_redirects=True)
    return sent.status_code, sent.text


async def the_one(sessions: Sessions) -> Recoupment:
    async with sessions() as session:
        return (await session.scalars(select(Recoupment))).one()


async def test_a_letter_is_entered_once_and_shows_its_dollars(browser: Browser, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("P1"))
    await browser.sign_in("dana")
    page = (await browser.get("/recoupments")).text
    assert "No payer demands money back" in page
    [step_id] = re.findall(r'name="step_id" value="([^"]+)"', page)
    form = {"step_id": step_id, **LETTER, "claims": "P1"}
    for _ in range(2):
        sent = await browser.post("/recoupments", form, follow_redirects=True)
        assert sent.status_code == 200
        assert "demands $70.00" in sent.text
    row = await the_one(sessions)
    assert (row.payer, row.line_of_business, row.notice_on) == (
        *("medicare", "Medicare FFS"),
        date(2026, 3, 2),
    )
    async with sessions() as session:
        claim = (await session.scalars(select(RecoupmentClaim))).one()
        assert (await session.get_one(Claim, claim.claim_id)).patient_control_number == "P1"
        case = (await session.scalars(select(DenialCase))).one()
    listed = (await browser.get("/recoupments")).text
    for words in ("1 demand</strong> open", "$70.00 demanded back", "letter AR-1", ">P1<", "nobody"):
        assert words in listed
    assert "letter AR-1" in (await browser.get(f"/cases/{case.id}")).text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"payer": "Nobody We Know"}, "No payer of the rules"),
        ({"claims": "P1, P2"}, "No claim on record has the number P1, P2"),
        ({"notice_on": "2099-01-01"}, "check the dates"),
        ({"received_on": "2026-03-01"}, "received before its own date"),
    ],
)
async def test_a_letter_that_does_not_fit_is_refused_in_words_and_keeps_what_was_typed(
    browser: Browser, sessions: Sessions, given: dict[str, str], words: str
) -> None:
    await browser.sign_in("dana")
    status, page = await enter(browser, **given)
    assert (status, words in page, 'value="AR-1"' in page) == (409, True, True)
    async with sessions() as session:
        assert (await session.scalars(select(Recoupment))).all() == []


@pytest.mark.parametrize("amount", ["0", "-5", "1.999", "a lot"])
async def test_an_amount_that_is_none_is_refused(browser: Browser, amount: str) -> None:
    await browser.sign_in("dana")
    status, page = await enter(browser, amount=amount)
    assert (status, "amount:" in page) == (422, True)


async def test_the_same_letter_from_another_form_is_refused(browser: Browser) -> None:
    await browser.sign_in("dana")
    assert (await enter(browser))[0] == 200
    status, page = await enter(browser)
    assert (status, "AR-1 of this payer is entered already" in page) == (409, True)


async def test_every_step_is_recorded_with_who_took_it(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    await enter(browser)
    recoupment_id = (await the_one(sessions)).id
    today = f"{TODAY}"
    steps = [
        ("repay", {"amount": "20.00", "paid_on": today, "how": "check 7"}, "$20.00 repaid on"),
        (
            "submit",
            {"dispute": "rebuttal", "submitted_on": today, "confirmation": "FAX 1"},
            "confirmation FAX 1",
        ),
        ("submit", {"dispute": "appeal", "submitted_on": today, "confirmation": ""}, "Appeal sent on"),
        ("decide", {"decision": "reduced", "decided_on": today, "amount": "10.00"}, "$10.00 given up"),
        (
            "notice",
            {"notice_on": "2026-03-01", "received_on": "", "reference": "AR-1", "amount": "65.00"},
            "$65.00.",
        ),
        ("assign", {"assignee_id": "nobody"}, "Assigned to nobody."),
        ("accept", {"reason": "Billed <twice>."}, "Accepted: Billed &lt;twice&gt;."),
    ]
    for step, form, words in steps:
        status, page = await take(browser, recoupment_id, step, **form)
        assert (status, words in page) == (200, True), (step, page[-3000:])
    row = await the_one(sessions)
    assert (row.status, row.outcome, row.level, row.repaid_amount) == (
        "closed",
        "accepted",
        2,
        Decimal("20.00"),
    )
    page = (await browser.get(f"/recoupments/{recoupment_id}")).text
    assert "Next step" not in page
    assert page.count(", Dana") == len(steps) + 1  # the letter too
    assert ">accepted<" in (await browser.get("/recoupments")).text


async def test_a_step_recorded_by_mistake_is_taken_back_with_its_reason(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("dana")
    await enter(browser)
    recoupment_id = (await the_one(sessions)).id
    assert "Recorded by mistake" not in (await browser.get(f"/recoupments/{recoupment_id}")).text
    _, page = await take(browser, recoupment_id, "accept", reason="Billed twice.")
    assert "Take back the acceptance" in page
    status, page = await take(browser, recoupment_id, "undo", reason="The <other> demand.")
    assert (status, "Taken back: accept. The &lt;other&gt; demand." in page) == (200, True)
    assert ("Next step" in page, "Recorded by mistake" in page) == (True, False)
    row = await the_one(sessions)
    assert (row.status, row.outcome, row.last_step) == ("demanded", None, {})
    form = {"step_id": f"{UUID(int=9)}", "version": f"{row.version}", "reason": "Again."}
    sent = await browser.post(f"/recoupments/{recoupment_id}/undo", form)
    assert (sent.status_code, "There is no step to take back" in sent.text) == (409, True)


async def test_a_step_from_an_older_page_and_one_that_does_not_fit_are_refused(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("dana")
    await enter(browser)
    recoupment_id = (await the_one(sessions)).id
    form = {"step_id": f"{UUID(int=1)}", "version": "7", "reason": "Right."}
    sent = await browser.post(f"/recoupments/{recoupment_id}/accept", form)
    assert (sent.status_code, "changed meanwhile" in sent.text) == (409, True)
    form = {"step_id": f"{UUID(int=2)}", "version": "1", "decision": "upheld", "decided_on": f"{TODAY}"}
    sent = await browser.post(f"/recoupments/{recoupment_id}/decide", form)
    assert (sent.status_code, "needs one that is disputed" in sent.text) == (409, True)
    assert (await browser.get(f"/recoupments/{UUID(int=3)}")).status_code == 404


async def add_missed(sessions: Sessions) -> UUID:
    """A take-back whose rebuttal was missed, and whose appeal nobody knows the window of."""
    recoupment_id = deterministic_id("recoupment", "test")
    async with sessions.begin() as session:
        session.add(
            Recoupment(
                id=recoupment_id,
                payer="SOME PLAN",
                payer_name="SOME PLAN",
                source="take_back",
                demanded_amount=Decimal("70.00"),
                withheld_amount=Decimal("70.00"),
                status="demanded",
                notice_on=date(2026, 2, 1),
                opened_on=date(2026, 2, 1),
            )
        )
        await session.flush()
        session.add_all(
            [
                RecoupmentClock(
                    recoupment_id=recoupment_id,
                    kind=DeadlineKind.RECOUPMENT_REBUTTAL,
                    level=1,
                    state="missed",
                    due_on=date(2026, 2, 16),
                    deadline={"due_on": "2026-02-16", "derivation": []},
                    missed_cause="nobodys",
                    missed_amount=Decimal("70.00"),
                ),
                RecoupmentClock(
                    recoupment_id=recoupment_id,
                    kind=DeadlineKind.APPEAL,
                    level=1,
                    state="running",
                    deadline={"due_on": None, "unknown": "no filing window is known: set the window"},
                ),
            ]
        )
    return recoupment_id


async def test_an_unknown_last_day_comes_first_and_a_person_sets_it(
    browser: Browser, sessions: Sessions
) -> None:
    recoupment_id = await add_missed(sessions)
    await browser.sign_in("dana")
    await enter(browser)
    listed = (await browser.get("/recoupments")).text
    assert listed.index("SOME PLAN") < listed.index("letter AR-1")
    assert "unknown: set the window" in listed
    form = {"kind": "appeal", "due_on": "2026-06-30", "reason": "Page 2 of the contract."}
    status, page = await take(browser, recoupment_id, "clock", **form)
    assert (status, "set to 2026-06-30: Page 2" in page) == (200, True)
    async with sessions() as session:
        clock = await session.get_one(RecoupmentClock, (recoupment_id, "appeal", 1))
        assert (clock.stated_on, clock.stated_reason) == (date(2026, 6, 30), "Page 2 of the contract.")
        events = (await session.scalars(select(col(RecoupmentEvent.kind)))).all()
    assert "set_clock" in events


async def test_what_was_missed_is_listed_with_its_dollars_for_who_leads(
    browser: Browser, sessions: Sessions
) -> None:
    recoupment_id = await add_missed(sessions)
    await browser.sign_in("morgan")
    page = (await browser.get("/missed")).text
    assert f'href="/recoupments/{recoupment_id}"' in page
    for words in ("Last days of recoupments", "SOME PLAN", "Nobody had it", "$70.00"):
        assert words in page


async def test_a_rebuttal_is_drafted_edited_and_asked_to_be_sent(
    browser: Browser, sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("P1"))
        contact = PayerContact("medicare", ChannelName.MAIL, address=("PO Box 1", "Springfield"))
        await save_contact(session, contact, actor_id=None, now=datetime(2026, 3, 1, tzinfo=UTC))
    await browser.sign_in("dana")
    await enter(browser, claims="P1")
    recoupment_id = (await the_one(sessions)).id
    status, page = await take(browser, recoupment_id, "rebuttal/draft", reason="Each visit is documented.")
    assert (status, "Each visit is documented." in page, "blanks to fill in" in page) == (
        200,
        True,
        True,
    )
    assert "AR-1" in page
    pdf = await browser.get(f"/recoupments/{recoupment_id}/rebuttal/letter.pdf")
    assert (pdf.headers["content-type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    status, page = await take(browser, recoupment_id, "rebuttal/send", channel="mail")
    assert (status, "Fill in the blanks first" in page) == (409, True)
    status, page = await take(browser, recoupment_id, "rebuttal/edit", markdown="# Rebuttal\r\n\r\nRight.")
    assert (status, "blanks to fill in" in page) == (200, False)
    status, page = await take(browser, recoupment_id, "rebuttal/send", channel="portal")
    assert (status, "not open any more" in page) == (422, True)
    status, page = await take(browser, recoupment_id, "rebuttal/send", channel="mail")
    assert (status, "The rebuttal is being sent" in page) == (200, True)
    status, page = await take(browser, recoupment_id, "rebuttal/call_back")
    assert (status, "Rebuttal called back." in page, (await the_one(sessions)).status) == (
        200,
        True,
        "demanded",
    )


async def test_where_the_payers_rebuttals_go_is_asked_before_one_is_sent(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("dana")
    await enter(browser)
    recoupment_id = (await the_one(sessions)).id
    form = {"step_id": f"{UUID(int=5)}", "version": "1", "channel": "mail"}
    sent = await browser.post(f"/recoupments/{recoupment_id}/rebuttal/send", form)
    assert (sent.status_code, "draft it first" in sent.text) == (409, True)
    await take(browser, recoupment_id, "rebuttal/draft", reason="Right.")
    await take(browser, recoupment_id, "rebuttal/edit", markdown="Right.")
    status, page = await take(browser, recoupment_id, "rebuttal/send", channel="mail")
    assert (status, "A manager enters it on the page Addresses" in page) == (409, True)
