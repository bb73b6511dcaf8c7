"""`overturn up`, `down`, `status` and `doctor`: the local stack from the command line."""

import json
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from overturn.stack.doctor import Finding
    from overturn.stack.state import PartState

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def register(app: typer.Typer) -> None:
    """Add the four commands."""
    for command in (up, down, status, doctor):
        app.command()(command)


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything is ready.")] = False,
    temporal_ui: Annotated[
        bool, typer.Option("--temporal-ui", help="Temporal's own web interface, too.")
    ] = False,
) -> None:
    """Start PostgreSQL, Kafka, Temporal and the services here; Ctrl-C stops them."""
    import asyncio

    from overturn.logging import configure_logging
    from overturn.settings import SettingsError, home_folder
    from overturn.stack.part import StackError
    from overturn.stack.session import run_until_signal, start_in_background
    from overturn.stack.supervisor import Stack

    configure_logging()
    try:
        if detach:
            start_in_background(home_folder(), _say, temporal_ui=temporal_ui)
        else:
            asyncio.run(run_until_signal(Stack(temporal_ui=temporal_ui), _say))
    except (StackError, SettingsError) as error:
        _fail(error)


def down() -> None:
    """Stop the stack of this folder; its data stays."""
    from overturn.settings import home_folder
    from overturn.stack.part import StackError
    from overturn.stack.session import stop_running

    home = home_folder()
    try:
        stopped = stop_running(home)
    except StackError as error:
        _fail(error)
    typer.echo(f"stopped; the data stays in {home}" if stopped else f"no stack runs in {home}")


def status(as_json: Json = False) -> None:
    """Show every part of the running stack and whether it is healthy."""
    from overturn.settings import home_folder
    from overturn.stack.state import read_state

    home = home_folder()
    state = read_state(home)
    parts = state.parts if state else []
    healthy = {part.name: part.healthy for part in parts}
    if as_json:
        rows = [part.model_dump(mode="json") | {"healthy": healthy[part.name]} for part in parts]
        print(json.dumps({"home": str(home), "running": state is not None, "parts": rows}, indent=2))
    elif state is None:
        typer.echo(f"no stack runs in {home}; start it with `overturn up`")
    else:
        _print_parts(parts, healthy)
    raise typer.Exit(0 if state and state.ready and all(healthy.values()) else 1)


def doctor(as_json: Json = False) -> None:
    """Say what is missing on this machine and what to do about it."""
    from overturn.settings import SettingsError, home_folder
    from overturn.stack.doctor import examine

    try:
        findings = examine(home_folder())
    except SettingsError as error:
        _fail(error)
    if as_json:
        print(json.dumps([{**finding.model_dump(), "ok": finding.ok} for finding in findings], indent=2))
    else:
        _print_findings(findings)
    raise typer.Exit(0 if all(finding.ok for finding in findings if finding.needed_for == "stack") else 1)


def _print_parts(parts: "list[PartState]", healthy: dict[str, bool]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("part", "healthy", "pid", "address", "started", "restarts"):
        table.add_column(title, no_wrap=True)
    for part in parts:
        address = f"{part.host}:{part.port}" if part.port else "-"
        started = f"{part.started_at.astimezone():%b %d %H:%M}" if part.started_at else "given"
        answer = "yes" if healthy[part.name] else "no"
        table.add_row(part.name, answer, str(part.pid or "-"), address, started, str(part.restarts))
    Console().print(table)


def _print_findings(findings: "list[Finding]") -> None:
    for finding in findings:
        mark = "ok     " if finding.ok else "missing"
        tests = "" if finding.needed_for == "stack" else " (tests only)"
        way_out = f" -> {finding.remedy}" if finding.remedy else ""
        typer.echo(f"{mark} {finding.name}{tests}: {finding.found}{way_out}")


def _say(part: str, event: str) -> None:
    typer.echo(f"{part}: {event}")


def _fail(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)
