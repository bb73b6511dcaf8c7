"""`overturn dead-letter list`, `show`, `retry`, `discard`: messages that could not be handled.

With `--json`, `list` answers a list of `id`, `state`, `topic`, `consumer`, `key`, `reason`, `tries`,
`died_at`; `show` one of them with `partition`, `kafka_offset`, `message` and `history` (`happened_at`,
`what`, `reason`, `by`). Times are in UTC.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from overturn.cli.database import ask

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.reporting.dead_letters import LetterContent, LetterStep, ListedLetter

FOUND = 1
PRIVATE = "The message below may name a patient. It is shown here and written nowhere."
LetterId = Annotated[UUID, typer.Argument(metavar="ID", help="As `overturn dead-letter list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def register(app: typer.Typer) -> None:
    """Add the `dead-letter` commands."""
    letters = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)
    letters.command("list")(list_)
    for command in (show, retry, discard):
        letters.command(command.__name__)(command)
    app.add_typer(letters, name="dead-letter")


def list_(
    *,
    every: Annotated[bool, typer.Option("--all", help="Decided ones, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List dead letters that wait for a person. Ends with 1 where there are any."""
    import json

    from overturn.reporting.dead_letters import dead_letters

    found = ask(lambda session: dead_letters(session, every=every))
    if as_json:
        print(json.dumps([_facts(letter) for letter in found], indent=1))
    else:
        for letter in found:
            _print(letter)
    waiting = sum(letter.state == "waiting" for letter in found)
    if not as_json:
        print(
            f"{waiting} waiting. What to do: docs/runbooks/dead-letters.md" if waiting else "None is waiting."
        )
    raise typer.Exit(FOUND if waiting else 0)


def show(letter_id: LetterId, *, as_json: AsJson = False) -> None:
    """Print one with its message and history. The message may name a patient."""
    import json
    from dataclasses import asdict

    from overturn.db.dead_letter_decisions import DeadLetterRefusedError
    from overturn.reporting.dead_letters import printable

    letter, content, steps = ask(lambda session: _whole(session, letter_id), DeadLetterRefusedError)
    typer.echo(PRIVATE, err=True)
    if as_json:
        history = [asdict(step) | {"happened_at": step.happened_at.isoformat()} for step in steps]
        where = {"partition": content.partition, "kafka_offset": content.kafka_offset}
        facts = {**_facts(letter), **where, "message": printable(content.value), "history": history}
        print(json.dumps(facts, indent=1))
        return
    _print(letter)
    for step in steps:
        by = f" by {step.by}" if step.by else ""
        print(f"  {_moment(step.happened_at)}  {step.what}{by}: {step.reason or 'no reason given'}")
    print(f"  partition {content.partition}, offset {content.kafka_offset}, {len(content.value)} bytes:")
    print(printable(content.value))


def retry(
    letter_ids: Annotated[list[UUID], typer.Argument(metavar="ID...", help="One or several.")],
    reason: Annotated[str, typer.Option(help="What was mended, for those who look later.")] = "",
    by: Annotated[str, typer.Option(help="Who does it: a name to sign in with.")] = "",
) -> None:
    """Send messages to their topics again; all of them or, where one cannot be sent, none."""
    from overturn.accounts import AccountError, named_person
    from overturn.db import dead_letter_decisions as decisions

    async def work(session: "AsyncSession") -> None:
        actor_id = await named_person(session, by) if by else None
        for letter_id in letter_ids:
            await decisions.retry(session, letter_id, actor_id=actor_id, reason=reason)

    ask(work, AccountError, decisions.DeadLetterRefusedError)
    print(f"{len(letter_ids)} will be sent again by the relay. One that fails again is listed again.")


def discard(
    letter_id: LetterId,
    reason: Annotated[str, typer.Option(help="Why the message is not needed.")],
    by: Annotated[str, typer.Option(help="Who decides it: a name to sign in with.")],
) -> None:
    """Leave a message as it is; it stays on record with the reason."""
    from overturn.accounts import AccountError, named_person
    from overturn.db import dead_letter_decisions as decisions

    async def work(session: "AsyncSession") -> None:
        actor_id = await named_person(session, by)
        await decisions.discard(session, letter_id, actor_id=actor_id, reason=reason)

    ask(work, AccountError, decisions.DeadLetterRefusedError)
    print("Discarded. It stays on record: overturn dead-letter list --all")


async def _whole(
    session: "AsyncSession", letter_id: UUID
) -> "tuple[ListedLetter, LetterContent, list[LetterStep]]":
    from overturn.db.dead_letter_decisions import DeadLetterRefusedError
    from overturn.reporting.dead_letters import dead_letter, letter_content, letter_steps

    letter = await dead_letter(session, letter_id)
    if letter is None:
        raise DeadLetterRefusedError(f"There is no dead letter {letter_id}: see `overturn dead-letter list`.")
    return letter, await letter_content(session, letter_id), await letter_steps(session, letter_id)


def _facts(letter: "ListedLetter") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(letter) | {"id": str(letter.id), "died_at": letter.died_at.isoformat()}


def _print(letter: "ListedLetter") -> None:
    print(f"{letter.id}  {letter.state}  {letter.topic}  key {letter.key or 'none'}")
    print(f"  {_moment(letter.died_at)}  {letter.consumer}, tries {letter.tries}: {letter.reason}")


def _moment(at: datetime) -> str:
    from datetime import UTC

    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
