"""`overturn user`: the accounts people sign in with, and the skills their work is chosen by."""

import secrets
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from overturn.cli.database import NO_DATABASE, ask, in_transaction

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.accounts import Role


def register(app: typer.Typer) -> None:
    """Add the `user` commands."""
    users = typer.Typer(help="Accounts of people.", no_args_is_help=True)
    users.command("add")(add)
    users.command("skills")(choose_skills)
    app.add_typer(users, name="user")


def add(
    name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    role: Annotated[
        Literal["specialist", "manager"], typer.Option(help="What the person may see.")
    ] = "specialist",
    display_name: Annotated[str, typer.Option(help="What others see; the name when left out.")] = "",
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")] = False,
) -> None:
    """Make an account; the password is asked for, or generated."""
    import asyncio

    from overturn.accounts import AccountError, Role
    from overturn.settings import SettingsError, load_settings

    try:
        database_url = load_settings().database_url
        password = secrets.token_urlsafe(16) if generate else _asked_password()
        asyncio.run(store_account(database_url, name, password, role=Role(role), display_name=display_name))
    except (SettingsError, AccountError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{name} can sign in as a {role}.")
    if generate:
        typer.echo(f"Password, shown this once: {password}")


def choose_skills(
    name: Annotated[str, typer.Argument(help="What the person signs in with.")],
    skills: Annotated[
        list[str] | None, typer.Argument(help="Skills of queues.csv; none: work of every queue.")
    ] = None,
) -> None:
    """Say which work a person is given by "Next best": that of queues which ask for one of these skills."""
    from overturn.accounts import AccountError, set_skills
    from overturn.cli.rulebook import DEFAULT_RULES, open_rulebook
    from overturn.rule_sets import RulesInForce

    shipped, wanted = RulesInForce(open_rulebook(DEFAULT_RULES)), skills or []

    async def work(session: "AsyncSession") -> None:
        known = (await shipped.current(session)).routing.skills
        if unknown := sorted(set(wanted) - known):
            raise AccountError(
                f"No queue asks for {', '.join(unknown)}. Choose of: {', '.join(sorted(known))}."
            )
        await set_skills(session, name, wanted)

    ask(work, AccountError)
    typer.echo(f"{name} is given work of {', '.join(wanted) or 'every skill'}.")


def _asked_password() -> str:
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


async def store_account(
    database_url: str, name: str, password: str, *, role: "Role", display_name: str
) -> None:
    """Make the account in the database of the running system.

    Raises:
        AccountError: it cannot be made, or the database does not answer.
    """
    from sqlalchemy.exc import OperationalError

    from overturn.accounts import AccountError, add_account

    async def work(session: "AsyncSession") -> None:
        await add_account(session, user_name=name, password=password, role=role, display_name=display_name)

    try:
        await in_transaction(database_url, work)
    except OperationalError:
        raise AccountError(NO_DATABASE) from None
