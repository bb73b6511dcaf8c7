"""`/templates`: the words of each letter, edited, tried on a real case, approved by a second manager."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import HTMLResponse, RedirectResponse

from overturn.case_facts import gather_facts
from overturn.domain.letter_trials import least_difference
from overturn.letter_editions import (
    EditionError,
    EditionFacts,
    FaultyWordsError,
    LetterEditions,
    State,
    list_editions,
    roll_back,
)
from overturn.letter_trials import list_trials
from overturn.letters import LetterError, draft_letter, letters_on_disk, render_html
from overturn.letters.difference import changes
from overturn.letters.lint import MOST_CHARACTERS, Problem
from overturn.reporting.claim_cases import latest_case
from overturn.rulebook import Rulebook
from services.web.context import Now, Today, Transaction, WebContext
from services.web.forms import NO_NUL
from services.web.guard import MANAGERS_ONLY, Person
from services.web.pages import page, problem, templates

router = APIRouter(prefix="/templates", dependencies=[MANAGERS_ONLY])
one_letter = APIRouter(prefix="/{letter}")

SIZES: Final = [(letters, least_difference(letters)) for letters in (100, 200, 400, 1_000)]
"""Sizes a comparison is offered in, and the difference each finds."""
LONGEST_TEXT: Final = 3 * MOST_CHARACTERS  # what is too long is told by the check, not by the form
DONE: Final = {
    "proposed": "The words are stored. They are used once a second manager has put them in force.",
    "approved": "In force: letters drafted from now on have these words.",
    "rolled_back": "Rolled back: letters drafted from now on have the words from before.",
    "begun": "The comparison runs: the words of each new letter are drawn by lot.",
    "adopted": "The comparison has ended: letters drafted from now on have the new words.",
    "kept": "The comparison has ended: letters keep the words from before.",
    "stopped": "The comparison was stopped. It has no result.",
}


class WordsForm(BaseModel):
    """The text in the editor, and the claim to show it on."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    words: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=NO_NUL)]
    claim_number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=NO_NUL)] = ""
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_NUL)] = ""

    @property
    def text(self) -> str:
        """Browsers send CRLF; a letter's file has newlines, and ends with one."""
        return self.words.replace("\r\n", "\n").rstrip() + "\n"


class EditionForm(BaseModel):
    """A button beside one edition."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """A request about the words of one letter."""

    request: Request
    letter: str
    session: Transaction
    web: WebContext
    person: Person
    today: Today
    now: Now

    async def rules(self) -> Rulebook:
        """The rules in force."""
        return await self.web.rules.current(self.session)

    async def editions(self) -> LetterEditions:
        return LetterEditions((await self.rules()).citations)


OnLetter = Annotated[LetterRequest, Depends(LetterRequest)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of the request: the text as entered, its problems, and how it looks on a case."""

    words: str | None = None
    claim_number: str = ""
    note: str = ""
    problems: tuple[Problem, ...] = ()
    preview: Markup = field(default_factory=Markup)
    refusal: str = ""
    done: str = ""
    status: HTTPStatus = HTTPStatus.OK


@router.get("")
async def show_letters(request: Request, session: Transaction) -> Response:
    found = await list_editions(session)
    rows = [
        (
            letter,
            front,
            next((one for one in found if one.letter == letter and one.state is State.IN_FORCE), None),
            sum(one.letter == letter and one.state is State.PROPOSED for one in found),
        )
        for letter, front in letters_on_disk().items()
    ]
    return page(request, "letter_words_list.html", rows=rows)


@one_letter.get("")
async def show_letter(on: OnLetter, done: str = "", version: str = "") -> Response:
    """The letter's words in force, or those of another version, in the editor."""
    found = await list_editions(on.session, on.letter)
    asked = next((one.words for one in found if one.version == version), None)
    return await letter_page(on, Shown(words=asked, done=DONE.get(done, "")))


@one_letter.post("/preview")
async def preview(on: OnLetter, form: Annotated[WordsForm, Form()]) -> Response:
    """The text checked and written for the claim; stores nothing. To htmx only that part of the page."""
    shown = await _tried(on, form)
    if "hx-request" not in on.request.headers:
        return await letter_page(on, shown)
    return HTMLResponse(templates().get_template("components/letter_words.html").module.tried(shown))  # type: ignore[attr-defined]


@one_letter.post("/propose")
async def propose(on: OnLetter, form: Annotated[WordsForm, Form()]) -> Response:
    try:
        await (await on.editions()).propose(
            on.session, on.letter, form.text, by=on.person.user_id, at=on.now, note=form.note
        )
    except (EditionError, LetterError) as error:
        return await refused(on, form, error)
    return done_page(on, "proposed")


@one_letter.post("/approve")
async def approve(on: OnLetter, form: Annotated[EditionForm, Form()]) -> Response:
    try:
        await (await on.editions()).approve(on.session, form.version, by=on.person.user_id, at=on.now)
    except EditionError as error:
        return await refused(on, None, error)
    return done_page(on, "approved")


@one_letter.post("/roll-back")
async def take_back(on: OnLetter, form: Annotated[EditionForm, Form()]) -> Response:
    try:
        await roll_back(on.session, form.version, by=on.person.user_id, at=on.now)
    except EditionError as error:
        return await refused(on, None, error)
    return done_page(on, "rolled_back")


def done_page(on: LetterRequest, what: str) -> Response:
    return RedirectResponse(f"/templates/{on.letter}?done={what}", HTTPStatus.SEE_OTHER)


async def refused(on: LetterRequest, form: WordsForm | None, error: Exception) -> Response:
    faulty = isinstance(error, FaultyWordsError)
    shown = Shown(
        words=form.text if form else None,
        claim_number=form.claim_number if form else "",
        note=form.note if form else "",
        problems=error.problems if isinstance(error, FaultyWordsError) else (),
        refusal=str(error),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if faulty else HTTPStatus.CONFLICT,
    )
    return await letter_page(on, shown)


async def _tried(on: LetterRequest, form: WordsForm) -> Shown:
    try:
        problems = (await on.editions()).problems(on.letter, form.text)
        preview, refusal = (Markup(), "") if problems else await _on_case(on, form)
    except LetterError as error:
        problems, preview, refusal = (), Markup(), str(error)
    return Shown(form.text, form.claim_number, form.note, problems, preview, refusal)


async def _on_case(on: LetterRequest, form: WordsForm) -> tuple[Markup, str]:
    """The letter as this claim's case would get it today, or what keeps it from being shown."""
    if not form.claim_number:
        return Markup(), ""
    case = await latest_case(on.session, form.claim_number)
    if case is None:
        return Markup(), f"No case has the claim number {form.claim_number}."
    rulebook = await on.rules()
    facts = await gather_facts(on.session, case, rulebook=rulebook, letter_on=on.today)
    draft = draft_letter(on.letter, facts, citations=rulebook.citations, words=form.text)
    # render_html escapes every text it is given (tests/unit/letters); nothing else may be Markup here.
    return Markup(render_html(draft.markdown)), ""  # noqa: S704


async def letter_page(on: LetterRequest, shown: Shown) -> Response:
    try:
        shipped = (await on.editions()).shipped_words(on.letter)
    except LetterError as error:
        return problem(on.request, HTTPStatus.NOT_FOUND, str(error))
    found = await list_editions(on.session, on.letter)
    current = next((one.words for one in found if one.state is State.IN_FORCE), shipped)
    return page(
        on.request,
        "letter_words.html",
        status=shown.status,
        letter=on.letter,
        text=current if shown.words is None else shown.words,
        shown=shown,
        editions=[(one, _may_approve(on, one), changes(current, one.words)) for one in found],
        shipped_in_force=current == shipped,
        trials=await list_trials(on.session, on.letter),
        sizes=SIZES,
    )


def _may_approve(on: LetterRequest, edition: EditionFacts) -> bool:
    return edition.state is State.PROPOSED and on.person.user_id not in edition.proposers


router.include_router(one_letter)
