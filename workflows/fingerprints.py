"""What each workflow, and what it is made of, asks of Temporal, in the order of the source: a running case
depends on it.

`python -m workflows.fingerprints` writes `fingerprints.json`; `tests/replay/test_fingerprints.py` compares.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent
COMMITTED: Final = ROOT / "fingerprints.json"

COMMANDS: Final = frozenset(
    {
        "execute_activity",
        "execute_activity_method",
        "start_activity",
        "start_activity_method",
        "execute_local_activity",
        "execute_local_activity_method",
        "execute_child_workflow",
        "start_child_workflow",
        "get_external_workflow_handle",
        "sleep",
        "patched",
        "deprecate_patch",
        "upsert_search_attributes",
        "continue_as_new",
    }
)


def take_fingerprints(root: Path = ROOT) -> dict[str, list[str]]:
    """Class or module to its commands, each as `function: command(first argument)`.

    A class has those of its methods, wherever it is inherited; a module, named `folder.module`, those of the
    functions outside its classes.
    """
    found = {}
    for path in sorted(root.rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
        named = {".".join(path.relative_to(root).with_suffix("").parts): module}
        for name, scope in (named | {node.name: node for node in classes}).items():
            if commands := list(_commands(scope)):
                found[name] = commands
    return dict(sorted(found.items()))


def _commands(scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for function in scope.body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
                if (command := _command(call)) is not None:
                    yield f"{function.name}: {command}"


def _command(call: ast.Call) -> str | None:
    """`execute_activity_method(DenialCaseActivities.prepare_case)`; None for any other call."""
    called = ast.unparse(call.func)
    if called == "workflow.wait_condition" and any(word.arg == "timeout" for word in call.keywords):
        return "wait_condition(timeout)"  # starts a timer; without a timeout it leaves no trace
    module, _, name = called.rpartition(".")
    if module != "workflow" or name not in COMMANDS:
        return None
    named = name.endswith(("activity", "activity_method", "workflow", "patched", "patch"))
    return f"{name}({ast.unparse(call.args[0]) if named and call.args else ''})"


def main() -> None:
    COMMITTED.write_text(json.dumps(take_fingerprints(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
