"""Real parts for the tests: each started once per session on free loopback ports, in a folder of its own."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from overturn.stack import kafka, postgres, temporal
from overturn.stack.cache import cache_folder
from overturn.stack.part import LOOPBACK, free_port
from overturn.temporal.search_attributes import SEARCH_ATTRIBUTES
from tests.parts import named_if_missing, running

ADMIN_PASSWORD = "generated-for-the-tests"
TEMPLATE = "migrated"

settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("explore"), derandomize=True)
settings.load_profile("steady")
"""The same examples in every run, on any machine; `--hypothesis-profile=explore` looks for others."""


@pytest.fixture(scope="session")
def parts_folder() -> Iterator[Path]:
    """A folder that PostgreSQL may pass through when the tests run as root; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="overturn-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_port(parts_folder: Path) -> Iterator[int]:
    """PostgreSQL, with one migrated database that the others are copied from."""
    from overturn.db.migrate import upgrade

    port = free_port()
    with named_if_missing():
        account = postgres.unprivileged_account()
        part = postgres.part(parts_folder / "postgres", port, ADMIN_PASSWORD, account, durable=False)
    with running(part, parts_folder / "postgres.log"):
        upgrade(postgres.ensure_database(ADMIN_PASSWORD, port, ADMIN_PASSWORD, TEMPLATE))
        yield port


@pytest.fixture(scope="session")
def postgres_url(postgres_port: int) -> str:
    """The server as its superuser; for tests about the server itself."""
    return postgres.database_url(postgres.ADMIN, ADMIN_PASSWORD, postgres_port, "postgres")


@contextmanager
def fresh_database(port: int) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    database, owner = sql.Identifier(name), sql.Identifier(postgres.OWNER)
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
    with closing(postgres.connect(ADMIN_PASSWORD, port)) as connection:
        connection.execute(create.format(database, sql.Identifier(TEMPLATE), owner))
        yield postgres.database_url(postgres.OWNER, ADMIN_PASSWORD, port, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


@pytest.fixture
def database_url(postgres_port: int) -> Iterator[str]:
    """A fresh migrated database for one test, as the application sees it."""
    with fresh_database(postgres_port) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(postgres_port: int) -> Iterator[str]:
    """A fresh migrated database for the tests of one module."""
    with fresh_database(postgres_port) as url:
        yield url


@pytest.fixture(scope="session")
def kafka_bootstrap(parts_folder: Path) -> Iterator[str]:
    """Apache Kafka with our topics."""
    from overturn.broker.admin import ensure_topics

    port = free_port()
    with named_if_missing():
        part = kafka.apache_kafka(parts_folder / "kafka", port, free_port())
    with running(part, parts_folder / "kafka.log"):
        ensure_topics(f"{LOOPBACK}:{port}")
        yield f"{LOOPBACK}:{port}"


@pytest.fixture(scope="session")
def temporal_address(parts_folder: Path) -> Iterator[str]:
    """Temporal's development server, which knows our search attributes."""
    program = temporal.find_temporal()
    if program is None:
        pytest.fail("Temporal's server is missing: run `make test-tools`", pytrace=False)
    port = free_port()
    part = temporal.part(program, parts_folder / "temporal.db", port, SEARCH_ATTRIBUTES)
    with running(part, parts_folder / "temporal.log"):
        yield f"{LOOPBACK}:{port}"


@pytest.fixture(scope="session")
def time_skipping_binary() -> str:
    """For `WorkflowEnvironment.start_time_skipping(test_server_existing_path=...)`."""
    launcher = cache_folder() / "temporal-test-server" / "run"
    if not launcher.exists() or shutil.which("java") is None:
        pytest.fail("Temporal's time-skipping server is missing: run `make test-tools`", pytrace=False)
    return str(launcher)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """For Playwright's `executable_path`."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("Chromium is missing: run `make test-tools`", pytrace=False)
    return found
