"""The words of letters: edited by one manager, seen on a case, put in force by a second, rolled back."""

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import DenialCase, Letter, LetterEdition, LetterEditionStep
from overturn.letter_editions import State, in_force, version_of
from overturn.letters.templates import letter_templates
from overturn.paths import APPEAL_TEMPLATES
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.appeals.activities import LetterDrafting
from tests.integration.web.conftest import Browser
from tests.web_factories import NOW, CaseSeed, add_case, person
from workflows.appeal.types import DraftLetterInput

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

LETTER = "medical_necessity"
PATH = f"/templates/{LETTER}"
SHIPPED = letter_templates(APPEAL_TEMPLATES).words(LETTER)
OURS = SHIPPED.replace("{% block request %}\n", "{% block request %}\nOur own <b>first</b> words.\n\n")
AGAIN = OURS.replace("Our own", "Once more our own")
VERSION = version_of(LETTER, OURS)


@pytest_asyncio.fixture
async def managers(browser: Browser, sessions: Sessions) -> Browser:
    """Morgan is signed in; pat is a second manager."""
    async with sessions.begin() as session:
        session.add(person("pat", "manager"))
    await browser.sign_in("morgan")
    return browser


async def state_of(sessions: Sessions, version: str) -> str:
    async with sessions() as session:
        return (await session.get_one(LetterEdition, version)).state


async def propose(browser: Browser, words: str = OURS) -> None:
    answer = await browser.post(f"{PATH}/propose", {"words": words, "note": "Shorter for the reviewer."})
    assert answer.status_code == 303, answer.text


async def in_use(browser: Browser, words: str = OURS) -> None:
    """Proposed by morgan, put in force by pat."""
    await browser.sign_in("morgan")
    await propose(browser, words)
    await browser.sign_in("pat")
    answer = await browser.post(f"{PATH}/approve", {"version": version_of(LETTER, words)})
    assert answer.status_code == 303, answer.text


async def drafted(sessions: Sessions, number: str) -> Letter:
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed(number, letter=None))
    request = DraftLetterInput(case_id=case_id, level=1, at=NOW)
    await LetterDrafting(sessions, RulesInForce(load_rulebook())).draft_letter(request)
    async with sessions() as session:
        return (await session.scalars(select(Letter).where(col(Letter.case_id) == case_id))).one()


async def test_every_letter_is_listed_with_what_is_in_force(managers: Browser) -> None:
    await in_use(managers)
    shown = (await managers.get("/templates")).text
    assert "Appeal of a medical necessity denial" in shown
    assert shown.count("data-open") == 18
    assert shown.count("as shipped") == 17
    assert VERSION[:8] in shown


async def test_words_take_a_second_manager(managers: Browser, sessions: Sessions) -> None:
    await propose(managers)
    page = (await managers.get(PATH)).text
    assert "A second manager puts these words in force." in page
    assert "Put in force" not in page
    refused = await managers.post(f"{PATH}/approve", {"version": VERSION})
    assert refused.status_code == 409
    assert "Whoever proposed the words cannot approve them" in refused.text
    assert await state_of(sessions, VERSION) == State.PROPOSED
    await managers.sign_in("pat")
    page = (await managers.get(PATH)).text
    assert "Put in force" in page
    assert "Our own &lt;b&gt;first&lt;/b&gt; words." in page
    assert "Shorter for the reviewer." in page
    assert (await managers.post(f"{PATH}/approve", {"version": VERSION})).status_code == 303
    assert await state_of(sessions, VERSION) == State.IN_FORCE


async def test_a_letter_is_drafted_with_the_words_in_force_and_says_so(
    managers: Browser, sessions: Sessions
) -> None:
    before = await drafted(sessions, "L1")
    assert (before.edition, "Our own" in before.markdown) == (None, False)
    await in_use(managers)
    after = await drafted(sessions, "L2")
    assert (after.edition, "Our own" in after.markdown) == (VERSION, True)
    assert after.template_version != before.template_version


async def test_a_rollback_brings_back_the_words_before_and_then_the_shipped_ones(
    managers: Browser, sessions: Sessions
) -> None:
    await in_use(managers)
    await in_use(managers, AGAIN)
    assert await state_of(sessions, VERSION) == State.SUPERSEDED
    again = version_of(LETTER, AGAIN)
    assert (await managers.post(f"{PATH}/roll-back", {"version": again})).status_code == 303
    assert [await state_of(sessions, one) for one in (VERSION, again)] == ["in_force", "rolled_back"]
    twice = await managers.post(f"{PATH}/roll-back", {"version": again})
    assert twice.status_code == 409
    assert await state_of(sessions, VERSION) == State.IN_FORCE
    await managers.post(f"{PATH}/roll-back", {"version": VERSION})
    assert (await drafted(sessions, "L3")).edition is None


async def test_words_that_were_rolled_back_can_be_proposed_again_and_need_approval_again(
    managers: Browser, sessions: Sessions
) -> None:
    await in_use(managers)
    await managers.post(f"{PATH}/roll-back", {"version": VERSION})
    await propose(managers)  # by pat this time
    assert (await managers.post(f"{PATH}/approve", {"version": VERSION})).status_code == 409
    assert await state_of(sessions, VERSION) == State.PROPOSED


async def test_faulty_words_are_told_line_by_line_and_stay_in_the_editor(
    managers: Browser, sessions: Sessions
) -> None:
    faulty = OURS.replace("Our own", "{{ ''.__class__ }} {{ facts.shoe_size }} Our own")
    answer = await managers.post(f"{PATH}/propose", {"words": faulty.replace("\n", "\r\n")})
    assert answer.status_code == 422
    assert "There is no fact &#39;shoe_size&#39;" in answer.text
    assert "Line 16: " in answer.text
    assert "{{ facts.shoe_size }} Our own" in answer.text
    async with sessions() as session:
        assert (await session.scalars(select(LetterEdition))).all() == []


@pytest.mark.parametrize(
    ("words", "said"), [(SHIPPED, "These are the shipped words"), (OURS, "These words were proposed before")]
)
async def test_what_changes_nothing_is_refused(managers: Browser, words: str, said: str) -> None:
    await propose(managers)
    answer = await managers.post(f"{PATH}/propose", {"words": words})
    assert answer.status_code == 409
    assert said in answer.text


async def test_the_preview_shows_a_real_case_and_stores_nothing(
    managers: Browser, sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("PV-1", patient="Casey Specimen", letter=None))
    form = {"words": OURS, "claim_number": "PV-1"}
    part = await managers.post(f"{PATH}/preview", form, headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith('<article class="letter">')
    assert "SPECIMEN" in part.text.upper()
    assert "Our own &lt;b&gt;first&lt;/b&gt; words." in part.text
    whole = await managers.post(f"{PATH}/preview", form)
    assert "<!doctype html>" in whole.text
    assert 'value="PV-1"' in whole.text
    async with sessions() as session:
        assert (await session.scalars(select(LetterEdition))).all() == []
        assert (await session.scalars(select(Letter))).all() == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"words": OURS}, "Enter a claim number below the text"),
        ({"words": OURS, "claim_number": "NO-1"}, "No case has the claim number NO-1."),
        ({"words": "rubbish", "claim_number": "NO-1"}, "Line 1: The letter must begin with its front matter"),
    ],
)
async def test_a_preview_that_cannot_be_made_says_why(
    managers: Browser, form: dict[str, str], said: str
) -> None:
    answer = await managers.post(f"{PATH}/preview", form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert said in answer.text


async def test_words_in_force_that_no_longer_fit_give_way_to_the_shipped_ones_and_it_is_said(
    managers: Browser, sessions: Sessions
) -> None:
    await in_use(managers)
    async with sessions.begin() as session:
        edition = await session.get_one(LetterEdition, VERSION)
        edition.words = OURS.replace("reasonable_and_necessary", "since_withdrawn")
    letter = await drafted(sessions, "L4")
    assert (letter.edition, "Our own" in letter.markdown) == (None, False)
    page = (await managers.get(f"/cases/{letter.case_id}")).text
    assert "own words could not be used, the shipped ones were" in page
    assert "since_withdrawn" in page


@pytest.mark.parametrize("step", ["approve", "roll-back"])
async def test_a_version_nobody_knows_is_refused(managers: Browser, step: str) -> None:
    answer = await managers.post(f"{PATH}/{step}", {"version": "0" * 64})
    assert answer.status_code == 409
    assert (await managers.post(f"{PATH}/{step}", {"version": "x"})).status_code == 422


@pytest.mark.parametrize("letter", ["no_such_letter", "_base", "..%2Fappeals"])
async def test_a_letter_that_does_not_exist_is_not_found(managers: Browser, letter: str) -> None:
    assert (await managers.get(f"/templates/{letter}")).status_code == 404


@pytest.mark.parametrize("path", ["/templates", PATH])
async def test_a_specialist_sees_no_template(managers: Browser, path: str) -> None:
    await managers.sign_in("dana")
    assert (await managers.get(path)).status_code == 403


@pytest.mark.parametrize("step", ["propose", "preview", "approve", "roll-back"])
async def test_a_specialist_changes_no_template(managers: Browser, sessions: Sessions, step: str) -> None:
    await managers.sign_in("dana")
    form = {"words": OURS} if step in ("propose", "preview") else {"version": VERSION}
    assert (await managers.post(f"{PATH}/{step}", form)).status_code == 403
    async with sessions() as session:
        assert await in_force(session, LETTER) is None
        assert (await session.scalars(select(LetterEditionStep))).all() == []
        assert (await session.scalars(select(DenialCase))).all() == []
