"""The compiled reader is made of these sources, found only where it fits them, and reads as they do."""

import ast
import inspect
import os
import shutil
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import overturn.domain.remittance
from overturn import compiled
from overturn.compiled import build

ROOT = Path(__file__).parents[3]
SOURCE = (ROOT / "overturn/domain/remittance.py").read_text(encoding="utf-8")
MODULE = overturn.domain.remittance
CLASSES = [
    c
    for c in vars(MODULE).values()
    if inspect.isclass(c) and is_dataclass(c) and c.__module__ == MODULE.__name__
]


@pytest.fixture(scope="module")
def constructors() -> dict[str, ast.FunctionDef]:
    """The constructor written for each class, by the class's name."""
    tree = ast.parse(build.with_constructors(SOURCE))
    return {
        node.name: next(s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__")
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


@pytest.mark.parametrize("made", CLASSES, ids=lambda made: made.__name__)
def test_a_written_constructor_takes_the_fields_in_their_order(
    made: type, constructors: dict[str, ast.FunctionDef]
) -> None:
    parameters = [argument.arg for argument in constructors[made.__name__].args.args]
    assert parameters == ["self", *(field.name for field in fields(made))]


def test_a_list_left_out_is_a_new_one_for_each_instance() -> None:
    source = "@dataclass(slots=True)\nclass Claim:\n    lines: list[str] = field(default_factory=list)\n"
    assert "self.lines = [] if lines is None else lines" in build.with_constructors(source)


def test_a_changed_character_leads_to_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "overturn/x12", tmp_path / "overturn/x12")
    (tmp_path / "overturn/domain").mkdir()
    (tmp_path / "overturn/domain/remittance.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setattr(compiled, "ROOT", tmp_path)
    before = compiled.current_build()
    with (tmp_path / "overturn/x12/values.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert compiled.current_build() != before


def test_without_a_compiler_the_sources_do_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "current_build", lambda: tmp_path / "absent")
    assert build.main() == 0
    assert "a C compiler is missing" in capsys.readouterr().err


def test_only_the_compiled_modules_are_looked_for_in_a_build(tmp_path: Path) -> None:
    finder = compiled.CompiledFinder(tmp_path)
    assert finder.find_spec("overturn.x12.envelope", None) is None
    assert finder.find_spec("overturn.x12.values", None) is None  # the folder is empty


@pytest.mark.slow
def test_the_readers_own_tests_pass_in_the_form_this_process_does_not_use() -> None:
    """Compiled where a compiler is, as everywhere else in the suite; so the sources are tried here."""
    python, sources = [sys.executable, "-W", "error"], compiled.in_use()
    assert not subprocess.run([*python, "-m", "overturn.compiled.build"], cwd=ROOT, check=False).returncode
    environment = {name: value for name, value in os.environ.items() if name != compiled.PURE}
    environment |= {compiled.PURE: "1"} if sources else {}
    in_use = subprocess.run(
        [*python, "-c", "import overturn.x12.values as v; print(v.__file__)"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert in_use.stdout.strip().endswith(".py" if sources else ".so")
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/x12"]
    done = subprocess.run(
        [*python, *tests], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout[-4000:]
