"""What code inside the workflow sandbox may import: nothing heavy, nothing that reads a clock or a disk."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOW_FILES = sorted((ROOT / "workflows").glob("*/workflow.py"))

FREE = {"temporalio", "pydantic"}
CLOCKS_AND_CHANCE = {"os", "random", "secrets", "socket", "subprocess", "threading", "time"}
OURS_BY_PREFIX = ("overturn.domain.",)
OURS = {"overturn.temporal.search_attributes"}


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported; `from package import module` counts as the module where it is one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports are not used here"
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if source_of(inner).exists() else str(node.module)


def source_of(module: str) -> Path:
    return ROOT / Path(*module.split(".")).with_suffix(".py")


def is_free(module: str) -> bool:
    top = module.split(".", maxsplit=1)[0]
    in_library = top in sys.stdlib_module_names and top not in CLOCKS_AND_CHANCE
    return in_library or top in FREE or module in OURS or module.startswith(OURS_BY_PREFIX)


def is_activities(module: str) -> bool:
    return module.startswith("workflows.") and module.endswith(".activities")


def sandboxed_modules(workflow_file: Path) -> Iterator[tuple[Path, str]]:
    """Each import of the workflow and of our modules it leads to, with the file it stands in. Activities are
    where it ends: the workflow only names them."""
    seen: set[Path] = set()
    waiting = [workflow_file]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        for module in imports(ast.parse(path.read_text())):
            yield path, module
            source = source_of(module)
            if module.startswith("workflows.") and not is_activities(module) and source not in seen:
                waiting.append(source)


def test_there_is_a_workflow_to_check() -> None:
    assert WORKFLOW_FILES


@pytest.mark.parametrize("path", WORKFLOW_FILES, ids=lambda path: path.parent.name)
def test_sandboxed_code_imports_nothing_heavy(path: Path) -> None:
    refused = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file, module in sandboxed_modules(path)
        if not is_free(module) and not module.startswith("workflows.")
    ]
    assert not refused


@pytest.mark.parametrize("path", WORKFLOW_FILES, ids=lambda path: path.parent.name)
def test_activities_are_imported_only_by_workflows(path: Path) -> None:
    importers = {file for file, module in sandboxed_modules(path) if is_activities(module)}
    assert importers <= set(WORKFLOW_FILES)


@pytest.mark.parametrize("path", WORKFLOW_FILES, ids=lambda path: path.parent.name)
def test_everything_of_ours_passes_through_the_sandbox(path: Path) -> None:
    tree = ast.parse(path.read_text())
    outside = [node for node in tree.body if not isinstance(node, ast.With)]
    ours = [m for node in outside for m in imports(node) if m.startswith(("overturn", "workflows"))]
    assert not ours
    blocks = [ast.unparse(node.items[0]) for node in tree.body if isinstance(node, ast.With)]
    assert blocks == ["workflow.unsafe.imports_passed_through()"]


@pytest.mark.parametrize(
    "line",
    [
        "import sqlmodel",
        "from overturn.db.tables import DenialCase",
        "from time import time",
        "import psycopg",
    ],
)
def test_a_heavy_import_is_noticed(line: str) -> None:
    assert not all(is_free(module) for module in imports(ast.parse(line)))
