"""The `overturn` command. Each command is a module here; what it needs is imported when it runs, so that
`overturn --help` answers at once."""

import typer

from overturn.cli import (
    authorizations,
    bench,
    cases,
    classify,
    correct,
    dead_letter,
    deadline,
    demo,
    edits,
    export,
    generate,
    ingest,
    price,
    reconcile,
    reference,
    replay,
    rules,
    scrub,
    stack,
    topics,
    unanswered,
    users,
    work_state,
)
from overturn.cli.inspect import inspect_files

app = typer.Typer(
    help="Denial management and A/R workflow for physical and occupational therapy practices.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"max_content_width": 120},  # where there is room, no sentence is cut
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # importing rich takes longer than printing the help
)

app.command("inspect")(inspect_files)
for module in (
    *(stack, demo, ingest, classify, deadline, edits, price, scrub, correct, unanswered, reconcile),
    *(replay, cases, export, work_state, topics, dead_letter, reference, rules, authorizations),
    *(users, generate, bench),
):
    module.register(app)


def main() -> None:
    """The console script."""
    app()
