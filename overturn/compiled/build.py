"""Compile the reader's hot modules with mypyc: `python -m overturn.compiled.build`.

Nothing is to be done where the build is there; where mypyc or a C compiler is missing, it says so, and
Python runs the sources."""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from overturn.compiled import BUILDS, GROUP, MODULES, PURE, ROOT, current_build

_SETUP: Final = """
from mypyc.build import mypycify
from setuptools import setup

setup(name={group!r}, packages=[], ext_modules=mypycify({arguments!r}, opt_level="3", group_name={group!r}))
"""
_FLAGS: Final = (
    "-fno-plt"  # calls into Python go straight, past a table that the processor would have to hold
)
_MYPY_OPTIONS: Final = ("--config-file=", "--explicit-package-bases", "--follow-imports=silent", "--strict")


def main() -> int:
    """Build, and answer 0 unless the compiler fails on what it should be able to compile."""
    build = current_build()
    if build.is_dir():
        return 0
    if missing := _missing_tool():
        _say(f"{missing} is missing; X12 files are read without compiled modules, at half the speed")
        return 0
    _say("compiling the X12 reader")
    with tempfile.TemporaryDirectory() as folder:
        done = _compile(Path(folder))
        if done.returncode:
            _say(f"mypyc failed; X12 files are read without compiled modules\n{done.stdout}{done.stderr}")
            return 1
        shutil.rmtree(BUILDS, ignore_errors=True)
        _move(Path(folder), build)
    return 0


def with_constructors(source: str) -> str:
    """The module with each dataclass's constructor written out: mypyc compiles methods that it can see, and
    would leave those that `dataclass` makes to the interpreter."""
    tree = ast.parse(source)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_dataclass(node)]
    for node in classes:
        annotated = [field for field in node.body if isinstance(field, ast.AnnAssign)]
        node.decorator_list = [ast.Name("dataclass", ast.Load())]
        node.body.append(_constructor(annotated))
        tree.body += _restored_types(node.name, annotated)
    return ast.unparse(ast.fix_missing_locations(tree))


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any(ast.unparse(decorator) == "dataclass(slots=True)" for decorator in node.decorator_list)


def _constructor(annotated: Iterable[ast.AnnAssign]) -> ast.stmt:
    parameters, body = ["self"], []
    for field in annotated:
        name, annotation = ast.unparse(field.target), ast.unparse(field.annotation)
        default = ast.unparse(field.value) if field.value else None
        if default == "field(default_factory=list)":
            parameters.append(f"{name}: {annotation} | None = None")
            body.append(f"self.{name} = [] if {name} is None else {name}")
        else:
            parameters.append(f"{name}: {annotation}" + (f" = {default}" if default else ""))
            body.append(f"self.{name} = {name}")
    lines = "\n    ".join(body)
    return ast.parse(f"def __init__({', '.join(parameters)}) -> None:\n    {lines}\n").body[0]


def _restored_types(name: str, annotated: Iterable[ast.AnnAssign]) -> list[ast.stmt]:
    types = ", ".join(f"{ast.unparse(f.target)!r}: {ast.unparse(f.annotation)}" for f in annotated)
    return ast.parse(
        f"from overturn.compiled import restore_types\nrestore_types({name}, {{{types}}})\n"
    ).body


def _missing_tool() -> str | None:
    if find_spec("mypyc") is None or find_spec("setuptools") is None:
        return "mypyc (of mypy) or setuptools"
    return None if shutil.which("cc") or shutil.which("gcc") else "a C compiler"


def _compile(folder: Path) -> subprocess.CompletedProcess[str]:
    """Compile in a copy of the package, so that the tree keeps its sources alone."""
    shutil.copytree(ROOT / "overturn", folder / "overturn", ignore=shutil.ignore_patterns("__pycache__"))
    paths = [f"{module.replace('.', '/')}.py" for module in MODULES]
    for path in paths:
        source = folder / path
        source.write_text(with_constructors(source.read_text(encoding="utf-8")), encoding="utf-8")
    script = folder / "setup.py"
    script.write_text(_SETUP.format(group=GROUP, arguments=[*_MYPY_OPTIONS, *paths]), encoding="utf-8")
    command = [sys.executable, str(script), "--quiet", "build_ext", "--inplace"]
    environment = {**os.environ, PURE: "1", "CFLAGS": _FLAGS}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _move(folder: Path, build: Path) -> None:
    """Keep the extension modules only, all at once: a build that is there is complete."""
    draft = Path(tempfile.mkdtemp(dir=_made(BUILDS)))
    for extension in [*folder.glob("*.so"), *(folder / "overturn").rglob("*.so")]:
        shutil.copy2(extension, _made(draft / extension.relative_to(folder).parent))
    draft.chmod(0o755)
    draft.replace(build)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say(text: str) -> None:
    sys.stderr.write(f"setup: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
