"""The reader's hot modules as machine code, where they were built from exactly these sources."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from sysconfig import get_config_var
from types import ModuleType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILDS: Final = ROOT / ".compiled"
MODULES: Final = ("overturn.domain.remittance", "overturn.x12.values", "overturn.x12.claim_payment")
GROUP: Final = "overturn_compiled"
RUNTIME: Final = f"{GROUP}__mypyc"
"""The extension module that holds the code of all of them."""

PURE: Final = "OVERTURN_PURE_PYTHON"
"""Set to anything, this environment variable makes Python run the sources themselves."""


class CompiledFinder:
    """Finds the compiled modules in a build's folder, and nothing else."""

    def __init__(self, build: Path) -> None:
        self._build = build

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in MODULES and fullname != RUNTIME:
            return None
        folder = self._build.joinpath(*fullname.split(".")[:-1])
        return PathFinder.find_spec(fullname, [str(folder)], target)


def current_build() -> Path:
    """The folder of the build that fits this interpreter and these sources, whether it is there or not.
    One changed character in what is compiled, or in what that imports, leads to another folder."""
    sources = [*(ROOT / "overturn/domain").glob("remittance*.py"), *(ROOT / "overturn/x12").glob("*.py")]
    sources = sorted(sources)
    sources.append(Path(__file__).with_name("build.py"))
    fingerprint = sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    return BUILDS / f"{get_config_var('SOABI')}-{fingerprint}"


def use_if_built() -> None:
    """Prefer the compiled modules from now on, where there is a build of these sources."""
    if PURE in os.environ or not BUILDS.is_dir():
        return
    build = current_build()
    if build.is_dir():
        sys.meta_path.insert(0, CompiledFinder(build))


def in_use() -> bool:
    """Whether this process reads with the compiled modules."""
    return any(isinstance(finder, CompiledFinder) for finder in sys.meta_path)


def restore_types(made: Any, types: Mapping[str, Any]) -> None:
    """Give a compiled dataclass what its source would have, mypyc leaves out, and pydantic reads."""
    made.__slots__ = tuple(types)
    made.__annotations__.update(types)
    for field in fields(made):
        field.type = types[field.name]
