"""Accounts of the people who work here."""

from typing import Literal

from argon2 import PasswordHasher
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import UserAccount

Role = Literal["specialist", "manager"]
MIN_PASSWORD_CHARACTERS = 12


class AccountError(ValueError):
    """The account cannot be made; the message says why and what to do."""


async def add_account(
    session: AsyncSession, *, user_name: str, display_name: str, role: Role, password: str
) -> None:
    """Make an account; only the argon2id hash of the password is kept.

    Raises:
        AccountError: the name is taken, or the password is too short.
    """
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise AccountError(f"A password needs at least {MIN_PASSWORD_CHARACTERS} characters.")
    account = UserAccount(
        user_name=user_name,
        display_name=display_name,
        role=role,
        password_hash=PasswordHasher().hash(password),
    )
    added = await session.scalar(
        insert(UserAccount)
        .values(account.model_dump())
        .on_conflict_do_nothing(index_elements=["user_name"])
        .returning(col(UserAccount.id))
    )
    if added is None:
        raise AccountError(f"There is an account '{user_name}' already; choose another name.")
