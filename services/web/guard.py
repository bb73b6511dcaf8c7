"""Deny by default: the guard stands before every route of the application and lets only PUBLIC ones pass."""

import hmac
from typing import Annotated, Final, cast

from fastapi import Depends, Request

from services.web.context import Now, Transaction
from services.web.security import SAFE_METHODS, from_this_site
from services.web.sessions import SignedIn, find_session

PUBLIC: Final = frozenset({"/sign-in", "/health"})


class NotSignedInError(Exception):
    """Nobody is signed in; the answer leads to the sign-in page."""


class ForbiddenError(Exception):
    """The request may not be done; the message is for the person who tried."""


async def guard(request: Request, session: Transaction, now: Now) -> None:
    """Who it is, and for a changing request that one of our pages sent it on that person's behalf."""
    changes = request.method not in SAFE_METHODS
    if changes and not from_this_site(request):
        raise ForbiddenError("This form was sent from another site. Open the page here and try again.")
    if request.url.path in PUBLIC:
        return
    person = await find_session(session, request, now)
    if person is None:
        raise NotSignedInError
    if changes and not await _carries_token(request, person):
        raise ForbiddenError("This form belongs to an earlier session. Reload the page and try again.")
    request.state.person = person


async def _carries_token(request: Request, person: SignedIn) -> bool:
    token = (await request.form()).get("form_token")
    return isinstance(token, str) and hmac.compare_digest(token.encode(), person.form_token.encode())


def _person(request: Request) -> SignedIn:
    return cast("SignedIn", request.state.person)


Person = Annotated[SignedIn, Depends(_person)]


def _managers_only(person: Person) -> None:
    if not person.is_manager:
        raise ForbiddenError("This page is for managers. Ask one of them for the figure you need.")


MANAGERS_ONLY: Final = Depends(_managers_only)
