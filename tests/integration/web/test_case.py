"""One case: what the page proves, the steps, and the letter."""

import re
from decimal import Decimal
from io import BytesIO
from uuid import UUID, uuid4

import docx
import pytest
from pypdf import PdfReader
from sqlalchemy import delete, select
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, Claim, Denial, DenialCase, Letter, Remittance, UserAccount
from overturn.domain.denial_case import CaseStatus, Outcome
from tests.integration.web.conftest import Browser
from tests.web_factories import TODAY, CaseSeed, add_case
from workflows.denial_case.step_client import StepNotTakenError
from workflows.denial_case.types import (
    ApproveInput,
    AssignInput,
    DecideInput,
    PersonsStep,
    ProveReceiptInput,
    ResubmitInput,
    StepResult,
    SubmitInput,
    WriteOffInput,
)

CLOSING = ("write_off", "bill_patient", "not_a_denial")

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def open_case(browser: Browser, sessions: Sessions, seed: CaseSeed) -> str:
    """Seed one case, sign dana in, load its page; its path."""
    async with sessions.begin() as session:
        path = f"/cases/{await add_case(session, seed)}"
    await browser.sign_in("dana")
    await browser.get(path)
    return path


async def stored(sessions: Sessions) -> DenialCase:
    async with sessions() as session:
        return (await session.scalars(select(DenialCase))).one()


async def letter_of(sessions: Sessions) -> Letter:
    async with sessions() as session:
        return (await session.scalars(select(Letter))).one()


def step(**fields: object) -> dict[str, object]:
    return {"step_id": str(uuid4()), "case_version": 1, **fields}


async def test_the_page_proves_the_denial_with_rule_segments_and_deadline(
    browser: Browser, sessions: Sessions
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1", guardrail="No appeal: send a new claim."))
    page = (await browser.get(path)).text
    assert "not medically necessary (CARC 50 with N115)" in page
    assert "No appeal: send a new claim." in page
    assert "co-50" in page
    assert "Noridian JE B denial page" in page
    assert "segment 25, CAS02 = 50" in page
    assert "CAS*CO*<mark>50</mark>*120.00" in page
    assert re.search(r'class="marked"><span class="segment-number">25</span>', page)
    assert "trace number EFT-A1" in page
    assert "received 5 days after its date" in page
    assert "The letter still has 1 blank to fill in." in page
    assert "Rule medicare-redetermination (3f9a): 42 CFR 405.942" in page


@pytest.mark.parametrize(
    ("stand", "opening"), [("confirmed", "Proved."), ("refuted", "The payer is refuted.")]
)
async def test_the_page_shows_where_each_fact_of_a_proof_stands(
    browser: Browser, sessions: Sessions, stand: str, opening: str
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    place = {"document": "835", "segment_index": 21, "segment": "SVC", "element": 1, "value": "97150"}
    table = {"name": "CMS PTP edits", "quarter": "2024Q3", "stale": True}
    proof = {"stand": stand, "places": [place | {"claim": "P7"}], "tables": [table]}
    async with sessions.begin() as session:
        denial = (await session.scalars(select(Denial))).one()
        denial.reasoning = {**denial.reasoning, "proof": proof}
    page = (await browser.get(path)).text
    assert f"<strong>{opening}</strong> Look at 835 segment 21, SVC01 = 97150, of claim P7." in page
    assert "The table of 2024Q3 is older than the service" in page


async def test_an_unknown_deadline_says_what_is_missing(browser: Browser, sessions: Sessions) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1", due_on=None))
    assert "No appeal window is known for this payer" in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("seed", "shown"),
    [
        (CaseSeed("A1", status=CaseStatus.SUBMITTED), "sent, was due Mar 28, 2026"),
        (
            CaseSeed("A1", status=CaseStatus.RESOLVED, outcome=Outcome.WRITTEN_OFF),
            "closed, was due Mar 28, 2026",
        ),
        (CaseSeed("A1", status=CaseStatus.RESOLVED, outcome=Outcome.EXPIRED), "missed Mar 28, 2026"),
    ],
)
async def test_the_deadline_says_whether_the_case_was_sent_closed_or_missed(
    browser: Browser, sessions: Sessions, seed: CaseSeed, shown: str
) -> None:
    path = await open_case(browser, sessions, seed)
    for address in (path, "/queue?claim=A1"):
        chips = re.findall(r"</span> ((?:sent|closed|missed)[^<]*)</span>", (await browser.get(address)).text)
        assert set(chips) == {shown}, address


async def test_what_the_payers_figures_do_not_explain_stands_beside_them(
    browser: Browser, sessions: Sessions
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    assert "does not balance" not in (await browser.get(path)).text
    async with sessions.begin() as session:
        (await session.scalars(select(Remittance))).one().difference_amount = Decimal("-4.50")
        (await session.scalars(select(Claim))).one().imbalance_amount = Decimal("7.25")
    page = (await browser.get(path)).text
    assert "This remittance does not balance by $4.50" in page
    assert "This claim does not balance by $7.25" in page


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        (CaseStatus.NEEDS_WORK, {"approve", "assign", "pend", "set_deadline", "prove_receipt", *CLOSING}),
        (
            CaseStatus.APPROVED,
            {"send", "submit", "assign", "pend", "set_deadline", "prove_receipt", "undo", *CLOSING},
        ),
        (CaseStatus.SENDING, {"assign", "undo"}),
        (CaseStatus.SUBMITTED, {"decide", "assign", "undo", "write_off", "bill_patient"}),
        (CaseStatus.AWAITING_PAYMENT, {"assign", "undo", "write_off"}),
        (CaseStatus.RESOLVED, {"reopen"}),
        (CaseStatus.OPENED, set()),
    ],
)
async def test_only_the_steps_that_fit_are_offered(
    browser: Browser, sessions: Sessions, status: CaseStatus, offered: set[str]
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1", status=status))
    page = (await browser.get(path)).text
    assert set(re.findall(r'/steps/(\w+)"', page)) == offered
    step_ids = re.findall(r'name="step_id" value="([^"]+)"', page)
    assert len(step_ids) == len(set(step_ids))


async def test_every_step_reaches_the_workflow_in_the_persons_name(
    browser: Browser, sessions: Sessions
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    async with sessions() as session:
        dana = await session.scalar(select(UserAccount).where(col(UserAccount.user_name) == "dana"))
    assert dana is not None
    sent = [
        ("assign", step(assignee_id=str(dana.id))),
        (
            "prove_receipt",
            step(case_version=2, received_on=str(TODAY), proof=" Postmark ", reason="Lost mail"),
        ),
        ("approve", step(case_version=3)),
        ("submit", step(case_version=4, channel="fax", submitted_on=str(TODAY), confirmation="F-1")),
        ("decide", step(case_version=5, decision="overturned", decided_on=str(TODAY))),
        ("write_off", step(case_version=6, reason="  too small ")),
    ]
    for name, form in sent:
        answer = await browser.post(f"{path}/steps/{name}", form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done={name}"), name
    asked = browser.steps.asked
    assert [type(each) for each in asked] == [
        AssignInput,
        ProveReceiptInput,
        ApproveInput,
        SubmitInput,
        DecideInput,
        WriteOffInput,
    ]
    assert {each.actor_id for each in asked} == {dana.id}
    assert browser.steps.words == ["", "Postmark. Why it came late: Lost mail.", "", "F-1", "", "too small"]
    assert (await stored(sessions)).status == CaseStatus.RESOLVED
    assert "Written off." in (await browser.get(f"{path}?done=write_off")).text
    assert "Step taken: submit." in (await browser.get(path)).text


async def test_a_corrected_claim_is_asked_for_with_its_corrections(
    browser: Browser, sessions: Sessions
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1", status=CaseStatus.APPROVED))
    assert "/steps/resubmit" not in (await browser.get(path)).text, "an appeal is no claim"
    async with sessions.begin() as session:
        (await session.scalars(select(DenialCase))).one().action = "corrected_claim"
        await session.execute(delete(Letter))
    assert "Write the replacement" in (await browser.get(path)).text
    answer = await browser.post(f"{path}/steps/resubmit", step(add_modifiers="1:kx", authorization="A-77"))
    assert answer.headers["location"] == f"{path}?done=resubmit"
    (asked,) = browser.steps.asked
    assert isinstance(asked, ResubmitInput)
    (words,) = browser.steps.words
    assert '"KX"' in words
    assert '"A-77"' in words
    refused = await browser.post(f"{path}/steps/resubmit", step(add_modifiers="KX"))
    assert refused.status_code == 422


async def test_a_double_click_is_one_step(browser: Browser, sessions: Sessions) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    form = step()
    first = await browser.post(f"{path}/steps/approve", form)
    second = await browser.post(f"{path}/steps/approve", form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert (await stored(sessions)).version == 2


async def test_a_refused_step_comes_back_as_a_sentence_over_the_case(
    browser: Browser, sessions: Sessions
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    answer = await browser.post(f"{path}/steps/approve", step(case_version=7))
    assert answer.status_code == 409
    assert "This case has changed since the page was loaded." in answer.text
    assert "Why it was denied" in answer.text


async def test_a_step_that_does_not_fit_is_refused_by_the_domain(
    browser: Browser, sessions: Sessions
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    form = step(decision="upheld", decided_on=str(TODAY))
    answer = await browser.post(f"{path}/steps/decide", form)
    assert answer.status_code == 409
    assert "needs one that is submitted" in answer.text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("approve", {"step_id": "no id"}),
        ("approve", step(extra="1")),
        ("assign", step(assignee_id=str(uuid4()))),
        ("send", step(channel="pigeon")),
        ("submit", step(channel="pigeon", submitted_on=str(TODAY))),
        ("submit", step(channel="fax", submitted_on="yesterday")),
        ("decide", step(decision="maybe", decided_on=str(TODAY))),
        ("write_off", step(reason="   ")),
        ("bill_patient", step(reason="   ")),
        ("not_a_denial", step()),
        ("write_off", step(reason="x" * 501)),
        ("write_off", step(reason="a\0b")),
    ],
)
async def test_a_form_that_cannot_be_read_changes_nothing(
    browser: Browser, sessions: Sessions, name: str, form: dict[str, object]
) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    answer = await browser.post(f"{path}/steps/{name}", form)
    assert answer.status_code == 422
    assert browser.steps.asked == []


async def test_a_case_can_be_given_to_nobody(browser: Browser, sessions: Sessions) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    await browser.post(f"{path}/steps/assign", step(assignee_id="nobody"))
    assert isinstance(browser.steps.asked[0], AssignInput)
    assert browser.steps.asked[0].assignee_id is None


async def test_a_workflow_service_that_is_down_says_what_to_do(
    browser: Browser, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(_: object, case_id: UUID, step: PersonsStep, words: str) -> StepResult:
        raise StepNotTakenError("The workflow service cannot be reached; send the form again.")

    path = await open_case(browser, sessions, CaseSeed("A1"))
    monkeypatch.setattr(type(browser.steps), "__call__", down)
    answer = await browser.post(f"{path}/steps/approve", step())
    assert answer.status_code == 503
    assert "send the form again" in answer.text


async def letter_path(browser: Browser, sessions: Sessions) -> str:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    return f"{path}/letters/{(await letter_of(sessions)).id}"


async def test_an_edited_letter_is_saved_in_all_three_forms(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    draft = (await letter_of(sessions)).draft_markdown
    edited = draft.replace("[skilled need]", "gait training after a fracture")
    answer = await browser.post(path, {"version": 1, "markdown": edited.replace("\n", "\r\n")})
    assert answer.status_code == 303
    letter = await letter_of(sessions)
    assert (letter.version, letter.markdown, letter.missing_facts) == (2, edited, [])
    assert letter.draft_markdown == draft
    pdf = await browser.client.get(f"{path}/letter.pdf")
    word = await browser.client.get(f"{path}/letter.docx")
    assert "gait training" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    paragraphs = docx.Document(BytesIO(word.content)).paragraphs
    assert any("gait training" in paragraph.text for paragraph in paragraphs)
    assert "Letter edited: version 2." in (await browser.get(path.split("/letters")[0])).text


async def test_a_downloaded_letter_is_named_by_the_case_and_never_by_the_claim(
    browser: Browser, sessions: Sessions
) -> None:
    path = await letter_path(browser, sessions)
    case = path.split("/")[2]
    for kind in ("pdf", "docx"):
        answer = await browser.client.get(f"{path}/letter.{kind}")
        name = f"letter-{case[:8]}-1.{kind}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'


async def test_an_edited_letter_still_shows_how_it_was_drafted(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    case = path.split("/letters")[0]
    assert "As it was drafted" not in (await browser.get(case)).text
    await browser.post(path, {"version": 1, "markdown": "A short letter"})
    drafted = (await browser.get(case)).text.split("<summary>As it was drafted</summary>")[1]
    assert '<mark class="blank">[skilled need]</mark>' in drafted
    assert "A short letter" not in drafted


async def test_an_edited_letter_shows_what_people_changed(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    case = path.split("/letters")[0]
    assert "What people changed" not in (await browser.get(case)).text
    drafted = (await letter_of(sessions)).draft_markdown
    edited = drafted.replace("[skilled need]", "stairs were unsafe")
    await browser.post(path, {"version": 1, "markdown": edited})
    shown = (await browser.get(case)).text
    assert "<summary>What people changed (2)</summary>" in shown
    assert "The patient needed skilled therapy: [skilled need].</del>" in shown
    assert "The patient needed skilled therapy: stairs were unsafe.</ins>" in shown


async def test_a_letter_shows_what_it_rests_on_and_what_nobody_looked_up(
    browser: Browser, sessions: Sessions
) -> None:
    case = (await letter_path(browser, sessions)).split("/letters")[0]
    assert "What this letter rests on" not in (await browser.get(case)).text
    async with sessions.begin() as session:
        letter = (await session.scalars(select(Letter))).one()
        letter.grounds = [{"fact": "member_id", "value": "1EG4", "source": "835 of 2026-02-20, segment 12"}]
        letter.citations = [{"text": "42 CFR 1.1", "source": "nobody", "confidence": "unverified"}]
    shown = (await browser.get(case)).text
    assert "<td>1EG4</td><td>835 of 2026-02-20, segment 12</td>" in shown
    assert "Not verified, look it up before you approve:" in shown


async def test_a_stale_letter_is_refused_with_who_and_when_and_keeps_the_text(
    browser: Browser, sessions: Sessions
) -> None:
    path = await letter_path(browser, sessions)
    await browser.sign_in("morgan")
    await browser.post(path, {"version": 1, "markdown": "Morgan's letter"})
    await browser.sign_in("dana")
    answer = await browser.post(path, {"version": 1, "markdown": "Dana's letter"})
    assert answer.status_code == 409
    assert "Morgan saved this letter on Mar 16, 2026" in answer.text
    assert "Dana&#39;s letter</textarea>" in answer.text
    assert "Morgan&#39;s letter</pre>" in answer.text
    assert (await letter_of(sessions)).markdown == "Morgan's letter"


async def test_an_approved_letter_can_no_longer_be_changed(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    async with sessions.begin() as session:
        (await session.scalars(select(Letter))).one().state = "approved"
    answer = await browser.post(path, {"version": 1, "markdown": "Too late"})
    assert answer.status_code == 409
    assert "can no longer be changed" in answer.text
    assert (await letter_of(sessions)).version == 1


async def test_a_letter_that_cannot_be_rendered_is_not_stored(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    answer = await browser.post(path, {"version": 1, "markdown": "x" * 100_001})
    assert answer.status_code == 422
    assert "Shorten it" in answer.text
    assert (await letter_of(sessions)).version == 1


async def test_the_letter_of_another_case_is_not_found_here(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    letter = path.rsplit("/", 1)[1]
    async with sessions.begin() as session:
        other = await add_case(session, CaseSeed("B2", letter=None))
    assert (await browser.get(f"/cases/{other}/letters/{letter}/letter.pdf")).status_code == 404
    answer = await browser.post(f"/cases/{other}/letters/{letter}", {"version": 1, "markdown": "x"})
    assert answer.status_code == 409
    async with sessions() as session:
        assert (await session.get_one(Letter, UUID(letter))).markdown != "x"


async def test_the_preview_shows_the_text_as_text(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    form = {"version": 1, "markdown": "**Bold** <img src=x> [a blank]"}
    page = (await browser.post(f"{path}/preview", form)).text
    assert "<strong>Bold</strong> &lt;img src=x&gt;" in page
    assert '<mark class="blank">[a blank]</mark>' in page
    assert (await letter_of(sessions)).version == 1


async def test_the_timeline_is_in_order_with_peoples_names(browser: Browser, sessions: Sessions) -> None:
    path = await open_case(browser, sessions, CaseSeed("A1"))
    case = await stored(sessions)
    async with sessions.begin() as session:
        dana = await session.scalar(select(UserAccount).where(col(UserAccount.user_name) == "dana"))
        assert dana is not None
        for summary in ("Called the payer.", "Sent the records."):
            session.add(
                CaseEvent(id=uuid4(), case_id=case.id, kind="call", summary=summary, actor=str(dana.id))
            )
            await session.flush()
    page = (await browser.get(path)).text
    assert page.index("Denied: medical necessity.") < page.index("Called the payer.")
    assert page.index("Called the payer.") < page.index("Sent the records.")
    assert '<span class="muted">Dana</span>' in page


async def test_an_unfinished_session_leads_htmx_to_the_sign_in_page(
    browser: Browser, sessions: Sessions
) -> None:
    path = await letter_path(browser, sessions)
    browser.client.cookies.clear()
    answer = await browser.post(f"{path}/preview", {}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/sign-in")
