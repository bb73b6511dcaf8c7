"""One measured figure: ours against a baseline on the same input, in one run."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`ours` and `baseline` are medians in `unit`; `ratio` is the median of the ratios of runs made side by
    side, `spread` the lowest and highest of them."""

    name: str
    ratio: float
    unit: str
    ours: float
    baseline: float
    baseline_name: str
    runs: int
    spread: tuple[float, float]
    machine: str
    versions: dict[str, str]


@dataclass(slots=True)
class Outcome:
    """`notes` says in a line each what was left out, and why."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def compare(
    name: str,
    unit: str,
    ours: Sequence[float],
    baseline: Sequence[float],
    *,
    baseline_name: str,
    versions: dict[str, str],
) -> Figure:
    """Pair the runs, as they were made one after the other."""
    ratios = [a / b for a, b in zip(ours, baseline, strict=True)]
    return Figure(
        name=name,
        ratio=round(statistics.median(ratios), 3),
        unit=unit,
        ours=round(statistics.median(ours), 1),
        baseline=round(statistics.median(baseline), 1),
        baseline_name=baseline_name,
        runs=len(ratios),
        spread=(round(min(ratios), 3), round(max(ratios), 3)),
        machine=machine(),
        versions=versions,
    )


def machine() -> str:
    """Processor, cores and system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
