"""Mutated files for the X12 reader: no crash, no hang, and no claim that does not balance goes unsaid.

`python -m tests.fuzz.x12_reader [--files N] [--seconds S] [--seed K]` prints seed, rate and the slowest."""

import argparse
import random
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Final

from overturn.synthetic.month import make_month
from overturn.x12 import Transaction, X12File, read_file
from overturn.x12.findings import MAX_FINDINGS
from overturn.x12.shape import file_shape
from tests.fuzz.mutations import mutated, repeatable

DATA: Final = Path(__file__).parents[1] / "data/835"
ALLOWED_SECONDS: Final = 1.0
"""For each begun megabyte, of CPU time; a hang is cut off after ten times that."""

SHAPED: Final = 10
"""One file in so many is also turned into the shape that `overturn inspect` prints."""

_MEGABYTE: Final = 1_000_000
_LARGEST_SEED: Final = 12_000


class FaultError(Exception):
    """A file was not read as it must be."""


@dataclass(slots=True)
class Run:
    """What a run has come to so far. Seconds are CPU time."""

    files: int = 0
    megabytes: float = 0.0
    seconds: float = 0.0
    slowest: float = 0.0  # seconds for one file
    slowest_bytes: int = 0
    unbalanced_claims: int = 0


def seed_files() -> list[bytes]:
    """Files worth damaging: the tests' own remittances, and a generated month's of every type."""
    month = make_month(claims=40, seed=7)
    generated = ("".join(file.text()).encode() for file in month.files)
    known = [path.read_bytes() for path in sorted(DATA.glob("*.edi"))]
    return [*known, *islice((data for data in generated if len(data) <= _LARGEST_SEED), 24)]


def fuzz(chance: random.Random, *, files: int, seconds: float | None = None) -> Iterator[Run]:
    """Read that many mutated files, or as many as the wall clock allows; yield the state after each."""
    run, seeds = Run(), seed_files()
    ends_at = None if seconds is None else time.monotonic() + seconds
    while run.files < files and (ends_at is None or time.monotonic() < ends_at):
        data = mutated(chance.choice(seeds), chance)
        try:
            check(data, run)
        except Exception as fault:
            raise FaultError(f"{type(fault).__name__}: {fault} (kept as {_keep(data)})") from fault
        yield run


def check(data: bytes, run: Run) -> None:
    """Read one file and hold the reader to its promises."""
    allowed = ALLOWED_SECONDS * (len(data) // _MEGABYTE + 1)
    before = time.process_time()
    with _cut_off_after(10 * allowed):
        file = read_file(data)
    seconds = time.process_time() - before
    if seconds > allowed:
        raise FaultError(f"{seconds:.2f} s for {len(data)} bytes")
    run.files += 1
    run.megabytes += len(data) / _MEGABYTE
    run.seconds += seconds
    if seconds > run.slowest:
        run.slowest, run.slowest_bytes = seconds, len(data)
    run.unbalanced_claims += sum(_unbalanced_claims(transaction) for transaction in file.transactions)
    if run.files % SHAPED == 0:
        _check_shape(file)


def _unbalanced_claims(transaction: Transaction) -> int:
    """How many claims do not balance; each must be among the findings, and so must the payment."""
    found, remittance = transaction.findings, transaction.remittance
    if remittance is None or len(found) > MAX_FINDINGS:
        return 0
    said = {finding.segment_index for finding in found if finding.code == "claim-out-of-balance"}
    unbalanced = {claim.segment_index for claim in remittance.claims if claim.imbalance_amount}
    if unbalanced != said:
        raise FaultError(f"claims {unbalanced ^ said} are not as the findings say")
    payment = {"payment-out-of-balance", "missing-payment"} & {finding.code for finding in found}
    if not remittance.balance.balanced and not payment:
        raise FaultError("the payment does not balance, and no finding says so")
    return len(unbalanced)


def _check_shape(file: X12File) -> None:
    if len(file_shape(file, name="", sha256="")["transactions"]) != len(file.transactions):
        raise FaultError("the shape leaves transactions out")


@contextmanager
def _cut_off_after(seconds: float) -> Iterator[None]:
    def cut_off(_signal: int, _frame: FrameType | None) -> None:
        raise FaultError(f"still reading after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, cut_off)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _keep(data: bytes) -> Path:
    path = Path(tempfile.gettempdir()) / f"x12-fault-{sha256(data).hexdigest()[:12]}.edi"
    path.write_bytes(data)
    return path


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, help="stop after so many seconds")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"seed {chosen.seed}\n")
    run = Run()
    try:
        for state in fuzz(repeatable(chosen.seed), files=chosen.files, seconds=chosen.seconds):
            run = state
    except FaultError as fault:
        sys.stdout.write(f"{fault}\n")
        return 1
    sys.stdout.write(
        f"{run.files:,} files, {run.megabytes:,.1f} MB, {run.files / max(run.seconds, 1e-9):,.0f} files per "
        f"CPU second; slowest {run.slowest:.3f} s ({run.slowest_bytes:,} bytes); "
        f"{run.unbalanced_claims:,} unbalanced claims, every one of them reported; no fault\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
