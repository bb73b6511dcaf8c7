"""`/authorizations`: what payers authorised, how much of it is used; entered by hand or from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import RedirectResponse

from overturn.db.authorizations import remove_authorization, save_authorizations, stored_authorizations
from overturn.domain.authorizations import VISITS_LEFT_ALERT, Authorization, Discipline
from overturn.rulebook import RulebookError
from overturn.rulebook.cells import Row
from overturn.rulebook.practice import AUTHORIZATION_COLUMNS, read_authorization, read_authorizations
from services.web.context import Now, Today, Transaction, WebContext
from services.web.forms import NO_NUL, TokenForm
from services.web.guard import Person
from services.web.pages import page

router = APIRouter(prefix="/authorizations")

MOST_BYTES: Final = 5_000_000
TOO_LARGE: Final = "The file has more than 5 MB. Split it, and take the parts in one after the other."
PROBLEMS_SHOWN: Final = 20
FORM: Final = "the form"

Cell = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]


class AuthorizationForm(BaseModel):
    """One authorization, as its cells stand in a file; an empty number says that none is required."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    payer_key: Cell
    account: Cell
    number: Cell = ""
    effective_from: Cell
    effective_to: Cell = ""
    visits: Cell = ""
    units: Cell = ""
    procedures: Cell = ""
    discipline: Cell = ""
    reference: Cell = ""

    def row(self) -> Row:
        cells = self.model_dump(exclude={"form_token"})
        return Row(FORM, 1, cells | {"required": "yes" if self.number else "no"})


@dataclass
class AuthorizationsRequest:
    """A request about authorizations, with all that answering it takes."""

    request: Request
    session: Transaction
    web: WebContext
    person: Person
    today: Today
    now: Now


OnAuthorizations = Annotated[AuthorizationsRequest, Depends(AuthorizationsRequest)]


@router.get("")
async def show_authorizations(
    on: OnAuthorizations, added: int | None = None, changed: int = 0, removed: bool = False
) -> Response:
    done = "The authorization is removed." if removed else ""
    return await _page(on, done=done if added is None else f"{added} new, {changed} changed.")


@router.post("")
async def add(on: OnAuthorizations, form: Annotated[AuthorizationForm, Form()]) -> Response:
    keys = frozenset(payer.key for payer in (await on.web.rules.current(on.session)).payers.payers)
    try:
        given = read_authorization(form.row(), keys)
    except RulebookError as error:
        said = tuple(problem.removeprefix(form.row().place + ", column ") for problem in error.problems)
        return await _page(on, problems=said, entered=form)
    return await _save(on, (given,))


@router.post("/file")
async def add_file(
    on: OnAuthorizations,
    form_token: Annotated[str, Form()],  # noqa: ARG001 - the guard has checked it
    file: UploadFile,
) -> Response:
    """Every row, or none with what is wrong."""
    if (file.size or 0) > MOST_BYTES:
        return await _page(on, problems=(TOO_LARGE,))
    payers = (await on.web.rules.current(on.session)).payers
    try:
        given = read_authorizations(file.file, payers, name=file.filename or "file")
    except RulebookError as error:
        return await _page(on, problems=error.problems)
    return await _save(on, given)


@router.post("/{authorization_id}/remove")
async def remove(
    on: OnAuthorizations,
    authorization_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    await remove_authorization(on.session, authorization_id)
    return RedirectResponse("/authorizations?removed=1", HTTPStatus.SEE_OTHER)


async def _save(on: AuthorizationsRequest, given: tuple[Authorization, ...]) -> Response:
    added, changed = await save_authorizations(on.session, given, by=on.person.user_id, at=on.now)
    return RedirectResponse(f"/authorizations?added={added}&changed={changed}", HTTPStatus.SEE_OTHER)


async def _page(
    on: AuthorizationsRequest,
    *,
    done: str = "",
    problems: Sequence[str] = (),
    entered: AuthorizationForm | None = None,
) -> Response:
    rules = await on.web.rules.current(on.session)
    return page(
        on.request,
        "authorizations.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        held=await stored_authorizations(on.session, not_over_on=on.today),
        today=on.today,
        few=VISITS_LEFT_ALERT,
        payers=rules.payers.names,
        disciplines=list(Discipline),
        columns=", ".join(AUTHORIZATION_COLUMNS),
        done_text=done,
        problems=problems[:PROBLEMS_SHOWN],
        more=max(len(problems) - PROBLEMS_SHOWN, 0),
        entered=entered,
    )
