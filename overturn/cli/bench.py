"""`overturn bench`: ratios against raw baselines, all in one run."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from overturn.bench.figure import Figure
    from overturn.bench.outcome import Outcome


class Name(StrEnum):
    X12 = "x12"
    CLASSIFY = "classify"
    INGEST = "ingest"
    LETTERS = "letters"
    REPLAY = "replay"
    WORKFLOW = "workflow"


def register(app: typer.Typer) -> None:
    app.command("bench")(bench)


def bench(
    name: Annotated[Name, typer.Argument(help="What to measure.")] = Name.X12,
    claims: Annotated[
        int, typer.Option(min=100, help="Claims in the generated file, look-ups, or cases to start.")
    ] = 10_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs, each reader once in each.")] = 5,
    memory: Annotated[bool, typer.Option("--memory", help="Peak memory at 10, 100 and 1,000 MB.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure our parts: reading beside the least a baseline can do, posting in time and memory."""
    if name is Name.INGEST:
        _print_ingested(claims, memory=memory, as_json=json)
        return
    if memory:
        _print_memory(as_json=json)
        return
    from dataclasses import asdict
    from json import dumps

    outcome = _measure(name, claims, runs)
    if json:
        print(dumps([asdict(figure) for figure in outcome.figures], indent=1))
    elif outcome.figures:
        _print_figures(outcome.figures)
    for note in outcome.notes:
        typer.echo(note, err=True)


def _measure(name: Name, claims: int, runs: int) -> "Outcome":
    match name:
        case Name.CLASSIFY:
            from overturn.bench.classify import bench_classify

            return bench_classify(claims, runs)
        case Name.LETTERS:
            from overturn.bench.letters import bench_letters

            return bench_letters(runs)
        case Name.REPLAY:
            from overturn.bench.replay import bench_replay

            return bench_replay(claims, runs)
        case Name.WORKFLOW:
            from overturn.bench.workflow import bench_workflow

            return bench_workflow(claims, runs)
        case _:
            from overturn.bench.x12 import bench_x12

            return bench_x12(claims, runs)


def _print_figures(figures: "list[Figure]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", "baseline", "ours", "baseline", "ratio", "spread", title=f"{figures[0].unit}")
    for figure in figures:
        low, high = figure.spread
        rates = (f"{figure.ours:,.0f}", f"{figure.baseline:,.0f}")
        table.add_row(
            figure.name, figure.baseline_name, *rates, f"{figure.ratio:.2f}", f"{low:.2f} to {high:.2f}"
        )
    Console().print(table)
    print(f"{figures[0].runs} runs on {figures[0].machine}")


def _print_memory(*, as_json: bool) -> None:
    from json import dumps

    from overturn.bench.figure import machine
    from overturn.bench.x12 import memory

    for megabytes, claims, reading in memory():
        if as_json:
            row = {"megabytes": megabytes, "claims": claims, "peak_megabytes": reading.peak_megabytes}
            print(dumps({**row, "cpu_seconds": round(reading.seconds, 1), "machine": machine()}))
        else:
            print(
                f"{megabytes:5} MB, one transaction of {claims:,} claims: "
                f"{reading.peak_megabytes:.0f} MB at most, {reading.seconds:.1f} CPU seconds"
            )


def _print_ingested(claims: int, *, memory: bool, as_json: bool) -> None:
    from dataclasses import asdict
    from json import dumps

    from overturn.bench.figure import machine
    from overturn.bench.ingest import bench_ingest
    from overturn.bench.x12 import MEMORY_SIZES, claims_in

    sizes = [claims_in(megabytes) for megabytes in MEMORY_SIZES] if memory else [claims]
    for done in bench_ingest(sizes):
        if as_json:
            print(dumps({**asdict(done), "machine": machine()}))
        else:
            print(
                f"{done.megabytes:5} MB, one transaction of {done.claims:,} claims: "
                f"{done.peak_megabytes:.0f} MB at most in the ingest process, {done.seconds:.0f} s or "
                f"{done.claims / done.seconds:,.0f} claims a second; "
                f"{done.database_megabytes:,.0f} MB stored",
                flush=True,
            )
