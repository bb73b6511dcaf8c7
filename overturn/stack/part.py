"""What a part of the stack is: a command, how to see that it is ready, how to end it."""

import contextlib
import http.client
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from random import SystemRandom

LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 1.0
MOST_PORTS_TRIED = 1000
PORTS = range(15_000, 32_768)
LAUNCHER = str(Path(__file__).with_name("launch.py"))

Progress = Callable[[str, str], None]
"""Called with a part's name and what just happened to it."""


class StackError(Exception):
    """A part cannot be had or does not come up; the message says which and what to do."""


def quiet(part: str, event: str) -> None:
    """The progress of those who do not want to hear it."""


@dataclass(frozen=True)
class Account:
    """The user a part runs as."""

    uid: int = field(default_factory=os.getuid)
    gid: int = field(default_factory=os.getgid)


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Part:
    """One process of the stack; `ready` may block for about a second, and is asked after `settle_seconds`."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    host: str = LOOPBACK
    port: int | None = None
    health: str | None = None
    settle_seconds: float = 0.0
    account: Account = field(default_factory=Account)
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    after_restart: Callable[[], Awaitable[None]] = _nothing

    @property
    def arguments(self) -> list[str]:
        """The command as it is executed."""
        return bound(self.command, self.account, self.death_signal)


def bound(
    command: Sequence[str], account: Account, death_signal: signal.Signals = signal.SIGKILL
) -> list[str]:
    """The command through the launcher: as that user, and gone when this process is gone."""
    numbers = (os.getpid(), int(death_signal), account.uid, account.gid)
    return [sys.executable, "-I", "-S", LAUNCHER, *map(str, numbers), *command]


def bare_environment() -> dict[str, str]:
    """Enough for a server, and none of our settings or secrets."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}


def port_open(port: int, host: str = LOOPBACK) -> bool:
    """Whether something listens there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), PROBE_SECONDS):
        return True
    return False


def answers(port: int, path: str, host: str = LOOPBACK) -> bool:
    """Whether an HTTP GET is answered with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_SECONDS)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    return False


@cache
def _shuffled_ports() -> Iterator[int]:
    """Never one of them twice before each was given once."""
    return cycle(SystemRandom().sample(PORTS, len(PORTS)))


def free_port() -> int:
    """A loopback TCP port that nobody uses at this moment; never one that this process was given before.

    It lies below those that the system itself gives to connections, any of which could take it before the
    server that it is for listens there.
    """
    tried = islice(_shuffled_ports(), MOST_PORTS_TRIED)
    if port := next(filter(port_free, tried), None):
        return port
    raise StackError(f"none of {MOST_PORTS_TRIED} ports on {LOOPBACK} is free; end what uses them")


def port_free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            listener.bind((LOOPBACK, port))
            return True
    return False
