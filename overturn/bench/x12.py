"""Reading an 835: ours, the least `str.split` can do, and the other readers, on one generated file."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from overturn.bench import staedi
from overturn.bench.figure import compare
from overturn.bench.outcome import Outcome
from overturn.bench.remittance_file import write_remittance_file
from overturn.bench.x12_readers import Reading
from overturn.paths import ROOT

OURS: Final = "overturn"
FAST: Final = (
    "str.split, sums only (float)",
    "str.split, sums only (Decimal)",
    "oxedi, tables",
    "oxedi, objects",
    "pyx12, raw segments",
)
SLOW: Final = "pyx12, validation"
SLOW_CLAIMS: Final = 200
"""pyx12 validates some two hundred claims a second: it gets a smaller file, and both are counted a second."""

STAEDI: Final = "StAEDI, warm"
CLAIMS_A_TRANSACTION: Final = 100
UNIT: Final = "claims per CPU second"

MEMORY_SIZES: Final = (10, 100, 1_000)
_BYTES_A_CLAIM: Final = 526


def bench_x12(claims: int, runs: int) -> Outcome:
    """Compare on one transaction of `claims` claims, and on as many transactions of a hundred."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        for transactions in (1, max(claims // CLAIMS_A_TRANSACTION, 1)):
            path = Path(folder) / f"{transactions}.835"
            write(path, claims, transactions)
            small = Path(folder) / f"{transactions}-small.835"
            write(small, min(claims, SLOW_CLAIMS), 1)
            _compare_all(
                outcome, f"{transactions} transactions of {claims // transactions}", path, small, runs
            )
    return outcome


def write(path: Path, claims: int, transactions: int) -> None:
    with path.open("wb") as file:
        file.writelines(write_remittance_file(claims, transactions))


def _compare_all(outcome: Outcome, name: str, path: Path, small: Path, runs: int) -> None:
    rates: dict[str, list[float]] = defaultdict(list)
    class_path = _staedi_class_path(outcome)
    paid = ""
    for _ in range(runs):
        for reader in (OURS, *FAST):
            reading = read_apart(reader, path)
            paid = paid or reading.paid or ""
            if reading.paid != paid:
                raise RuntimeError(f"{reader} adds up {reading.paid}, {OURS} {paid}")
            rates[reader].append(reading.claims / reading.seconds)
        slow = read_apart(SLOW, small)
        rates[SLOW].append(slow.claims / slow.seconds)
        if class_path:
            rates[STAEDI].append(staedi.claims_a_second(path, class_path, paid))
    for baseline in (*FAST, SLOW, *([STAEDI] if class_path else [])):
        outcome.figures.append(
            compare(
                f"x12, {name}",
                UNIT,
                rates[OURS],
                rates[baseline],
                baseline_name=baseline,
                versions=_versions(),
            )
        )


def _staedi_class_path(outcome: Outcome) -> str | None:
    try:
        return staedi.class_path()
    except staedi.StaediMissingError as missing:
        if str(missing) not in outcome.notes:
            outcome.notes.append(str(missing))
        return None


def read_apart(reader: str, path: Path) -> Reading:
    """One reading in a fresh process."""
    command = [sys.executable, "-m", "overturn.bench.x12_readers", reader, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return Reading(**json.loads(done.stdout))


def memory(megabytes: tuple[int, ...] = MEMORY_SIZES) -> Iterator[tuple[int, int, Reading]]:
    """Peak memory of our reader on one transaction of each size: megabytes, claims, reading."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one-transaction.835"
        for size in megabytes:
            claims = claims_in(size)
            write(path, claims, 1)
            yield size, claims, read_apart(OURS, path)


def claims_in(megabytes: int) -> int:
    """How many claims make a file of that size."""
    return megabytes * 1_000_000 // _BYTES_A_CLAIM


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "staedi": "1.26.0"}
    for package in ("overturn", "oxedi", "pyx12"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "source"
    return found
