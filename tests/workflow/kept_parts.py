"""PostgreSQL, Temporal and both worker processes, each started again whenever it dies, as in production."""

import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from overturn.db.migrate import upgrade
from overturn.stack import postgres, temporal
from overturn.stack.keeper import Keeper
from overturn.stack.part import LOOPBACK, Part, free_port
from overturn.temporal.search_attributes import SEARCH_ATTRIBUTES
from tests.parts import named_if_missing
from tests.replay.recorded import KEYS

ROOT: Final = Path(__file__).parents[2]
PASSWORD: Final = "generated-for-the-tests"
WORKERS: Final = ("workflows", "services.appeals")
KILLED: Final = (*WORKERS, "temporal", "postgres")


class KeptParts:
    """What runs, by name."""

    def __init__(self, database_url: str, temporal_address: str, keepers: dict[str, Keeper]) -> None:
        self.database_url = database_url
        self.temporal_address = temporal_address
        self._keepers = keepers

    async def kill(self, name: str) -> None:
        """SIGKILL, in the middle of whatever it does; its keeper starts it again."""
        await self._keepers[name].restart()


@asynccontextmanager
async def kept_parts(folder: Path) -> AsyncIterator[KeptParts]:
    """A database that keeps what it committed, and a Temporal that keeps what it was told."""
    keepers: dict[str, Keeper] = {}

    async def keep(part: Part) -> None:
        keeper = keepers[part.name] = Keeper(part, folder / f"{part.name}.log", lambda: None)
        running.push_async_callback(keeper.stop)
        await keeper.start()

    async with AsyncExitStack() as running:
        database, server = free_port(), free_port()
        with named_if_missing():
            program = await temporal.obtain_temporal(lambda *_: None)
            account = postgres.unprivileged_account()
            await keep(postgres.part(folder / "postgres", database, PASSWORD, account))
        url = postgres.ensure_database(PASSWORD, database, PASSWORD)
        upgrade(url)
        await keep(temporal.part(program, folder / "temporal.db", server, SEARCH_ATTRIBUTES))
        parts = KeptParts(url, f"{LOOPBACK}:{server}", keepers)
        for module in WORKERS:
            await keep(_worker(module, folder, parts))
        yield parts


def _worker(module: str, folder: Path, parts: KeptParts) -> Part:
    environment = {
        "OVERTURN_HOME": str(folder / "home"),
        "OVERTURN_DATABASE_URL": parts.database_url,
        "OVERTURN_TEMPORAL_ADDRESS": parts.temporal_address,
        "OVERTURN_KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:1",
        "OVERTURN_INGEST_TOKEN": PASSWORD * 2,
        "OVERTURN_PAYLOAD_KEY": base64.b64encode(KEYS["test"]).decode(),
        "OVERTURN_PAYLOAD_KEY_ID": "test",
        "OVERTURN_RECALL_SECONDS": "1",
    }
    return Part(
        name=module,
        command=[sys.executable, "-m", module],
        ready=partial(bool, module),
        settle_seconds=1.0,
        environment=os.environ | environment,
        folder=ROOT,
    )
