"""`/rules`: the sets of rules and their life, and what each would change, for managers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn import rule_sets
from overturn.replay import Replay, replay
from overturn.rule_progress import publication_progress
from overturn.rule_sets import RuleSetError
from overturn.rulebook import Rulebook, RulebookError
from services.web.context import Today, Transaction, WebContext
from services.web.forms import TokenForm
from services.web.guard import MANAGERS_ONLY, Person
from services.web.pages import page

router = APIRouter(prefix="/rules", dependencies=[MANAGERS_ONLY])

CHANGES_SHOWN: Final = 200
LOOKED_BACK: Final = timedelta(days=90)
DONE: Final = {
    "approve": "Approved. Look at what it changes, then publish it.",
    "publish": "In force. Every claim is decided anew, open cases first; timelines say what changed.",
    "rollback": "Taken back. The rules before are in force; every claim is decided anew.",
}


@dataclass
class RulesRequest:
    """A request about rules, with all that answering it takes."""

    request: Request
    session: Transaction
    web: WebContext
    person: Person
    today: Today


OnRules = Annotated[RulesRequest, Depends(RulesRequest)]
Version = Annotated[str, Query(pattern="^[0-9a-f]{12,64}$|^$")]


@router.get("")
async def show_rules(on: OnRules, done: str = "") -> Response:
    return await _rules(on, done=DONE.get(done, ""))


@router.post("/rollback")
async def roll_back(
    on: OnRules,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    return await _take(on, "rollback", lambda session: rule_sets.roll_back(session, by=on.person.user_id))


@router.post("/{version}/approve")
async def approve(
    version: str,
    on: OnRules,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001
) -> Response:
    by = on.person.user_id
    return await _take(on, "approve", lambda session: rule_sets.approve(session, version, by=by))


@router.post("/{version}/publish")
async def publish(
    version: str,
    on: OnRules,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001
) -> Response:
    by = on.person.user_id
    return await _take(on, "publish", lambda session: rule_sets.publish(session, version, by=by))


@router.get("/replay")
async def show_replay(
    on: OnRules, version: Version = "", since: date | None = None, as_of: str = ""
) -> Response:
    """Hold what payers said against a stored set, or the rules in force, perhaps as of another day."""
    since = since or on.today - LOOKED_BACK
    found, refusal = None, ""
    try:
        day = date.fromisoformat(as_of) if as_of else None
        if version or day:
            found = await _replay(on, version, since, day)
    except RuleSetError as error:
        refusal = str(error)
    except RulebookError as error:
        refusal = f"These rules cannot be read: {error.problems[0]}"
    except ValueError:
        refusal = f"{as_of} is no date. Write it as 2026-01-31."
    return page(
        on.request,
        "rules_replay.html",
        sets=await rule_sets.list_sets(on.session),
        version=version,
        since=since,
        as_of=as_of,
        found=found,
        kinds=_kinds(found) if found else [],
        refusal=refusal,
    )


async def _replay(on: RulesRequest, version: str, since: date, as_of: date | None) -> Replay:
    before = await on.web.rules.current(on.session)
    after: Rulebook = before
    if version:
        tried = rule_sets.open_set(await rule_sets.find_set(on.session, version))
        after = await rule_sets.with_own_windows(on.session, tried)
    return await replay(on.session, before=before, after=after, since=since, as_of=as_of, shown=CHANGES_SHOWN)


def _kinds(found: Replay) -> list[tuple[tuple[str, str, str], int]]:
    """What changes into what, and in how many lines; the most frequent first."""
    return sorted(found.kinds.items(), key=lambda kind: (-kind[1], kind[0]))


async def _take(on: RulesRequest, what: str, step: Callable[[AsyncSession], Awaitable[Any]]) -> Response:
    try:
        await step(on.session)
    except RuleSetError as error:
        return await _rules(on, refusal=str(error), status=HTTPStatus.CONFLICT)
    return RedirectResponse(f"/rules?done={what}", HTTPStatus.SEE_OTHER)


async def _rules(
    on: RulesRequest, *, done: str = "", refusal: str = "", status: HTTPStatus = HTTPStatus.OK
) -> Response:
    return page(
        on.request,
        "rules.html",
        status=status,
        sets=await rule_sets.list_sets(on.session),
        progress=await publication_progress(on.session),
        in_force=(await on.web.rules.current(on.session)).version,
        done_text=done,
        refusal=refusal,
    )
