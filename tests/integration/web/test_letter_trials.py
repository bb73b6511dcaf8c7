"""Two versions of a letter compared: begun by a second manager, drawn by lot, told only at the end."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import DenialCase, Letter, LetterDraw, LetterEdition, LetterTrial
from overturn.domain.denial_case import CaseStatus, Outcome
from overturn.domain.letter_trials import Arm
from overturn.letter_editions import State, version_of
from tests.integration.web.conftest import Browser
from tests.integration.web.test_letter_words import LETTER, OURS, PATH, VERSION, drafted, propose
from tests.web_factories import NOW, CaseSeed, add_case, person

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

OTHERS = OURS.replace("Our own", "Quite other")


@pytest_asyncio.fixture
async def managers(browser: Browser, sessions: Sessions) -> Browser:
    """Morgan has proposed words; pat, a second manager, is signed in."""
    async with sessions.begin() as session:
        session.add(person("pat", "manager"))
    await browser.sign_in("morgan")
    await propose(browser)
    await browser.sign_in("pat")
    return browser


async def begin(browser: Browser, sessions: Sessions, planned: int = 100) -> UUID:
    answer = await browser.post(f"{PATH}/comparison/begin", {"version": VERSION, "planned": str(planned)})
    assert answer.status_code == 303, answer.text
    return await running(sessions)


async def running(sessions: Sessions) -> UUID:
    async with sessions() as session:
        found = await session.scalars(select(col(LetterTrial.id)).where(col(LetterTrial.decision).is_(None)))
        return found.one()


async def end(browser: Browser, trial_id: UUID, decision: str, note: str = "") -> tuple[int, str]:
    form = {"trial_id": str(trial_id), "decision": decision, "note": note}
    answer = await browser.post(f"{PATH}/comparison/end", form)
    return answer.status_code, answer.text


async def answered(sessions: Sessions, trial_id: UUID, arm: Arm, number: str, *, won: bool) -> None:
    """A letter that was drawn, sent, and answered by the payer."""
    seed = CaseSeed(
        number,
        outcome=Outcome.RECOVERED if won else Outcome.UPHELD,
        status=CaseStatus.RESOLVED,
        recovered=Decimal("120.00" if won else "0.00"),
    )
    async with sessions.begin() as session:
        case_id = await add_case(session, seed)
        await session.execute(update(Letter).where(col(Letter.case_id) == case_id).values(state="submitted"))
        session.add(LetterDraw(trial_id=trial_id, case_id=case_id, level=1, arm=arm))


async def all_answered(sessions: Sessions, trial_id: UUID, *, former: int, new: int) -> None:
    """Twenty letters of each version, of which so many were won."""
    for arm, won in ((Arm.FORMER, former), (Arm.NEW, new)):
        for number in range(20):
            await answered(sessions, trial_id, arm, f"{arm}{number}", won=number < won)


async def state_of(sessions: Sessions, version: str = VERSION) -> str:
    async with sessions() as session:
        return (await session.get_one(LetterEdition, version)).state


async def test_whoever_proposed_the_words_cannot_begin(managers: Browser, sessions: Sessions) -> None:
    await managers.sign_in("morgan")
    form = {"version": VERSION, "planned": "100"}
    refused = await managers.post(f"{PATH}/comparison/begin", form)
    assert refused.status_code == 409
    assert "ask a second manager" in refused.text
    assert await state_of(sessions) == State.PROPOSED


@pytest.mark.parametrize("planned", ["39", "5001", "-1"])
async def test_a_size_that_finds_nothing_is_refused(managers: Browser, planned: str) -> None:
    form = {"version": VERSION, "planned": planned}
    refused = await managers.post(f"{PATH}/comparison/begin", form)
    assert refused.status_code == 409
    assert "takes 40 to 5,000 letters" in refused.text


async def test_letters_are_drawn_by_lot_and_keep_their_lot(managers: Browser, sessions: Sessions) -> None:
    trial_id = await begin(managers, sessions)
    letters = [await drafted(sessions, f"L{number}") for number in range(12)]
    async with sessions() as session:
        lots = {draw.case_id: draw.arm for draw in await session.scalars(select(LetterDraw))}
    assert len(lots) == 12
    assert set(lots.values()) == {"former", "new"}  # all alike once in 2,048 trials
    for letter in letters:
        new = lots[letter.case_id] == Arm.NEW
        assert letter.edition == (VERSION if new else None)
        assert ("Our own" in letter.markdown) is new
    assert "12 of 100 letters drawn, 12 waiting" in (await managers.get(PATH)).text
    assert trial_id


async def test_when_all_are_drawn_the_next_letters_have_the_words_in_force(
    managers: Browser, sessions: Sessions
) -> None:
    trial_id = await begin(managers, sessions, 40)
    await all_answered(sessions, trial_id, former=1, new=1)
    assert {(await drafted(sessions, f"L{number}")).edition for number in range(8)} == {None}


async def test_who_does_better_is_told_when_all_is_known_and_not_before(
    managers: Browser, sessions: Sessions
) -> None:
    trial_id = await begin(managers, sessions, 41)
    await all_answered(sessions, trial_id, former=2, new=19)
    for decision in ("adopted", "kept"):
        status, said = await end(managers, trial_id, decision)
        assert (status, "The comparison is not complete" in said) == (409, True)
    page = (await managers.get(PATH)).text
    assert "words won" not in page
    assert "Overturned" not in page
    manager = (await managers.get("/manager")).text
    assert "two versions are being compared" in manager
    assert VERSION[:8] not in manager
    await answered(sessions, trial_id, Arm.NEW, "last", won=True)
    page = (await managers.get(PATH)).text
    assert "The new words won." in page
    assert "+85" in page
    assert (await end(managers, trial_id, "adopted"))[0] == 303
    assert await state_of(sessions) == State.IN_FORCE
    assert (await drafted(sessions, "after")).edition == VERSION


async def test_the_former_words_are_kept_where_chance_may_have_made_the_difference(
    managers: Browser, sessions: Sessions
) -> None:
    trial_id = await begin(managers, sessions, 40)
    await all_answered(sessions, trial_id, former=9, new=11)
    assert "No difference was shown" in (await managers.get(PATH)).text
    status, said = await end(managers, trial_id, "stopped", "It did not win.")
    assert (status, "The comparison is complete" in said) == (409, True)
    assert (await end(managers, trial_id, "kept"))[0] == 303
    assert await state_of(sessions) == State.ROLLED_BACK
    status, said = await end(managers, trial_id, "adopted")
    assert (status, "has ended" in said) == (409, True)


async def test_a_comparison_that_was_stopped_says_why_and_has_no_result(
    managers: Browser, sessions: Sessions
) -> None:
    trial_id = await begin(managers, sessions, 41)
    await all_answered(sessions, trial_id, former=0, new=20)
    assert (await end(managers, trial_id, "stopped"))[0] == 409
    assert (await end(managers, trial_id, "stopped", "The new words name a repealed rule."))[0] == 303
    page = (await managers.get(PATH)).text
    assert "The new words name a repealed rule." in page
    assert "words won" not in page
    assert await state_of(sessions) == State.ROLLED_BACK


async def test_while_it_runs_neither_version_changes(managers: Browser, sessions: Sessions) -> None:
    await begin(managers, sessions)
    await managers.sign_in("morgan")
    await propose(managers, OTHERS)
    await managers.sign_in("pat")
    form = {"version": version_of(LETTER, OTHERS)}
    refused = await managers.post(f"{PATH}/approve", form)
    assert refused.status_code == 409
    assert "end the comparison first" in refused.text
    again = await managers.post(f"{PATH}/comparison/begin", form | {"planned": "100"})
    assert again.status_code == 409
    assert await state_of(sessions, form["version"]) == State.PROPOSED


async def test_a_case_that_closed_without_an_answer_is_not_waited_for(
    managers: Browser, sessions: Sessions
) -> None:
    trial_id = await begin(managers, sessions, 41)
    await all_answered(sessions, trial_id, former=5, new=5)
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("open"))
        session.add(LetterDraw(trial_id=trial_id, case_id=case_id, level=1, arm=Arm.NEW))
    assert "41 of 41 letters drawn, 1 waiting" in (await managers.get(PATH)).text
    async with sessions.begin() as session:
        case = await session.get_one(DenialCase, case_id)
        case.status, case.outcome, case.resolved_at = CaseStatus.RESOLVED, Outcome.WRITTEN_OFF, NOW
    assert "No difference was shown" in (await managers.get(PATH)).text


async def test_a_comparison_that_does_not_exist_is_told(managers: Browser) -> None:
    status, said = await end(managers, uuid4(), "kept")
    assert (status, "There is no such comparison" in said) == (409, True)


async def test_specialists_do_not_compare(browser: Browser) -> None:
    await browser.sign_in("dana")
    form = {"version": VERSION, "planned": "100"}
    assert (await browser.post(f"{PATH}/comparison/begin", form)).status_code == 403
