"""`overturn bench`: ratios against raw baselines, all in one run."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from overturn.bench.figure import Figure


class Name(StrEnum):
    X12 = "x12"
    WORKFLOW = "workflow"


def register(app: typer.Typer) -> None:
    app.command("bench")(bench)


def bench(
    name: Annotated[Name, typer.Argument(help="What to measure.")] = Name.X12,
    claims: Annotated[
        int, typer.Option(min=100, help="Claims in the generated file, or cases to start.")
    ] = 10_000,
    runs: Annotated[int, typer.Option(min=1, help="Runs, each reader once in each.")] = 5,
    memory: Annotated[bool, typer.Option("--memory", help="Peak memory at 10, 100 and 1,000 MB.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure our parts beside the least a baseline can do on the same input."""
    if memory:
        _print_memory(as_json=json)
        return
    from dataclasses import asdict
    from json import dumps

    from overturn.bench.workflow import bench_workflow
    from overturn.bench.x12 import bench_x12

    outcome = {Name.X12: bench_x12, Name.WORKFLOW: bench_workflow}[name](claims, runs)
    if json:
        print(dumps([asdict(figure) for figure in outcome.figures], indent=1))
    elif outcome.figures:
        _print_figures(outcome.figures)
    for note in outcome.notes:
        typer.echo(note, err=True)


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
