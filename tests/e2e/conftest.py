"""The whole system as its own processes: real Apache Kafka, Temporal's server, PostgreSQL, all services."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from overturn.stack import kafka
from overturn.stack.part import LOOPBACK, free_port
from overturn.stack.supervisor import Stack
from tests.e2e.system import System
from tests.parts import named_if_missing, running


@pytest_asyncio.fixture(scope="module")
async def system(parts_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """A running system of its own for each module; its parts can be killed."""
    name = tmp_path_factory.mktemp("e2e").name
    port = free_port()
    with named_if_missing():
        broker = kafka.apache_kafka(parts_folder / f"kafka-{name}", port, free_port())
    with running(broker, parts_folder / f"kafka-{name}.log"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("OVERTURN_HOME", str(parts_folder / name))
        patch.setenv("OVERTURN_KAFKA_BOOTSTRAP_SERVERS", f"{LOOPBACK}:{port}")
        patch.setenv("OVERTURN_WEB_PORT", str(free_port()))
        patch.setenv("OVERTURN_INGEST_PORT", str(free_port()))
        async with Stack() as stack:
            started = System(stack)
            yield started
            await started.close()
            await asyncio.sleep(0)
