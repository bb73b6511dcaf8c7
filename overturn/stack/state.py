"""The home folder: the secrets made once, the ports remembered, and what runs now."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Self
from urllib.parse import urlsplit

from pydantic import BaseModel

from overturn.settings import SECRETS_FILE, STACK_FILE, read_json
from overturn.stack.part import LOOPBACK, StackError, answers, free_port, port_free, port_open

PORTS_FILE = "ports.json"
LOCK_FILE = "stack.lock"


class PartState(BaseModel):
    """One line of `overturn status`; without a pid the part was given from outside, or is dead just now."""

    name: str
    pid: int | None = None
    host: str = LOOPBACK
    port: int | None = None
    health: str | None = None
    started_at: datetime | None = None
    restarts: int = 0

    @classmethod
    def given(cls, name: str, address: str) -> Self:
        """A part that runs elsewhere, by its URL or its first `host:port`."""
        first = address.split(",", 1)[0]
        found = urlsplit(first if "://" in first else f"//{first}")
        return cls(name=name, host=found.hostname or LOOPBACK, port=found.port)

    @property
    def healthy(self) -> bool:
        """Asked of the part itself, now; a service that does not listen is healthy while it runs."""
        if self.health and self.port:
            return answers(self.port, self.health, self.host)
        if self.port:
            return port_open(self.port, self.host)
        return self.pid is not None and Path(f"/proc/{self.pid}").exists()


class StackState(BaseModel):
    """What `<home>/stack.json` holds while a stack runs; `settings` is what every command reads."""

    pid: int
    started_at: datetime
    ready: bool
    settings: dict[str, str | int | bool]
    parts: list[PartState]


def prepare_home(home: Path) -> None:
    """The folder and what is always in it; others may pass through it, because PostgreSQL may not be root."""
    home.mkdir(parents=True, exist_ok=True, mode=0o711)
    for name in ("logs", "drop"):
        (home / name).mkdir(exist_ok=True, mode=0o700)


def lock(home: Path) -> IO[str]:
    """Hold this open while the stack runs: it tells a running stack from one that died."""
    handle = (home / LOCK_FILE).open("a")
    for _ in range(5):  # a `status` may be looking at this very moment
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
            return handle
        time.sleep(0.1)
    handle.close()
    raise StackError(f"a stack already runs in {home}; see `overturn status`, stop it with `overturn down`")


def is_running(home: Path) -> bool:
    """Whether a live supervisor holds the folder, whatever `stack.json` says."""
    with contextlib.suppress(FileNotFoundError, BlockingIOError), (home / LOCK_FILE).open() as handle:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    return (home / LOCK_FILE).exists()


def supervisor_pid(home: Path) -> int | None:
    """The process that `overturn down` ends."""
    return int((home / LOCK_FILE).read_text()) if is_running(home) else None


def write_private(path: Path, content: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(content)
    draft.replace(path)


def write_state(home: Path, state: StackState) -> None:
    """Publish what runs; commands in the same folder find it from here."""
    write_private(home / STACK_FILE, state.model_dump_json(indent=2))


def read_state(home: Path) -> StackState | None:
    """What runs, or None; a file left by a crash is recognised by its free lock and removed."""
    if not is_running(home):
        (home / STACK_FILE).unlink(missing_ok=True)
        return None
    content = read_json(home / STACK_FILE)
    return StackState.model_validate(content) if content else None


def ensure_secrets(home: Path) -> dict[str, str]:
    """The secrets of this folder; what is missing is made once and kept."""
    known: dict[str, str] = read_json(home / SECRETS_FILE)
    fresh = {
        "ingest_token": secrets.token_urlsafe(32),
        "payload_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "database_password": secrets.token_urlsafe(24),
        "database_admin_password": secrets.token_urlsafe(24),
    }
    if missing := {name: value for name, value in fresh.items() if name not in known}:
        known |= missing
        write_private(home / SECRETS_FILE, json.dumps(known, indent=2))
    return known


def choose_ports(home: Path, preferred: Mapping[str, int], fixed: Mapping[str, int]) -> dict[str, int]:
    """A free port for each name, remembered in the folder.

    A `fixed` port came from the environment and is taken as it is; otherwise the one of last time, else the
    `preferred` one (0: none), else any.
    """
    last: dict[str, int] = read_json(home / PORTS_FILE)
    chosen: dict[str, int] = {}
    for name, port in preferred.items():
        candidates = [fixed[name]] if name in fixed else [last.get(name, 0), port]
        chosen[name] = next(filter(_usable, candidates), 0) or (0 if name in fixed else free_port())
        if not chosen[name]:
            raise StackError(f"port {fixed[name]} for {name} is in use; free it or set another one")
    write_private(home / PORTS_FILE, json.dumps({**last, **chosen}, indent=2))
    return chosen


def _usable(port: int) -> bool:
    return bool(port) and port_free(port)
