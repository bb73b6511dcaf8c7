"""The source tree as the architecture tests read it: its files, and what each Python file imports."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("overturn", "services", "workflows")
SEEN_THOUGH_HIDDEN = {".ci", ".gitignore", ".github", ".dockerignore"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that belongs to the project: caches, environments and running stacks do not."""
    return tuple(_project_files())


def _project_files() -> Iterator[Path]:
    waiting = [ROOT]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in SEEN_THOUGH_HIDDEN
            if hidden or path.name == "__pycache__" or path.suffix == ".egg-info":
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path


def python_files(*tops: str) -> list[Path]:
    """The Python files under these top-level folders, in order."""
    return sorted(path for top in tops for path in (ROOT / top).rglob("*.py"))


def module_of(path: Path) -> str:
    """`services/web/app.py` is `services.web.app`, `overturn/db/__init__.py` is `overturn.db`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_modules(source: str) -> list[str]:
    """Every module that a source names; of `from a import b`, `a.b`, whether it is a module or not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{name.name}" for name in node.names]
    return found
