"""`overturn demo`: the whole system on a generated month, on this machine, from nothing."""

import signal
import sys
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from overturn.demo.run import Progress
    from overturn.stack.supervisor import Stack


INTERRUPTED = 130
"""Exit code of a run that was stopped before it had shown anything; shells use it for SIGINT."""


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop everything after the summary.")] = False,
) -> None:
    """Bring the stack up, take a generated month in, show what came of it, stay until Ctrl-C."""
    import asyncio

    from rich.console import Console

    from overturn.demo.run import DemoError
    from overturn.ingest_client import IngestError
    from overturn.logging import configure_logging
    from overturn.settings import SettingsError
    from overturn.stack.part import StackError

    configure_logging()
    console = Console()
    try:
        agrees = asyncio.run(_run(console, stay=not once and sys.stdout.isatty()))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise typer.Exit(INTERRUPTED) from None
    except (StackError, SettingsError, IngestError, DemoError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if agrees else 1)


async def _run(console: "Console", *, stay: bool) -> bool:
    import asyncio

    from overturn.stack.supervisor import Stack

    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are running in it
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    stack = Stack()
    await stack.start(lambda part, event: console.print(f"[dim]{part:<22}[/dim] {event}"))
    try:
        agrees = await _show(console, stack)
        if stay:
            await _invite(console, stack)
            with suppress(asyncio.CancelledError):  # Ctrl-C is how a demo that was seen ends
                await asyncio.Event().wait()
        return agrees
    finally:
        await stack.stop()


async def _show(console: "Console", stack: "Stack") -> bool:
    """Take the month in and print what came of it; False where that is not what the generator meant."""
    import asyncio

    from overturn.demo.addresses import ensure_addresses
    from overturn.demo.agreement import compare
    from overturn.demo.month import month_files, prepare_month, read_truth
    from overturn.demo.run import refuse_other_files, send_files, until_settled
    from overturn.demo.tables import agreement_line, print_summary
    from overturn.settings import load_settings

    settings = load_settings()
    today = date.today()  # noqa: DTZ011 - the calendar of whoever watches
    folder = await asyncio.to_thread(prepare_month, stack.home, today=today)
    await refuse_other_files(settings, month_files(folder))
    await ensure_addresses(settings)
    with _bars(console) as bars:
        await send_files(settings, month_files(folder), _bar(bars, "Taking files in"))
        summary = await until_settled(settings, _bar(bars, "Classifying, opening cases, drafting"))
    print_summary(console, summary)
    figures = compare(summary, read_truth(folder))
    console.print(agreement_line(figures))
    return all(figure.agrees for figure in figures)


async def _invite(console: "Console", stack: "Stack") -> None:
    from overturn.demo.accounts import ensure_accounts
    from overturn.settings import load_settings

    settings = load_settings()
    for account in await ensure_accounts(settings, stack.home):
        console.print(f"sign in as [bold]{account.user_name}[/bold] / {account.password}  ({account.role})")
    console.print(f"[bold]http://{settings.web_host}:{settings.web_port}[/bold]")
    console.print("Ctrl-C stops everything; the data stays for the next run.")


def _bars(console: "Console") -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description:<38}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _bar(bars: Any, description: str) -> "Progress":
    task = bars.add_task(description, total=None)

    def told(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)

    return told
