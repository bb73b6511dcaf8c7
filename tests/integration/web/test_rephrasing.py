"""Other words by a language model: proposed in the editor, saved by a person or not at all."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlmodel import col

from overturn.db.session import Sessions
from overturn.db.tables import CaseEvent, Letter
from overturn.letters.rephrasing import LanguageModelError
from services.web.app import create_app
from tests.integration.web.conftest import ORIGIN, Browser
from tests.integration.web.test_letter_words import drafted
from tests.web_factories import make_web

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


@dataclass
class Model:
    """A stand-in that answers as told."""

    answer: Callable[[str], str]

    async def rephrase(self, paragraph: str) -> str:
        return self.answer(paragraph)


def away(_: str) -> str:
    raise LanguageModelError("The language model did not answer; the letter is as it was.")


@pytest.fixture
def model() -> Model:
    return Model(lambda masked: f"Kindly: {masked}")


@pytest_asyncio.fixture
async def editor(browser: Browser, sessions: Sessions, model: Model) -> AsyncIterator[Browser]:
    """Dana, where a language model is configured."""
    transport = httpx2.ASGITransport(app=create_app(replace(make_web(sessions), rephraser=model)))
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        editor = Browser(client, browser.steps)
        await editor.sign_in("dana")
        yield editor


async def ask(browser: Browser, letter: Letter, *, version: int | None = None) -> httpx2.Response:
    form = {"version": letter.version if version is None else version, "markdown": letter.markdown}
    return await browser.post(f"/cases/{letter.case_id}/letters/{letter.id}/rephrase", form)


async def told(sessions: Sessions, letter: Letter) -> list[str]:
    async with sessions() as session:
        found = await session.scalars(
            select(col(CaseEvent.summary)).where(
                col(CaseEvent.case_id) == letter.case_id, col(CaseEvent.kind) == "letter_rephrased"
            )
        )
        return list(found)


async def test_other_words_are_proposed_and_nothing_is_saved(editor: Browser, sessions: Sessions) -> None:
    letter = await drafted(sessions, "A1")
    shown = await ask(editor, letter)
    assert shown.status_code == 200
    assert "Kindly: " in shown.text
    assert "not saved: read them first" in shown.text
    async with sessions() as session:
        stored = await session.get_one(Letter, letter.id)
    assert (stored.markdown, stored.version) == (letter.markdown, letter.version)
    (summary,) = await told(sessions, letter)
    assert summary.startswith("A language model proposed other words: ")


async def test_what_adds_a_fact_is_refused_and_said(
    editor: Browser, sessions: Sessions, model: Model
) -> None:
    model.answer = lambda masked: f"{masked} Recovered."
    letter = await drafted(sessions, "A2")
    shown = (await ask(editor, letter)).text
    assert "in the editor for 0 paragraphs" in shown
    assert "It adds words that state something: recover." in shown
    assert "Recovered." not in shown


async def test_a_model_that_is_away_is_told_and_the_text_is_kept(
    editor: Browser, sessions: Sessions, model: Model
) -> None:
    model.answer = away
    letter = await drafted(sessions, "A3")
    answer = await ask(editor, letter)
    assert answer.status_code == 502
    assert "The language model did not answer" in answer.text
    assert await told(sessions, letter) == []


async def test_a_letter_changed_meanwhile_is_not_rephrased(editor: Browser, sessions: Sessions) -> None:
    letter = await drafted(sessions, "A4")
    assert (await ask(editor, letter, version=letter.version - 1)).status_code == 409


async def test_the_button_is_there_only_where_a_model_is(
    editor: Browser, browser: Browser, sessions: Sessions
) -> None:
    letter = await drafted(sessions, "A5")
    path = f"/cases/{letter.case_id}"
    assert "Propose other words" in (await editor.get(path)).text
    await browser.sign_in("dana")
    assert "Propose other words" not in (await browser.get(path)).text
    answer = await ask(browser, letter)
    assert answer.status_code == 404
    assert "No language model is configured." in answer.text
