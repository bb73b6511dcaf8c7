"""The source tree is what is deployed: one installable package and the rest beside it."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import services
import workflows
from tests.architecture.source_tree import CODE, ROOT, project_files, python_files

PACKAGES = sorted({path.parent for path in python_files(*CODE)})
GRAB_BAGS = {"util", "utils", "helper", "helpers", "common", "shared", "misc", "manager", "base"}
NAMED_AFTER_PEOPLE = {Path("services/web/routes/manager.py")}  # the managers' page
LONGEST_PURPOSE = 200  # characters
MACHINE_PATH = re.compile(r"(?<![\w.}>-])/(?:work|root)/")


def test_services_and_workflows_are_imported_from_the_tree() -> None:
    assert [services.__file__, workflows.__file__] == [
        str(ROOT / "services" / "__init__.py"),
        str(ROOT / "workflows" / "__init__.py"),
    ]


def test_the_wheel_holds_overturn_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["overturn"]


def test_the_package_cannot_be_published_by_mistake() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_package_says_what_it_is(folder: Path) -> None:
    if folder.name == "versions":  # alembic finds migrations by file, not by import
        return
    purpose = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert purpose, "a package's docstring says what comes in and what goes out"
    assert purpose.endswith(".")
    assert "\n\n" not in purpose
    assert len(purpose) <= LONGEST_PURPOSE


def test_no_module_is_a_grab_bag() -> None:
    named_so = {
        path.relative_to(ROOT)
        for path in python_files(*CODE)
        if GRAB_BAGS & {path.stem, *path.relative_to(ROOT).parts}
    }
    assert named_so == NAMED_AFTER_PEOPLE


def test_no_file_names_a_place_on_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert not found


@pytest.mark.parametrize(
    ("line", "names_a_place"),
    [
        ("see " + "/" + "work/shared/notes.md", True),
        ('"' + "/" + "root/.cache/tool" + '"', True),
        ("services/network/work_list.py", False),
        ("overturn/rulebook/work.py", False),
    ],
)
def test_a_place_on_a_machine_is_noticed(line: str, names_a_place: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is names_a_place
