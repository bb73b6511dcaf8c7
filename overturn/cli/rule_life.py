"""`overturn rules submit`, `approve`, `publish`, `rollback`, `list`: the life of a set of rules."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from overturn.cli.database import Answer, ask
from overturn.cli.rulebook import FOUND_PROBLEMS

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.ext.asyncio import AsyncSession

Person = Annotated[
    str, typer.Option("--by", help="Who does it: a name to sign in with; the password is asked.")
]
Note = Annotated[str, typer.Option("--note", help="Why, for those who look later.")]
Version = Annotated[str, typer.Argument(help="The version, or its beginning, as `rules list` shows it.")]


def register(rules: typer.Typer) -> None:
    """Add the commands to the group `rules`."""
    for command in (submit, approve, publish, rollback):
        rules.command(command.__name__)(command)
    rules.command("list")(list_)


def submit(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of rule tables.")
    ],
    by: Person,
    note: Note = "",
) -> None:
    """Store a folder of rules and try it; with a problem it stays a draft. Ends with 1 then."""
    from overturn import rule_sets

    stored = _as_person(
        by, lambda session, person: rule_sets.submit(session, directory, by=person, note=note)
    )
    typer.echo(f"{stored.version[:12]} is {stored.state}.")
    if stored.problems:
        for problem in stored.problems:
            typer.echo(problem)
        typer.echo("Correct the folder and submit it again.")
        raise typer.Exit(FOUND_PROBLEMS)
    typer.echo(f"A second person approves it: overturn rules approve {stored.version[:12]} --by NAME")


def approve(version: Version, by: Person, note: Note = "") -> None:
    """Approve tested rules, as another person than the one who submitted them."""
    from overturn import rule_sets

    done = _as_person(by, lambda session, person: rule_sets.approve(session, version, by=person, note=note))
    typer.echo(
        f"{done.version[:12]} is approved. What it changes: overturn replay. Then: overturn rules publish"
    )


def publish(version: Version, by: Person, note: Note = "") -> None:
    """Put approved rules in force; running services take them from their next message on."""
    from overturn import rule_sets

    done = _as_person(by, lambda session, person: rule_sets.publish(session, version, by=person, note=note))
    typer.echo(
        f"{done.version[:12]} is in force. Every claim is decided anew, open cases first; "
        "`overturn rules list` shows how far it is."
    )


def rollback(by: Person, note: Note = "") -> None:
    """Take the published rules back; those before them are in force again."""
    from overturn import rule_sets

    former = _as_person(by, lambda session, person: rule_sets.roll_back(session, by=person, note=note))
    typer.echo(f"{former.version[:12] if former else 'The shipped folder'} is in force again.")


def list_(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Every set of rules in the record, the latest first."""
    import json
    from dataclasses import asdict

    from overturn import rule_sets
    from overturn.rule_progress import publication_progress

    found = ask(rule_sets.list_sets)
    if as_json:
        print(json.dumps([asdict(facts) | {"at": facts.at.isoformat()} for facts in found], indent=1))
        return
    for facts in found:
        day, note = f"{facts.at:%Y-%m-%d %H:%M}", f"  {facts.note}" if facts.note else ""
        print(f"{facts.version[:12]}  {facts.state:<11}  {day}  {facts.step} by {facts.by}{note}")
    if not found:
        print("No rules were submitted: the shipped folder is in force.")
    if progress := ask(publication_progress):
        print(f"So far {progress}.")


def _as_person(name: str, step: "Callable[[AsyncSession, UUID], Awaitable[Answer]]") -> Answer:
    """Take a step as somebody who proves to be that person."""
    from overturn.accounts import AccountError, prove_person
    from overturn.rule_sets import RuleSetError

    password: str = typer.prompt(f"Password of {name}", hide_input=True)

    async def work(session: "AsyncSession") -> Answer:
        return await step(session, await prove_person(session, user_name=name, password=password))

    return ask(work, AccountError, RuleSetError)
