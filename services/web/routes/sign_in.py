"""`/sign-in` and `/sign-out`."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlmodel import col
from starlette.responses import RedirectResponse

from overturn.db.tables import UserAccount
from services.web.context import Now, Transaction, WebContext
from services.web.forms import NO_NUL
from services.web.pages import page
from services.web.security import password_fits
from services.web.sessions import end_session, start_session

router = APIRouter()

HOME = "/queue"
WRONG = "The name or the password is wrong."
TOO_MANY = "Too many failed attempts. Wait 15 minutes, or ask a manager for a new password."


class SignInForm(BaseModel):
    """What the sign-in page sends."""

    model_config = ConfigDict(extra="forbid")

    user_name: str = Field(max_length=200, pattern=NO_NUL)
    password: str = Field(max_length=1000)
    next: str = HOME


def inner_path(wanted: str) -> str:
    """The path if it stays on this site, else home: `//elsewhere` and `/\\elsewhere` are other sites."""
    return wanted if wanted.startswith("/") and wanted[1:2] not in {"/", "\\"} else HOME


@router.get("/sign-in")
async def show_sign_in(request: Request, next: str = HOME) -> Response:  # noqa: A002 - the URL's own word
    return page(request, "sign_in.html", next=inner_path(next), refusal="", user_name="")


@router.post("/sign-in")
async def sign_in(
    request: Request, form: Annotated[SignInForm, Form()], session: Transaction, web: WebContext, now: Now
) -> Response:
    name = form.user_name.strip().lower()
    address = request.client.host if request.client else ""
    if web.failed_sign_ins.too_many(name, address, now):
        return _refused(request, form, TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS)
    found = await session.execute(
        select(UserAccount).where(func.lower(col(UserAccount.user_name)) == name, ~col(UserAccount.disabled))
    )
    person = found.scalar_one_or_none()
    stored = person.password_hash if person else None
    fits = await asyncio.to_thread(password_fits, form.password, stored)
    if person is None or not fits:
        web.failed_sign_ins.record(name, address, now)
        return _refused(request, form, WRONG, HTTPStatus.UNAUTHORIZED)
    web.failed_sign_ins.forgive(name, address)
    answer = RedirectResponse(inner_path(form.next), HTTPStatus.SEE_OTHER)
    await start_session(session, request, answer, person.id, now)
    return answer


def _refused(request: Request, form: SignInForm, refusal: str, status: HTTPStatus) -> Response:
    return page(
        request,
        "sign_in.html",
        status=status,
        next=inner_path(form.next),
        refusal=refusal,
        user_name=form.user_name,
    )


@router.post("/sign-out")
async def sign_out(request: Request, session: Transaction) -> Response:
    answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    await end_session(session, request, answer)
    return answer
