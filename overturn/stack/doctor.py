"""What is missing on this machine, and the way out, in one line each."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from overturn.settings import SECRETS_FILE, Settings, given_port, given_settings
from overturn.stack import kafka, postgres, temporal
from overturn.stack.cache import cache_folder
from overturn.stack.part import StackError, port_free
from overturn.stack.state import read_state

OLDEST_PYTHON = (3, 11)
OLDEST_JAVA = 17
FREE_BYTES = 1_000_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Finding(BaseModel):
    """One thing looked at; `needed_for` says whose loss it is, `remedy` is empty when all is well."""

    name: str
    needed_for: Literal["stack", "tests"]
    found: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.remedy


def examine(home: Path) -> list[Finding]:
    """Everything `overturn doctor` looks at, for the stack of this folder and for the tests."""
    return [
        _python(),
        _part("postgres", "database_url", lambda: str(postgres.packaged_binaries())),
        _part("kafka", "kafka_bootstrap_servers", lambda: str(kafka.tansu_binary())),
        _part("temporal", "temporal_address", _temporal),
        *(_port(home, name) for name in ("web", "ingest")),
        _disk(home),
        _clock(),
        _secrets(home),
        _java(),
        _tool("maven", ("mvn",)),
        _tool("chromium", BROWSERS),
        _tool("poppler", ("pdftotext",)),
        *(_jars(name) for name in ("kafka", "temporal-test-server")),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    remedy = "" if sys.version_info >= OLDEST_PYTHON else "install Python 3.11 or newer, then `make setup`"
    return Finding(name="python", needed_for="stack", found=version, remedy=remedy)


def _part(name: str, setting: str, find: Callable[[], str]) -> Finding:
    """A part that the environment gives is not looked for here; `overturn status` asks it itself."""
    if setting in given_settings():
        return Finding(name=name, needed_for="stack", found=f"given by OVERTURN_{setting.upper()}")
    try:
        return Finding(name=name, needed_for="stack", found=find())
    except StackError as missing:
        return Finding(name=name, needed_for="stack", found="missing", remedy=str(missing))


def _temporal() -> str:
    if program := temporal.find_temporal():
        return str(program)
    if shutil.which("go"):
        return "not here yet; downloaded or built with Go at the first `overturn up` (5 to 10 minutes)"
    return "not here yet; downloaded at the first `overturn up`"


def _port(home: Path, name: str) -> Finding:
    if (running := read_state(home)) is not None:
        own = f"{running.settings[f'{name}_port']} is used by the stack that runs here"
        return Finding(name=f"{name} port", needed_for="stack", found=own)
    fixed = given_port(name)
    port = fixed or Settings.model_fields[f"{name}_port"].default
    free = port_free(port)
    remedy = f"free port {port} or set OVERTURN_{name.upper()}_PORT to another one" if fixed else ""
    found = f"{port} is free" if free else f"{port} is in use" + ("" if fixed else ", another one is taken")
    if free:
        remedy = ""
    return Finding(name=f"{name} port", needed_for="stack", found=found, remedy=remedy)


def _disk(home: Path) -> Finding:
    folder = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    remedy = "" if free > FREE_BYTES else f"make room: 1 GB is needed in {folder}"
    return Finding(name="disk", needed_for="stack", found=f"{free / FREE_BYTES:.1f} GB free", remedy=remedy)


def _clock() -> Finding:
    """Deadlines are counted from today: a clock that is behind the program's own files is wrong."""
    now = datetime.now(UTC)
    installed = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    remedy = "" if now > installed else "set the clock: it is behind the date of the installed files"
    return Finding(name="clock", needed_for="stack", found=now.isoformat(timespec="seconds"), remedy=remedy)


def _secrets(home: Path) -> Finding:
    path = home / SECRETS_FILE
    if not path.exists():
        return Finding(name="secrets", needed_for="stack", found="made at the first `overturn up`")
    private = path.stat().st_mode & 0o077 == 0
    remedy = "" if private else f"others may read the keys: chmod 600 {path}"
    return Finding(name="secrets", needed_for="stack", found=str(path), remedy=remedy)


def _java() -> Finding:
    java = shutil.which("java")
    said = (
        subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
    )
    version = re.search(r'version "(\d+)', said)
    good = version is not None and int(version[1]) >= OLDEST_JAVA
    remedy = "" if good else f"install Java {OLDEST_JAVA} or newer, or run `make test-tools` as root"
    return Finding(name="java", needed_for="tests", found=version[1] if version else "missing", remedy=remedy)


def _tool(name: str, programs: tuple[str, ...]) -> Finding:
    found = next(filter(None, map(shutil.which, programs)), None)
    remedy = "" if found else f"install {name}, or run `make test-tools` as root"
    return Finding(name=name, needed_for="tests", found=found or "missing", remedy=remedy)


def _jars(name: str) -> Finding:
    folder = cache_folder() / name / "jars"
    there = folder.is_dir() and any(folder.iterdir())
    remedy = "" if there else "run `make test-tools`"
    return Finding(
        name=f"{name} jars", needed_for="tests", found=str(folder) if there else "missing", remedy=remedy
    )
