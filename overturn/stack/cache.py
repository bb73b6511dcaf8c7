"""Where downloaded and built programs are kept, for every project folder of this user."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/overturn`, or `~/.cache/overturn`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "overturn"


def cached_program(name: str) -> Path:
    """The place of one program; it may not be there yet."""
    return cache_folder() / "bin" / name
