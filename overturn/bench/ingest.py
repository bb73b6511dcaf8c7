"""Posting files of growing size: the ingest process on a real PostgreSQL, its peak memory and its time."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg import sql

from overturn.bench.x12 import write
from overturn.db.migrate import upgrade
from overturn.ingest_client import IngestClient, IngestError
from overturn.paths import ROOT
from overturn.settings import PREFIX, Settings
from overturn.stack import postgres
from overturn.stack.part import LOOPBACK, StackError, free_port

DATABASE: Final = "bench"
START_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Ingested:
    """One file of one transaction set. `peak_megabytes` is the most that the ingest process held at any time;
    the database is all of it, content, rows and indexes."""

    megabytes: int
    claims: int
    seconds: float
    peak_megabytes: float
    database_megabytes: float


def bench_ingest(sizes: Sequence[int]) -> Iterator[Ingested]:
    """Post a file of each size (in claims), each into an empty database and by a process of its own."""
    with temporary_folder() as folder, postgres_server(folder) as (port, password):
        for claims in sizes:
            yield _ingest(folder, claims, port, password)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for the parts of a benchmark; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="overturn-bench-"))
    folder.chmod(0o711)  # PostgreSQL passes through as a user of its own
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ingest(folder: Path, claims: int, port: int, password: str) -> Ingested:
    path = folder / f"{claims}.835"
    write(path, claims, 1)
    megabytes = round(path.stat().st_size / 1_000_000)
    url = postgres.ensure_database(password, port, password, DATABASE)
    upgrade(url)
    settings = bench_settings(folder, url)
    with ingest_service(settings) as process, IngestClient(settings) as client:
        begin = time.perf_counter()
        receipt = client.send(path)
        seconds = time.perf_counter() - begin
        if receipt["claims"] != claims:
            raise IngestError(f"{claims} claims were sent, {receipt['claims']} posted: {receipt['message']}")
        peak = peak_megabytes(process.pid)
    path.unlink()
    return Ingested(megabytes, claims, round(seconds, 1), peak, _drop(port, password))


@contextmanager
def postgres_server(folder: Path, *, durable: bool = True) -> Iterator[tuple[int, str]]:
    """A PostgreSQL of its own: its port, and the password of every role."""
    port, password = free_port(), secrets.token_hex(16)
    account = postgres.unprivileged_account()
    part = postgres.part(folder / "postgres", port, password, account, durable=durable)
    with (folder / "postgres.log").open("ab") as log:
        process = subprocess.Popen(
            part.arguments,
            env=dict(part.environment),
            cwd=part.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_until(part.ready, process, "PostgreSQL")
        yield port, password
    finally:
        process.send_signal(part.death_signal)
        process.wait(30)


@contextmanager
def ingest_service(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """The ingest service; nobody listens where it looks for Kafka."""
    names = ("home", "database_url", "kafka_bootstrap_servers", "temporal_address", "ingest_port")
    given = {name: str(getattr(settings, name)) for name in names}
    for name in ("ingest_token", "payload_key"):
        given[name] = getattr(settings, name).get_secret_value()
    process = subprocess.Popen(
        [sys.executable, "-m", "services.ingest"],
        env={**os.environ, **{f"{PREFIX}{name.upper()}": value for name, value in given.items()}},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until((settings.home / "drop" / "posted").is_dir, process, "the ingest service")
        time.sleep(1.0)  # the port opens a moment after
        yield process
    finally:
        process.terminate()
        process.wait(30)


def bench_settings(folder: Path, url: str) -> Settings:
    """Settings of an ingest service for this database, in a home folder of its own."""
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    return Settings.model_validate(
        {
            "home": home,
            "database_url": url,
            "kafka_bootstrap_servers": f"{LOOPBACK}:9",
            "temporal_address": f"{LOOPBACK}:9",
            "ingest_port": free_port(),
            "ingest_token": secrets.token_hex(32),
            "payload_key": b64encode(secrets.token_bytes(32)).decode(),
        }
    )


def _wait_until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise StackError(f"{name} does not start; `overturn doctor` says what is missing")
        time.sleep(0.1)


def peak_megabytes(pid: int) -> float:
    """The most that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [kilobytes] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return round(int(kilobytes) / 1024, 1)


def _drop(port: int, password: str) -> float:
    """Drop the database, and say how large it was."""
    with closing(postgres.connect(password, port)) as connection:
        found = connection.execute("SELECT pg_database_size(%s)", [DATABASE]).fetchone()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
    return round(found[0] / 2**20, 1) if found else 0.0
