"""`overturn user add`: the accounts people sign in with."""

import secrets
from enum import StrEnum
from typing import Annotated

import typer

PASSWORD_CHARACTERS = 15  # OWASP ASVS 6.2.9; at least this many, no other rule


class AccountError(Exception):
    """The account cannot be made; the message says why and what to do."""


class Role(StrEnum):
    """What a person may see: specialists work cases, managers see the figures too."""

    SPECIALIST = "specialist"
    MANAGER = "manager"


def register(app: typer.Typer) -> None:
    """Add the `user` commands."""
    users = typer.Typer(help="Accounts of people.", no_args_is_help=True)
    users.command("add")(add)
    # With a single command Typer would drop its name from the command line.
    users.callback()(lambda: None)
    app.add_typer(users, name="user")


def add(
    name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    role: Annotated[Role, typer.Option(help="What the person may see.")] = Role.SPECIALIST,
    display_name: Annotated[str, typer.Option(help="What others see; the name when left out.")] = "",
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")] = False,
) -> None:
    """Make an account; the password is asked for, or generated."""
    import asyncio

    from overturn.settings import SettingsError, load_settings

    try:
        database_url = load_settings().database_url
        password = secrets.token_urlsafe(16) if generate else _asked_password()
        asyncio.run(add_account(database_url, name, password, role=role, display_name=display_name))
    except (SettingsError, AccountError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{name} can sign in as a {role}.")
    if generate:
        typer.echo(f"Password, shown this once: {password}")


def _asked_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


async def add_account(
    database_url: str, name: str, password: str, *, role: Role, display_name: str = ""
) -> None:
    """Store a person with the argon2id hash of the password (argon2-cffi's defaults: RFC 9106, low memory).

    Raises:
        AccountError: the name is taken or empty, the password too short, or the database does not answer.
    """
    from argon2 import PasswordHasher
    from sqlalchemy.exc import IntegrityError, OperationalError

    from overturn.db.session import create_engine, create_sessions
    from overturn.db.tables import UserAccount

    name = name.strip().lower()
    if not name:
        raise AccountError("a person needs a name to sign in with.")
    if len(password) < PASSWORD_CHARACTERS:
        raise AccountError(f"the password needs at least {PASSWORD_CHARACTERS} characters.")
    account = UserAccount(
        user_name=name,
        display_name=display_name or name,
        role=role,
        password_hash=PasswordHasher().hash(password),
    )
    engine = create_engine(database_url)
    try:
        async with create_sessions(engine).begin() as session:
            session.add(account)
    except IntegrityError:
        raise AccountError(f"there is already a person called {name}; choose another name.") from None
    except OperationalError:
        raise AccountError("the database does not answer; `overturn status` shows what is down.") from None
    finally:
        await engine.dispose()
