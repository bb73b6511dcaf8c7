"""Signed-in browsers: an opaque cookie, of which the database holds only the hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import UserAccount, UserSession
from services.web.security import new_token, token_hash

IDLE: Final = timedelta(hours=1)
ABSOLUTE: Final = timedelta(hours=8)
SEEN_EVERY: Final = timedelta(minutes=1)
MANAGER: Final = "manager"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person behind a request, with the token their forms must carry."""

    user_id: UUID
    display_name: str
    role: str
    form_token: str

    @property
    def is_manager(self) -> bool:
        return self.role == MANAGER


def cookie_name(request: Request) -> str:
    """Over https the browser itself refuses a `__Host-` cookie that another host or path set."""
    return "__Host-overturn" if request.url.scheme == "https" else "overturn"


async def find_session(session: AsyncSession, request: Request, now: datetime) -> SignedIn | None:
    """Who is signed in; nobody when the session is unknown, idle, too old, or the account disabled."""
    token = request.cookies.get(cookie_name(request))
    if not token:
        return None
    found = await session.execute(
        select(UserSession, UserAccount)
        .join(UserAccount, col(UserAccount.id) == col(UserSession.user_id))
        .where(col(UserSession.token_hash) == token_hash(token), ~col(UserAccount.disabled))
    )
    row = found.first()
    if row is None or _expired(row.UserSession, now):
        return None
    if now - row.UserSession.last_seen_at > SEEN_EVERY:
        seen = update(UserSession).where(col(UserSession.token_hash) == row.UserSession.token_hash)
        await session.execute(seen.values(last_seen_at=now))
    person = row.UserAccount
    return SignedIn(person.id, person.display_name, person.role, row.UserSession.form_token)


def _expired(found: UserSession, now: datetime) -> bool:
    return now - found.last_seen_at > IDLE or now - found.created_at > ABSOLUTE


async def start_session(
    session: AsyncSession, request: Request, response: Response, user_id: UUID, now: datetime
) -> None:
    """Sign a browser in under a new token; what it had before ends, and so do sessions long dead."""
    await end_session(session, request, response)
    await session.execute(delete(UserSession).where(col(UserSession.created_at) < now - ABSOLUTE))
    token = new_token()
    session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user_id,
            form_token=new_token(),
            created_at=now,
            last_seen_at=now,
        )
    )
    response.set_cookie(
        cookie_name(request),
        token,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


async def end_session(session: AsyncSession, request: Request, response: Response) -> None:
    """Sign this browser out: the session is gone from the database, not only from the browser."""
    name = cookie_name(request)
    token = request.cookies.get(name, "")
    await session.execute(delete(UserSession).where(col(UserSession.token_hash) == token_hash(token)))
    response.delete_cookie(
        name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
