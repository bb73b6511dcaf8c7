"""StAEDI, the Java reader, timed in a warm virtual machine; or what is missing for that."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from overturn.paths import ROOT

PROJECT: Final = ROOT / "benchmarks/staedi"
WARM_UP: Final = 4
"""Readings before the one that counts: by then the compiler has seen it all."""

_SECONDS: Final = 600


class StaediMissingError(Exception):
    """StAEDI cannot run here; the text says what is missing."""


def class_path() -> str:
    """Where the library lies, fetched by Maven if need be."""
    if not shutil.which("java") or not shutil.which("mvn"):
        raise StaediMissingError("StAEDI left out: it needs java and mvn on the PATH.")
    if not PROJECT.is_dir():
        raise StaediMissingError("StAEDI left out: it needs the source tree, which has benchmarks/staedi.")
    with tempfile.NamedTemporaryFile("r", suffix=".txt") as found:
        goal = ["dependency:build-classpath", f"-Dmdep.outputFile={found.name}"]
        done = _run(["mvn", "-q", "-B", "-f", str(PROJECT / "pom.xml"), *goal])
        if done.returncode:
            raise StaediMissingError("StAEDI left out: Maven could not fetch io.xlate:staedi.")
        return found.read().strip()


def claims_a_second(path: Path, class_path: str, paid: str) -> float:
    """Read the file with StAEDI; `paid` is what the claims must add up to."""
    program = PROJECT / "src/main/java/bench/ReadClaims.java"
    done = _run(["java", "-cp", class_path, str(program), str(path), str(WARM_UP + 1)])
    if done.returncode:
        raise StaediMissingError(f"StAEDI left out: {done.stderr.strip().splitlines()[0]}")
    claims, their_paid, seconds = done.stdout.splitlines()[-1].split()
    if their_paid != paid:
        raise StaediMissingError(f"StAEDI left out: it adds up {their_paid}, the file says {paid}.")
    return int(claims) / float(seconds)


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
