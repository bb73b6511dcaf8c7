"""The pages of batches: chosen in the queue, reviewed once, ordered once, and told how it went."""

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import save_contact
from overturn.db.session import Sessions
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus
from overturn.domain.payer_contacts import PayerContact
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

WHOLE = """# Lakeside Physical Therapy

---

## Request for redetermination

| | |
|---|---|
| Patient | Patient of {number} |
| Amount in question | ${number} |

We ask you to reverse the denial of claim **{number}**.

[signature]
"""


async def add_cases(sessions: Sessions, *seeds: CaseSeed) -> list[UUID]:
    async with sessions.begin() as session:
        return [await add_case(session, seed) for seed in seeds]


def ready(number: str, **changes: object) -> CaseSeed:
    return CaseSeed(number, **{"letter": WHOLE, **changes})  # type: ignore[arg-type]


async def choose(browser: Browser, case_ids: Sequence[UUID], **form: object) -> str:
    """The address of the batch that comes of it."""
    await browser.get("/queue")
    chosen = {"step_id": str(uuid4()), "case_ids": [str(case_id) for case_id in case_ids], **form}
    answer = await browser.post("/batches", chosen)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def test_like_cases_are_reviewed_as_one(browser: Browser, sessions: Sessions) -> None:
    case_ids = await add_cases(sessions, ready("B-1"), ready("B-2"), ready("B-3"))
    await browser.sign_in("dana")
    page = (await browser.get(await choose(browser, case_ids))).text
    assert "What differs in 3 letters" in page
    assert "Approve 3 letters" in page
    assert page.count("We ask you to reverse the denial of claim") == 1
    for number in ("B-1", "B-2", "B-3"):
        assert f"<td>{number}</td>" in page


async def test_a_letter_with_a_blank_stands_apart_and_is_no_part_of_the_approval(
    browser: Browser, sessions: Sessions
) -> None:
    case_ids = await add_cases(sessions, ready("B-1"), ready("B-2"), CaseSeed("B-3"))
    await browser.sign_in("dana")
    page = (await browser.get(await choose(browser, case_ids))).text
    assert "Approve 2 letters" in page
    assert "Its letter needs: skilled need." in page


async def test_cases_that_differ_become_several_batches(browser: Browser, sessions: Sessions) -> None:
    case_ids = await add_cases(sessions, ready("B-1"), ready("B-2"), ready("B-3", payer="Orchard Health"))
    await browser.sign_in("dana")
    assert await choose(browser, case_ids) == "/batches"
    page = (await browser.get("/batches?made=2")).text
    assert "2 batches were made" in page
    assert "Orchard Health" in page


async def test_all_of_a_selection_is_taken_whatever_page_it_is_on(
    browser: Browser, sessions: Sessions
) -> None:
    await add_cases(sessions, *(ready(f"B-{n}") for n in range(3)), ready("B-9", payer="Orchard Health"))
    await browser.sign_in("dana")
    where = await choose(browser, [], everything="true", selection="payer=Medicare+Part+B")
    page = (await browser.get(where)).text
    assert "<strong>3 cases</strong>" in page
    assert "B-9" not in page


async def test_one_case_calls_for_all_that_are_like_it(browser: Browser, sessions: Sessions) -> None:
    case_ids = await add_cases(
        sessions, ready("B-1"), ready("B-2"), ready("B-3", cause="other"), ready("B-4", payer="Orchard")
    )
    await browser.sign_in("dana")
    assert "Appeal all like this one" in (await browser.get(f"/cases/{case_ids[0]}")).text
    form = {"step_id": str(uuid4()), "case_id": str(case_ids[0])}
    answer = await browser.post("/batches/like", form)
    page = (await browser.get(answer.headers["location"])).text
    assert "<strong>2 cases</strong>" in page
    missing = await browser.post("/batches/like", {**form, "case_id": str(uuid4())})
    assert missing.status_code == 404


async def test_choosing_twice_makes_one_batch(browser: Browser, sessions: Sessions) -> None:
    case_ids = await add_cases(sessions, ready("B-1"))
    await browser.sign_in("dana")
    step = str(uuid4())
    assert await choose(browser, case_ids, step_id=step) == await choose(browser, case_ids, step_id=step)
    async with sessions() as session:
        assert len((await session.scalars(select(tables.AppealBatch))).all()) == 1


async def test_nothing_chosen_and_nothing_that_fits_are_said(browser: Browser, sessions: Sessions) -> None:
    (case_id,) = await add_cases(sessions, ready("B-1", action="corrected_claim", letter=None))
    await browser.sign_in("dana")
    nothing = await browser.post("/batches", {"step_id": str(uuid4())})
    assert (nothing.status_code, "No case was chosen" in nothing.text) == (422, True)
    unfit = await browser.post("/batches", {"step_id": str(uuid4()), "case_ids": [str(case_id)]})
    assert (unfit.status_code, "None of these cases is worked by a letter" in unfit.text) == (409, True)
    rubbish = await browser.post(
        "/batches", {"step_id": str(uuid4()), "everything": "true", "selection": "nonsense=1"}
    )
    assert (rubbish.status_code, "selection cannot be read" in rubbish.text) == (422, True)


async def test_an_approval_is_on_record_before_the_workflow_hears_of_it(
    browser: Browser, sessions: Sessions
) -> None:
    case_ids = await add_cases(sessions, ready("B-1"), ready("B-2"))
    await browser.sign_in("dana")
    where = await choose(browser, case_ids)
    for _ in range(2):
        answer = await browser.post(f"{where}/orders/approve", {"version": 1})
        assert answer.status_code == 303, "a second click is the same order"
    page = (await browser.get(where)).text
    assert "Approving" in page
    assert 'hx-trigger="every 2s"' in page
    assert "What differs" not in page
    async with sessions() as session:
        batch = (await session.scalars(select(tables.AppealBatch))).one()
    assert (batch.state, batch.ordered, batch.version) == ("at_work", "approve", 2)
    part = (await browser.get(f"{where}/progress")).text
    assert part.lstrip().startswith('<div id="progress"')
    await browser.post(f"{where}/stop", {})
    assert "Go on" in (await browser.get(where)).text
    await browser.post(f"{where}/go_on", {})
    assert "Approving" in (await browser.get(where)).text


async def approved(browser: Browser, sessions: Sessions, count: int) -> str:
    seeds = (ready(f"B-{n}", status=CaseStatus.APPROVED) for n in range(count))
    return await choose(browser, await add_cases(sessions, *seeds))


async def test_a_batch_is_not_sent_to_an_address_nobody_entered(browser: Browser, sessions: Sessions) -> None:
    await browser.sign_in("dana")
    where = await approved(browser, sessions, 2)
    answer = await browser.post(f"{where}/orders/send", {"version": 1, "channel": "mail"})
    assert answer.status_code == 409
    assert "A manager enters it on the page Addresses" in answer.text
    portal = await browser.post(f"{where}/orders/send", {"version": 1, "channel": "portal"})
    assert "not open for a batch" in portal.text


async def test_what_went_and_what_did_not_is_listed_and_can_be_taken_home(
    browser: Browser, sessions: Sessions
) -> None:
    await browser.sign_in("dana")
    where = await approved(browser, sessions, 3)
    async with sessions.begin() as session:
        contact = PayerContact("Medicare Part B", ChannelName.MAIL, address=("PO Box 1", "Erie PA"))
        await save_contact(session, contact, actor_id=None, now=NOW)
    assert (await browser.post(f"{where}/orders/send", {"version": 1, "channel": "mail"})).status_code == 303
    await let_go_out(sessions)
    page = (await browser.get(where)).text
    assert "1 left out" in page
    assert "1 sent · 1 not sent" in page
    assert "no such number" in page
    assert "Look at them again" in page
    lines = list(csv.DictReader(io.StringIO((await browser.get(f"{where}/outcome.csv")).text)))
    assert [(line["claim"], line["outcome"], line["why"]) for line in lines] == [
        ("B-0", "sent", ""),
        ("B-1", "not sent", "no such number"),
        ("B-2", "left out", "'=cmd()"),
    ]
    assert lines[0]["confirmation"] == "CONF1"


async def let_go_out(sessions: Sessions) -> None:
    """As the workflows would: one sent, one refused by the channel, one left out."""
    async with sessions.begin() as session:
        members = (
            await session.scalars(
                select(tables.AppealBatchMember)
                .join(tables.DenialCase, col(tables.DenialCase.id) == col(tables.AppealBatchMember.case_id))
                .join(tables.Claim, col(tables.Claim.id) == col(tables.DenialCase.claim_id))
                .order_by(col(tables.Claim.patient_control_number))
            )
        ).all()
        for place, member in enumerate(members):
            member.position = place
        for member, state in zip(members, ("sent", "not_sent"), strict=False):
            sending = tables.Sending(
                id=uuid4(), case_id=member.case_id, level=1, channel="mail", state=state, asked_at=NOW
            )
            sending.problem = "no such number" if state == "not_sent" else ""
            sending.confirmation = "CONF1" if state == "sent" else None
            sending.sent_at = NOW if state == "sent" else None
            session.add(sending)
            member.state, member.send_id = "sending", sending.id
        members[2].state, members[2].words = "apart", "=cmd()"
        await session.execute(update(tables.AppealBatch).values(state="idle"))


async def test_a_case_that_changed_since_is_shown_so_and_can_be_taken_in_again(
    browser: Browser, sessions: Sessions
) -> None:
    case_ids = await add_cases(sessions, ready("B-1"), ready("B-2"))
    await browser.sign_in("dana")
    where = await choose(browser, case_ids)
    async with sessions.begin() as session:
        (await session.get_one(tables.DenialCase, case_ids[0])).version = 2
    page = (await browser.get(where)).text
    assert "Approve 1 letter<" in page
    assert "Changed since they were taken in" in page
    version = re.findall(r'name="version" value="(\d+)"', page)[0]
    await browser.post(f"{where}/look_again", {"version": version})
    assert "Approve 2 letters" in (await browser.get(where)).text
    old = await browser.post(f"{where}/orders/approve", {"version": version})
    assert (old.status_code, "has changed since the page was loaded" in old.text) == (409, True)


async def test_markup_in_a_letter_is_text_on_the_page(browser: Browser, sessions: Sessions) -> None:
    bad = "# H\n\n---\n\nDear <script>alert({number})</script> of {number}.\n"
    case_ids = await add_cases(sessions, ready("B-1", letter=bad), ready("B-2", letter=bad))
    await browser.sign_in("dana")
    page = (await browser.get(await choose(browser, case_ids))).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("path", ["", "/progress", "/outcome.csv"])
async def test_a_batch_that_is_not_there_is_not_found(browser: Browser, path: str) -> None:
    await browser.sign_in("dana")
    answer = await browser.get(f"/batches/{uuid4()}{path}")
    assert answer.status_code == 404
    for button in ("stop", "go_on"):
        assert (await browser.post(f"/batches/{uuid4()}/{button}", {})).status_code == 404


async def test_dollars_of_the_marked_cases_stand_with_their_boxes(
    browser: Browser, sessions: Sessions
) -> None:
    await add_cases(sessions, ready("B-1", denied=Decimal("12.50")))
    await browser.sign_in("dana")
    page = (await browser.get("/queue?payer=Medicare+Part+B")).text
    assert 'data-amount="12.50" aria-label="Mark B-1"' in page
    assert 'name="selection" value="payer=Medicare+Part+B"' in page
