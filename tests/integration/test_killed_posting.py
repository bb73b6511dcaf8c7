"""The ingest process is killed in the middle of a file, and a new one goes on with it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from overturn.bench.remittance_file import write_remittance_file
from overturn.db import tables
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.paths import ROOT
from overturn.stack.part import free_port
from tests.conftest import fresh_database
from tests.integration.records import count, only, post, written
from tests.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.asyncio]

CONTENT = b"".join(write_remittance_file(400, 2))
SERVICE = """
import asyncio
from services.ingest import blocks
blocks.CLAIMS_A_BLOCK = 25
from services.ingest.__main__ import main
asyncio.run(main())
"""

STOP = """
CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT count(*) FROM claim_payment) >= 100 THEN PERFORM pg_advisory_xact_lock_shared(835); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER stop AFTER INSERT ON claim_payment EXECUTE FUNCTION stop()
"""


@asynccontextmanager
async def service(database_url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The ingest service as a process of its own, with a drop folder; no Kafka answers it."""
    settings = {
        "HOME": str(folder),
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "TEMPORAL_ADDRESS": "127.0.0.1:9",
        "INGEST_PORT": str(free_port()),
        "INGEST_TOKEN": "t" * 40,
        "PAYLOAD_KEY": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    }
    environment = {f"OVERTURN_{name}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVICE),
        env={**os.environ, **environment},
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


@contextmanager
def stopped_in_the_middle(database_url: str) -> Iterator[None]:
    """Within this, no more than a hundred claims are posted: however slow the test is, it finds a part."""
    with closing(psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True)) as holder:
        holder.execute("SELECT pg_advisory_lock(835)")
        holder.execute(STOP)
        yield
        holder.execute("SELECT pg_advisory_unlock(835)")
        holder.execute("DROP TRIGGER stop ON claim_payment")


async def drop(folder: Path, content: bytes) -> None:
    await until(lambda: asyncio.to_thread((folder / "drop" / "posted").is_dir))
    (folder / "drop" / "large.835").write_bytes(content)


@pytest.mark.parametrize("still_there", [True, False], ids=["dropped again", "file gone"])
async def test_killed_in_the_middle_the_record_is_as_if_nothing_happened(
    database_url: str, sessions: Sessions, postgres_port: int, tmp_path: Path, still_there: bool
) -> None:
    async def posted(claims: int) -> bool:
        return await count(sessions, tables.ClaimPayment) >= claims

    async def done() -> bool:
        file: tables.ReceivedFile = await only(sessions, tables.ReceivedFile)
        return file.state != "posting"

    with stopped_in_the_middle(database_url):
        async with service(database_url, tmp_path):
            await drop(tmp_path, CONTENT)
            await until(lambda: posted(75))
        assert 75 <= await count(sessions, tables.ClaimPayment) < 400
    if not still_there:
        (tmp_path / "drop" / "large.835").unlink()
    async with service(database_url, tmp_path):
        await until(done)
    file = await only(sessions, tables.ReceivedFile)
    assert (file.state, file.claims) == ("posted", 400)
    with fresh_database(postgres_port) as url:
        engine = create_engine(url)
        undisturbed = create_sessions(engine)
        await post(undisturbed, CONTENT)
        as_here = ("file_name", "source")
        assert await written(sessions, without=as_here) == await written(undisturbed, without=as_here)
        await engine.dispose()
