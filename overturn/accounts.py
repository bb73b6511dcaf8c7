"""Accounts of the people who work here."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.tables import UserAccount

PASSWORD_CHARACTERS: Final = 15  # OWASP ASVS 6.2.9; at least this many, no other rule


class AccountError(ValueError):
    """The account cannot be made; the message says why and what to do."""


class Role(StrEnum):
    """What a person may see: specialists work cases, managers see the figures too."""

    SPECIALIST = "specialist"
    MANAGER = "manager"


async def add_account(
    session: AsyncSession, *, user_name: str, password: str, role: Role, display_name: str = ""
) -> None:
    """Make an account; of the password only the argon2id hash is kept (argon2-cffi's defaults: RFC 9106).

    Raises:
        AccountError: the name is taken or empty, or the password is too short.
    """
    name = user_name.strip().lower()
    if not name:
        raise AccountError("A person needs a name to sign in with.")
    if len(password) < PASSWORD_CHARACTERS:
        raise AccountError(f"The password needs at least {PASSWORD_CHARACTERS} characters.")
    account = UserAccount(
        user_name=name,
        display_name=display_name or name,
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
        raise AccountError(f"There is already a person called {name}; choose another name.")


async def set_skills(session: AsyncSession, user_name: str, skills: Collection[str]) -> None:
    """Give the person work of these skills (`rules/queues.csv`), or of every one where none is named.

    Raises:
        AccountError: nobody who can sign in has this name.
    """
    account = await session.get_one(UserAccount, await named_person(session, user_name))
    account.skills = sorted(set(skills))


async def prove_person(session: AsyncSession, *, user_name: str, password: str) -> UUID:
    """The id of the person with this name and password.

    Raises:
        AccountError: name or password are wrong, or the account is disabled; which of them is not said.
    """
    name = user_name.strip().lower()
    person = await session.scalar(select(UserAccount).where(col(UserAccount.user_name) == name))
    try:
        proven = person is not None and PasswordHasher().verify(person.password_hash, password)
    except VerificationError:
        proven = False
    if person is None or not proven or person.disabled:
        raise AccountError("Name or password are wrong.")
    return person.id


async def named_person(session: AsyncSession, user_name: str) -> UUID:
    """The id of the person with this name, for a command whose caller may write to the database anyway.

    Raises:
        AccountError: nobody who can sign in has it.
    """
    name = user_name.strip().lower()
    person = await session.scalar(select(UserAccount).where(col(UserAccount.user_name) == name))
    if person is None or person.disabled:
        raise AccountError(f"Nobody who can sign in is called {name}; `overturn user add` makes an account.")
    return person.id
