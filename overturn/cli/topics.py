"""`overturn topics`: what Kafka has of each topic, and how far it is read; `create` makes what is missing.

With `--json` it answers a list; each has `topic`, `wanted_partitions`, `partitions` (`partition`, `begin`,
`end`), `groups` (`group`, `committed` by partition, `lag`) and `problem`, which is empty when all is well.
"""

from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from overturn.broker.topic_state import TopicState

T = TypeVar("T")
FOUND = 1
FAILED = 2


def register(app: typer.Typer) -> None:
    """Add the `topics` commands; without a subcommand they are listed."""
    topics = typer.Typer(help="Kafka's topics and how far they are read.")
    topics.callback(invoke_without_command=True)(show_topics)
    topics.command("create")(create)
    app.add_typer(topics, name="topics")


def show_topics(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """List topics with partitions, offsets and lag. Ends with 1 where one is not as planned."""
    if context.invoked_subcommand:
        return
    import json
    from dataclasses import asdict

    from overturn.broker.topic_state import topic_states

    states = _asked(topic_states)
    if as_json:
        print(json.dumps([asdict(state) for state in states], indent=1))
    else:
        _print(states)
    raise typer.Exit(FOUND if any(state.problem for state in states) else 0)


def create() -> None:
    """Make the topics of deploy/topics.yaml that are missing; those that are there stay as they are."""
    from overturn.broker.topic_state import create_missing

    made = _asked(create_missing)
    for topic in made:
        print(f"{topic} is made.")
    if not made:
        print("Every topic is there.")


def _asked(question: "Callable[[str], T]") -> T:
    from overturn.broker.topic_state import KafkaUnreachableError
    from overturn.settings import SettingsError, load_settings

    try:
        return question(load_settings().kafka_bootstrap_servers)
    except (SettingsError, KafkaUnreachableError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None


def _print(states: "list[TopicState]") -> None:
    for state in states:
        messages = sum(one.end - one.begin for one in state.partitions)
        print(f"{state.topic}: messages {messages}, partitions {len(state.partitions)}")
        for one in state.partitions:
            if one.end:
                print(f"  partition {one.partition}: {one.begin} to {one.end}")
        for group in state.groups:
            committed = ", ".join(f"{at}" if at is not None else "-" for at in group.committed.values())
            print(f"  {group.group}: lag {group.lag}, committed {committed or '-'}")
        if state.problem:
            print(f"  NOT AS PLANNED: {state.problem}")
    wrong = sum(bool(state.problem) for state in states)
    print(f"{wrong} of {len(states)} topics are not as planned." if wrong else "All topics are as planned.")
